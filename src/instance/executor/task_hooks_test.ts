import { expect, test } from "bun:test";
import { createTickTuple, type IBolt, type ISpout, type ITaskHook } from "../../api/mod.ts";
import { placeOf } from "../../../tests/support/onlookers.ts";
import { TaskHooks } from "./task_hooks.ts";

const TUPLE = createTickTuple();

function hooksOf(nowMs: () => number, ...hooks: readonly ITaskHook[]): TaskHooks {
  const taskHooks = new TaskHooks({ taskId: 5, nowMs });
  for (const hook of hooks) taskHooks.add(hook);
  return taskHooks;
}

test("TaskHooks times what a bolt does, also while its promise is open", async () => {
  let nowMs = 0;
  const told: unknown[] = [];
  const hooks = hooksOf(() => nowMs, {
    boltExecute: ({ executeLatencyMs }) => void told.push(["execute", executeLatencyMs]),
    boltAck: ({ processLatencyMs }) => void told.push(["ack", processLatencyMs]),
    boltFail: ({ failLatencyMs }) => void told.push(["fail", failLatencyMs]),
  });
  const opened = Promise.withResolvers<void>();
  const bolt = hooks.bolt({ execute: (): Promise<void> => opened.promise });
  const executed = bolt.execute(TUPLE);
  nowMs = 4;
  hooks.acked(TUPLE);
  hooks.failed(TUPLE);
  nowMs = 9;
  expect(told).toEqual([["ack", 4], ["fail", 4]]);
  opened.resolve();
  await executed;
  expect(told.at(-1)).toEqual(["execute", 9]);
});

test("TaskHooks times a spout's tuples from their emit, and tells why one failed", () => {
  let nowMs = 0;
  const told: unknown[] = [];
  const hooks = hooksOf(() => nowMs, {
    spoutAck: (info) => void told.push(info),
    spoutFail: (info) => void told.push(info),
  });
  const spout: ISpout = hooks.spout({ nextTuple() {} });
  for (const messageId of ["a", "b"]) {
    hooks.watchEmit({ stream: "default", values: [], messageId, tasks: [] });
    nowMs += 10;
  }
  spout.ack?.("b");
  spout.fail?.("a", "timeout");
  expect(told).toEqual([
    { messageId: "b", spoutTaskId: 5, completeLatencyMs: 10 },
    { messageId: "a", spoutTaskId: 5, failLatencyMs: 20, reason: "timeout" },
  ]);
});

test("TaskHooks prepares hooks in turn, and cleans them up before their bolt", async () => {
  const order: string[] = [];
  const hook = (name: string, isAsync: boolean) => ({
    async prepare(): Promise<void> {
      if (isAsync) await Promise.resolve();
      order.push(`prepare ${name}`);
    },
    cleanup: () => void order.push(`clean ${name}`),
  });
  const hooks = hooksOf(() => 0, hook("a", true), hook("b", false));
  const bolt: IBolt = hooks.bolt({ execute() {}, cleanup: () => void order.push("clean bolt") });
  const { topology } = placeOf({ name: "t", config: {}, components: [] });
  // Neither hook looks at its context.
  await hooks.prepare(topology.config, undefined as never);
  await bolt.cleanup?.();
  expect(order).toEqual(["prepare a", "prepare b", "clean a", "clean b", "clean bolt"]);
});

test("TaskHooks close a component whatever its hooks throw, and tell the first failure", async () => {
  const order: string[] = [];
  const thrower = (name: string) => ({
    cleanup: () => {
      order.push(name);
      throw new Error(`broken ${name}`);
    },
  });
  const hooks = hooksOf(() => 0, thrower("a"), { cleanup: () => void order.push("b") });
  const spout = hooks.spout({
    nextTuple() {},
    close: () => {
      order.push("spout");
      throw new Error("broken spout");
    },
  });
  let thrown: unknown;
  try {
    await spout.close?.();
  } catch (error) {
    thrown = error;
  }
  expect(order).toEqual(["a", "b", "spout"]);
  expect(thrown).toEqual(new Error("broken a"));
});
