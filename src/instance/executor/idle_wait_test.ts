import { expect, test } from "bun:test";
import type { ConfigMap } from "../../api/mod.ts";
import { CountedWait, createSpoutWait, IdleWait } from "./idle_wait.ts";

test("IdleWait waits a sixteenth of the time without input, within its limits", () => {
  const wait = new IdleWait({ minMs: 1, maxMs: 20 });
  expect([1000, 1016, 1032, 1160, 1320, 9000].map((nowMs) => wait.next(nowMs))).toEqual(
    [1, 1, 2, 10, 20, 20],
  );
});

test("IdleWait begins anew when there was something", () => {
  const wait = new IdleWait({ minMs: 1, maxMs: 20 });
  wait.next(0);
  expect(wait.next(500)).toBe(20);
  wait.end();
  expect(wait.next(501)).toBe(1);
  expect(wait.next(565)).toBe(4);
});

test("IdleWait keeps the least where it is more than the most", () => {
  const wait = new IdleWait({ minMs: 50, maxMs: 20 });
  expect([0, 10_000].map((nowMs) => wait.next(nowMs))).toEqual([50, 50]);
});

const LIMITS = { minMs: 1, maxMs: 50 };

function waitsOf(config: ConfigMap, times: readonly number[]): number[] {
  const wait = createSpoutWait(config, LIMITS);
  return times.map((nowMs) => wait.next(nowMs));
}

test("createSpoutWait() grows by itself, and waits as Storm's strategies where they are named", () => {
  const times = [0, 160, 320];
  expect(waitsOf({}, times)).toEqual([1, 10, 20]);
  const key = "topology.spout.wait.strategy";
  const sleepKey = "topology.sleep.spout.wait.strategy.time.ms";
  expect(waitsOf({ [key]: "sleep" }, times)).toEqual([1, 1, 1]);
  expect(waitsOf({ [key]: "sleep", [sleepKey]: 7 }, times)).toEqual([7, 7, 7]);
  const storms = "org.apache.storm.spout.SleepSpoutWaitStrategy";
  expect(waitsOf({ [key]: storms, [sleepKey]: 2 }, times)).toEqual([2, 2, 2]);
  expect(waitsOf({ [key]: "progressive" }, times)).toEqual([1, 1, 1]);
  expect(waitsOf({
    [key]: "org.apache.storm.policy.WaitStrategyProgressive",
    "topology.spout.wait.progressive.level1.count": 1,
    "topology.spout.wait.progressive.level2.count": 1,
    "topology.spout.wait.progressive.sleep.millis": 9,
  }, times)).toEqual([0, 0, 9]);
});

test("CountedWait begins anew when there was something", () => {
  const wait = new CountedWait({ waitless: 1, sleepMs: 5 });
  expect([wait.next(), wait.next()]).toEqual([0, 5]);
  wait.end();
  expect(wait.next()).toBe(0);
});
