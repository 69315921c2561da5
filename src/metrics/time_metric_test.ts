import { expect, test } from "bun:test";
import { ManualClock } from "../base/mod.ts";
import { TimeMetric } from "./time_metric.ts";

test("TimeMetric adds up periods, one that runs included, each millisecond once", () => {
  const clock = new ManualClock();
  const time = new TimeMetric(clock);
  clock.jump(5);
  expect(time.take()).toBe(0);
  time.start();
  clock.jump(10);
  time.stop();
  clock.jump(100);
  time.start();
  clock.jump(7);
  expect(time.take()).toBe(17);
  clock.jump(3);
  expect(time.take()).toBe(3);
});

test("TimeMetric takes a second start and a second stop for the first", () => {
  const clock = new ManualClock();
  const time = new TimeMetric(clock);
  time.stop();
  time.start();
  clock.jump(4);
  time.start();
  clock.jump(4);
  time.stop();
  time.stop();
  expect(time.take()).toBe(8);
});

test("TimeMetric keeps fractions of a millisecond for the next export", () => {
  const clock = new ManualClock();
  const time = new TimeMetric(clock);
  const taken: number[] = [];
  time.start();
  for (let turn = 0; turn < 4; turn++) {
    clock.jump(0.75);
    taken.push(time.take());
  }
  expect(taken).toEqual([0, 1, 1, 1]);
});
