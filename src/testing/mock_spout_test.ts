/** What a test emits goes to the tasks in turn, or where it says, and ends when there is no more. */

import { expect, test } from "bun:test";
import type { SpoutOutputCollector, TopologyContext } from "../api/mod.ts";
import { MockInput, MockSpout } from "./mock_spout.ts";
import { PlannedFaults } from "./planned_faults.ts";
import { Records } from "./records.ts";
import { seedOfProcess } from "./seed.ts";

test("MockInput.add() deals tuples to the tasks in turn, and gives those that are followed an id", () => {
  const input = new MockInput(2, true);
  for (const text of ["a", "b", "c"]) input.add([text]);
  input.add({ values: ["d"], stream: "late", messageId: "id", taskIndex: 1 });
  expect(input.take(0)).toEqual({ stream: "default", values: ["a"], messageId: 0 });
  expect(input.take(0)).toEqual({ stream: "default", values: ["c"], messageId: 2 });
  expect(input.take(0)).toBeUndefined();
  expect(input.isWaiting).toBe(true);
  expect(input.take(1)?.messageId).toBe(1);
  expect(input.take(1)).toEqual({ stream: "late", values: ["d"], messageId: "id" });
  expect(input.isWaiting).toBe(false);
  expect(() => input.add({ values: [], taskIndex: 2 })).toThrow("task index 2, expected 0 to 1");
});

test("MockInput.add() gives no id to tuples that nobody follows", () => {
  const input = new MockInput(1, false);
  input.add(["a"]);
  expect(input.take(0)?.messageId).toBeUndefined();
});

test("MockSpout emits what there is and ends when there will be no more", () => {
  const calls: unknown[] = [];
  const collector: Partial<SpoutOutputCollector> = {
    emit: (...args: unknown[]) => (calls.push(args), []),
    end: () => void calls.push("end"),
  };
  const context: Partial<TopologyContext> = { getThisTaskIndex: () => 0 };
  const input = new MockInput(1, true);
  const spout = new MockSpout(input);
  // It asks for no more than these have.
  spout.open({}, context as TopologyContext, collector as SpoutOutputCollector);
  spout.nextTuple();
  input.add(["a"]);
  spout.nextTuple();
  spout.nextTuple();
  expect(calls).toEqual([["default", ["a"], 0]]);
  input.hasEnded = true;
  spout.nextTuple();
  expect(calls.at(-1)).toBe("end");
});

test("PlannedFaults hands failures out one by one", () => {
  const faults = new PlannedFaults();
  expect(faults.takeFail("bolt")).toBe(false);
  faults.fail("bolt", 1);
  faults.fail("bolt", 1);
  expect([1, 2, 3].map(() => faults.takeFail("bolt"))).toEqual([true, true, false]);
  faults.delay("bolt", 5);
  expect([faults.delayMs("bolt"), faults.delayMs("other")]).toEqual([5, 0]);
});

test("Records.heard() tells failures from acks, and both are activity", () => {
  const records = new Records();
  const done = { component: "a", task: 1, taskIndex: 0, messageId: 7, atMs: 0 };
  records.heard(done, undefined);
  records.heard(done, "timeout");
  expect(records.acked).toEqual([done]);
  expect(records.failed).toEqual([{ ...done, reason: "timeout" }]);
  expect(records.activity).toBe(2);
});

test("seedOfProcess() is 1 unless the runner has set another", () => {
  expect(seedOfProcess()).toBe(1);
  Reflect.set(globalThis, Symbol.for("heron-bin.test_seed"), 9);
  expect(seedOfProcess()).toBe(9);
  Reflect.deleteProperty(globalThis, Symbol.for("heron-bin.test_seed"));
});
