import { expect, test } from "bun:test";
import { ManualClock } from "../../base/mod.ts";
import { MetricRegistry } from "../../metrics/mod.ts";
import { CALL_WORD, METHODS, type UserMethod } from "../bridge.ts";
import { CallWatch, registerCallMetrics } from "./call_watch.ts";

/** A watch of an executor that does what the test says, looked at each 100 ms. */
function watched() {
  const words = new Int32Array(5);
  function grow(word: number): void {
    words[word] = (words[word] ?? 0) + 1;
  }
  let nowMs = 0;
  let isKept = false;
  const watch = new CallWatch({
    words,
    warnMs: 800,
    ring() {
      if (!isKept) grow(CALL_WORD.turns);
    },
  });
  return {
    watch,
    words,
    /** Time passes; returns what was told, with when. */
    pass(ms: number): string[] {
      const told: string[] = [];
      for (const endMs = nowMs + ms; nowMs < endMs;) {
        nowMs += 100;
        for (const { code, message, isOver } of watch.look(nowMs)) {
          told.push(`${nowMs} ${isOver ? "over" : code}: ${message}`);
        }
      }
      return told;
    },
    /** The thread stands still for everybody. */
    freeze: (ms: number) => void (nowMs += ms),
    enter(method: UserMethod): void {
      isKept = true;
      grow(CALL_WORD.turns);
      words[CALL_WORD.inside] = METHODS.indexOf(method);
    },
    leave(): void {
      isKept = false;
      words[CALL_WORD.inside] = 0;
      grow(CALL_WORD.turns);
    },
    await(method: UserMethod): void {
      words[CALL_WORD.pending] = METHODS.indexOf(method);
      grow(CALL_WORD.serial);
    },
    excuse: (is: boolean) => void (words[CALL_WORD.excused] = is ? 1 : 0),
    keep: () => void (isKept = true),
  };
}

test("CallWatch has nothing to tell of an idle executor, nor of one with many short calls", () => {
  const { pass, await: begin } = watched();
  expect(pass(5000)).toEqual([]);
  for (let call = 0; call < 50; call++) {
    begin("execute");
    expect(pass(500)).toEqual([]);
  }
});

test("CallWatch tells of a call that keeps its thread, again when it took twice as long, and of its return", () => {
  const { watch, pass, enter, leave } = watched();
  pass(1000);
  enter("execute");
  expect(pass(2000)).toEqual([
    "1900 call_blocked: has not returned from execute for 0.8 s, and keeps the task's thread",
    "2700 call_blocked: has not returned from execute for 1.6 s, and keeps the task's thread",
  ]);
  expect(watch.openMs).toBe(1900);
  leave();
  expect(pass(1000)).toEqual(["3100 over: execute has returned after 2.0 s"]);
  expect(watch.openMs).toBe(0);
  expect([...watch.slowCalls]).toEqual([["execute", 1]]);
});

test("CallWatch tells of a promise that stays open, and of code outside of any call", () => {
  const { words, pass, await: begin, keep, leave } = watched();
  begin("prepare");
  expect(pass(1000)).toEqual([
    "900 call_pending: the promise of prepare has been open for 0.8 s",
  ]);
  words[CALL_WORD.pending] = 0;
  expect(pass(500)).toEqual(["1100 over: prepare has returned after 1.0 s"]);
  keep();
  expect(pass(1200).map((line) => line.replace(/^\d+ /, ""))).toEqual([
    "call_blocked: user code outside of any call (a timer, a promise) has kept the task's thread for 0.8 s",
  ]);
  leave();
  expect(pass(200).map((line) => line.replace(/^\d+ /, ""))).toEqual([
    expect.stringMatching(/^over: user code outside of any call has returned after 1\.\d s$/),
  ]);
});

test("CallWatch does not count time in which a call waits for credit, or this thread stood still", () => {
  const { pass, enter, excuse, freeze } = watched();
  pass(100);
  enter("nextTuple");
  pass(400);
  excuse(true);
  expect(pass(5000)).toEqual([]);
  excuse(false);
  freeze(5000);
  expect(pass(100)).toEqual([]);
  expect(pass(400).length).toBe(1);
});

test("registerCallMetrics() shows the open call and counts those that were open for long", () => {
  const { watch, pass, enter } = watched();
  const registry = new MetricRegistry(new ManualClock());
  registerCallMetrics(registry, watch);
  const shown = () =>
    Object.fromEntries(registry.collect().map(({ name, value }) => [name, value]));
  expect(shown()).toEqual({ "__open-call-ms": "0" });
  pass(1000);
  enter("timer");
  pass(1000);
  expect(shown()).toEqual({ "__open-call-ms": "900", "__slow-call-count/timer": "1" });
});

test("CallWatch.end() says that what was told of is over, also where the marks do not say so yet", () => {
  const call = watched();
  expect(call.watch.end(0)).toEqual([]);
  call.await("execute");
  expect(call.pass(1000)).toHaveLength(1);
  const [over, ...more] = call.watch.end(1050);
  expect(over).toMatchObject({ code: "call_pending", isOver: true });
  expect(over?.message).toStartWith("execute has returned after ");
  expect(more).toEqual([]);
  expect(call.watch.end(1060)).toEqual([]);
});
