/** Tests of the wrapper that makes rich bolts of basic ones. */

import { expect, test } from "bun:test";
import { BasicBoltExecutor } from "./basic_bolt_executor.ts";
import type { IBasicBolt } from "./bolt.ts";
import type { BasicOutputCollector, OutputCollector } from "./collector.ts";
import type { TopologyContext } from "./context.ts";
import { FailedException, ReportedFailedException } from "./failed_exception.ts";
import { Fields } from "./fields.ts";
import { ListTuple } from "./list_tuple.ts";

// Nothing here asks the context anything.
const CONTEXT = {} as TopologyContext;

const TUPLE = new ListTuple(new Fields("n"), [1], { component: "a", stream: "default", task: 1 });

/** A collector that writes down its calls. */
function recorder(): { calls: unknown[][]; collector: OutputCollector } {
  const calls: unknown[][] = [];
  const record = (name: string) => (...args: unknown[]) => {
    calls.push([name, ...args]);
    return [9];
  };
  const collector: OutputCollector = {
    emit: record("emit"),
    emitDirect: record("emitDirect"),
    ack: record("ack"),
    fail: record("fail"),
    resetTimeout: record("resetTimeout"),
    reportError: record("reportError"),
    ready: () => Promise.resolve(void record("ready")()),
  };
  return { calls, collector };
}

function prepared(bolt: IBasicBolt): { calls: unknown[][]; executor: BasicBoltExecutor } {
  const { calls, collector } = recorder();
  const executor = new BasicBoltExecutor(bolt);
  executor.prepare({}, CONTEXT, collector);
  return { calls, executor };
}

test("execute() anchors every emit to the input, then acks it", async () => {
  const { calls, executor } = prepared({
    execute(_tuple, collector) {
      expect(collector.emit([1])).toEqual([9]);
      collector.emit("odd", [2]);
      collector.emitDirect(4, [3]);
      collector.emitDirect(4, "odd", [4]);
      collector.reportError("bad");
      return collector.ready();
    },
  });
  await executor.execute(TUPLE);
  expect(calls).toEqual([
    ["emit", TUPLE, [1]],
    ["emit", "odd", TUPLE, [2]],
    ["emitDirect", 4, TUPLE, [3]],
    ["emitDirect", 4, "odd", TUPLE, [4]],
    ["reportError", "bad"],
    ["ready"],
    ["ack", TUPLE],
  ]);
});

test("execute() acks at once when the bolt returns no promise", () => {
  const { calls, executor } = prepared({ execute() {} });
  expect(executor.execute(TUPLE)).toBeUndefined();
  expect(calls).toEqual([["ack", TUPLE]]);
});

test("execute() acks only when the bolt's promise has resolved", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { calls, executor } = prepared({ execute: () => promise });
  const pending = executor.execute(TUPLE);
  await Promise.resolve();
  expect(calls).toEqual([]);
  resolve();
  await pending;
  expect(calls).toEqual([["ack", TUPLE]]);
});

test("execute() fails the input on FailedException, thrown or rejected", async () => {
  const failure = new FailedException("no");
  const thrown = prepared({
    execute() {
      throw failure;
    },
  });
  thrown.executor.execute(TUPLE);
  expect(thrown.calls).toEqual([["fail", TUPLE]]);
  const rejected = prepared({ execute: () => Promise.reject(failure) });
  await rejected.executor.execute(TUPLE);
  expect(rejected.calls).toEqual([["fail", TUPLE]]);
});

test("execute() reports a ReportedFailedException and fails the input", () => {
  const failure = new ReportedFailedException("no");
  const { calls, executor } = prepared({
    execute() {
      throw failure;
    },
  });
  executor.execute(TUPLE);
  expect(calls).toEqual([["reportError", failure], ["fail", TUPLE]]);
});

test("execute() knows the FailedException of another copy of the API", () => {
  const foreign = Object.assign(new Error("no"), {
    [Symbol.for("heron-bin.failed_exception")]: false,
  });
  const { calls, executor } = prepared({
    execute() {
      throw foreign;
    },
  });
  executor.execute(TUPLE);
  expect(calls).toEqual([["fail", TUPLE]]);
});

test("execute() passes other exceptions on, neither acking nor failing", async () => {
  const bug = new Error("bug");
  const thrown = prepared({
    execute() {
      throw bug;
    },
  });
  expect(() => thrown.executor.execute(TUPLE)).toThrow(bug);
  const rejected = prepared({ execute: () => Promise.reject(bug) });
  await expect(rejected.executor.execute(TUPLE)).rejects.toBe(bug);
  expect([...thrown.calls, ...rejected.calls]).toEqual([]);
});

test("execute() refuses emits after the input was acked", () => {
  let kept: BasicOutputCollector | undefined;
  const { calls, executor } = prepared({
    execute(_tuple, collector) {
      kept = collector;
    },
  });
  executor.execute(TUPLE);
  expect(() => kept?.emit([1])).toThrow(/already acked or failed/);
  expect(() => kept?.emitDirect(1, [1])).toThrow(
    expect.objectContaining({ code: "collector_closed" }),
  );
  expect(calls).toEqual([["ack", TUPLE]]);
});

test("finish() emits unanchored and acks nothing", async () => {
  const { calls, executor } = prepared({
    execute() {},
    async finish(collector) {
      await collector.ready();
      collector.emit([1]);
      collector.emit("odd", [2]);
      collector.emitDirect(4, [3]);
      collector.emitDirect(4, "odd", [4]);
    },
  });
  await executor.finish();
  expect(calls).toEqual([
    ["ready"],
    ["emit", [1]],
    ["emit", "odd", [2]],
    ["emitDirect", 4, [3]],
    ["emitDirect", 4, "odd", [4]],
  ]);
});

test("The wrapper passes the other calls on and does without the optional ones", () => {
  const seen: unknown[] = [];
  const full = new BasicBoltExecutor({
    prepare: (config, context) => void seen.push(config, context),
    execute() {},
    cleanup: () => void seen.push("cleanup"),
    getComponentConfiguration: () => ({ a: 1 }),
  });
  const config = { x: true };
  full.prepare(config, CONTEXT, recorder().collector);
  full.cleanup();
  expect(seen).toEqual([config, CONTEXT, "cleanup"]);
  expect(full.getComponentConfiguration()).toEqual({ a: 1 });
  const bare = prepared({ execute() {} }).executor;
  expect(bare.finish()).toBeUndefined();
  expect(bare.cleanup()).toBeUndefined();
  expect(bare.getComponentConfiguration()).toEqual({});
});
