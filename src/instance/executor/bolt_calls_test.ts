import { expect, test } from "bun:test";
import {
  BaseBasicBolt,
  type BoltDeclarer,
  type IBolt,
  TopologyBuilder,
  type Tuple,
} from "../../api/mod.ts";
import {
  boltOf,
  type Execute,
  FOLLOWED,
  Line,
  Numbers,
} from "../../../tests/support/acked_line.ts";
import { HeronError } from "../../base/mod.ts";
import { backoffMs } from "./bolt_calls.ts";
import { failureOf } from "./failure.ts";

/** A promise that a test resolves. */
interface Gate {
  readonly number: number;
  open(): void;
  fail(error: Error): void;
}

/** A bolt whose calls end when the test says so; it passes on and acks then. */
function gatedBolt(gates: Gate[], more: Partial<IBolt> = {}): IBolt {
  const plain = boltOf(() => {}, more);
  let collector: Parameters<Execute>[1] | undefined;
  return {
    ...plain,
    prepare(_config, _context, given) {
      collector = given;
    },
    async execute(tuple: Tuple) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      gates.push({ number: tuple.getNumber(0), open: resolve, fail: reject });
      await promise;
      collector?.emit(tuple, [tuple.getNumber(0)]);
      collector?.ack(tuple);
    },
  };
}

/** Numbers → `bolt` → a bolt that acks and tells what it saw. */
function lineOf(
  spout: Numbers,
  bolt: IBolt | BaseBasicBolt,
  configure: (declarer: BoltDeclarer) => unknown,
): { readonly line: Line; readonly seen: number[] } {
  const seen: number[] = [];
  const builder = new TopologyBuilder("called");
  builder.setSpout("numbers", spout);
  configure(builder.setBolt("calls", bolt).shuffleGrouping("numbers"));
  builder.setBolt(
    "last",
    boltOf((tuple, collector) => {
      seen.push(tuple.getNumber(0));
      collector.ack(tuple);
    }),
  ).shuffleGrouping("calls");
  return {
    line: new Line(builder.createTopology({ ...FOLLOWED, "topology.message.timeout.secs": 1 })),
    seen,
  };
}

test("BoltCalls: so many calls are open as the concurrency allows, begun in order", async () => {
  const gates: Gate[] = [];
  const spout = new Numbers(10);
  const { line, seen } = lineOf(spout, gatedBolt(gates), (bolt) => bolt.setMaxConcurrency(4));
  await line.runAsync(10);
  expect(gates.map(({ number }) => number)).toEqual([0, 1, 2, 3]);
  gates[2]?.open();
  await line.runAsync(10);
  expect(gates.map(({ number }) => number)).toEqual([0, 1, 2, 3, 4]);
  expect([seen, spout.told]).toEqual([[2], ["ack 2"]]);
  for (let at = 0; at < 10; at++) {
    gates[at]?.open();
    await line.runAsync(5);
  }
  expect(seen).toEqual([2, 0, 1, 3, 4, 5, 6, 7, 8, 9]);
  expect(spout.told.length).toBe(10);
  await line.runAsync(20);
  expect(line.hasEnded).toBe(true);
});

test("BoltCalls: a batch's credit comes back when the last of its calls has settled", async () => {
  const gates: Gate[] = [];
  const { line } = lineOf(new Numbers(5), gatedBolt(gates), (bolt) => bolt.setMaxConcurrency(100));
  await line.runAsync(10);
  const held = () => line.tasks.get(2)?.core.intake?.heldBytes ?? 0;
  expect([gates.length, held() > 0]).toEqual([5, true]);
  const before = held();
  for (const gate of gates.slice(1)) gate.open();
  await line.runAsync(2);
  expect(held()).toBe(before);
  gates[0]?.open();
  await line.runAsync(2);
  expect(held()).toBe(0);
});

test("BoltCalls: flush and finish wait for open calls; what these emit comes before", async () => {
  const gates: Gate[] = [];
  const told: string[] = [];
  const bolt = gatedBolt(gates, {
    flush: () => void told.push("flush"),
    finish: () => void told.push("finish"),
  });
  const { line } = lineOf(new Numbers(3), bolt, (declarer) => declarer.setMaxConcurrency(8));
  await line.runAsync(20);
  expect([gates.length, told]).toEqual([3, []]);
  for (const gate of gates.slice(0, 2)) gate.open();
  await line.runAsync(20);
  expect(told).toEqual([]);
  gates[2]?.open();
  await line.runAsync(20);
  expect(told[0]).toBe("flush");
  expect(told.at(-1)).toBe("finish");
  expect(line.hasEnded).toBe(true);
});

test("BoltCalls: a tick takes its turn among the calls, and at most one waits", async () => {
  const calls: (() => void)[] = [];
  let ticks = 0;
  const bolt: IBolt = {
    execute(tuple) {
      if (tuple.getSourceStreamId() === "__tick") {
        ticks++;
        return;
      }
      const { promise, resolve } = Promise.withResolvers<void>();
      calls.push(resolve);
      return promise;
    },
    declareOutputFields: (declarer) => declarer.declare(["number"]),
  };
  const { line } = lineOf(
    new Numbers(2),
    bolt,
    (declarer) => declarer.setMaxConcurrency(2).setTickTupleFrequencyMs(30),
  );
  await line.runAsync(50);
  expect(calls.length).toBe(2);
  const before = ticks;
  await line.runAsync(50);
  // 500 ms with no room for a call: of all the ticks due, one comes when there is.
  expect(ticks).toBe(before);
  calls[0]?.();
  await line.runAsync(2);
  expect(ticks).toBe(before + 1);
});

test("BoltCalls: a basic bolt's calls are acked each as it resolves, and a crash names the tuple", async () => {
  const gates: Gate[] = [];
  class Slow extends BaseBasicBolt {
    override execute(tuple: Tuple): Promise<void> {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      gates.push({ number: tuple.getNumber(0), open: resolve, fail: reject });
      return promise;
    }
    override declareOutputFields(declarer: { declare(fields: string[]): void }): void {
      declarer.declare(["number"]);
    }
  }
  const spout = new Numbers(3);
  const { line } = lineOf(spout, new Slow(), (bolt) => bolt.setMaxConcurrency(3));
  await line.runAsync(10);
  gates[1]?.open();
  await line.runAsync(10);
  expect(spout.told).toEqual(["ack 1"]);
  gates[2]?.fail(new Error("no answer"));
  await Promise.resolve();
  await Promise.resolve();
  await Promise.resolve();
  await Promise.resolve();
  expect(() => line.run(2)).toThrow(
    "Execute a tuple (source: numbers, stream: default, [2]): Error: no answer",
  );
});

test("BoltCalls: a crash of one of several calls tells the user's own fault, at the user's line", async () => {
  const bolt = boltOf(() => {});
  async function failHere(): Promise<void> {
    await Promise.resolve();
    throw new HeronError("limit", "Look up an order: found no answer");
  }
  bolt.execute = failHere;
  const { line } = lineOf(new Numbers(1), bolt, (declarer) => declarer.setMaxConcurrency(2));
  let thrown: unknown;
  await line.runAsync(10).catch((error: unknown) => {
    thrown = error;
  });
  const { code, message, stack } = failureOf(thrown);
  expect([code, message]).toEqual([
    "limit",
    "Execute a tuple (source: numbers, stream: default, [0]): Look up an order: found no answer",
  ]);
  expect(stack).toContain("failHere");
});

test("BoltCalls: a timer that returns a promise is no progress where each call fails", async () => {
  const { line } = lineOf(
    new Numbers(1),
    boltOf(() => {}, {
      prepare: (_config, context) =>
        context.registerTimer("beat", 20, () => new Promise((resolve) => resolve())),
      execute: () => Promise.reject(new Error("not today")),
    }),
    (bolt) => bolt.setErrorPolicy({ retries: 3, backoffMs: 100_000 }),
  );
  // The call that failed waits, and timers run only where none does: before the first one.
  line.tasks.get(1)?.core.pause(true);
  await line.runAsync(10);
  expect(line.tasks.get(2)?.hasProgressed).toBe(false);
});

test("BoltCalls: a call that failed is made again after a wait that doubles", async () => {
  const times: number[] = [];
  const { line, seen } = lineOf(
    new Numbers(2),
    boltOf((tuple, collector) => {
      if (tuple.getNumber(0) === 0) {
        times.push(line.nowMs);
        if (times.length < 4) throw new Error("not yet");
      }
      collector.emit(tuple, tuple.getValues());
      collector.ack(tuple);
    }),
    (bolt) => bolt.setErrorPolicy({ retries: 3, backoffMs: 100 }),
  );
  await line.runAsync(150);
  const waits = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  expect(waits).toEqual([100, 200, 400]);
  // One call at a time: what comes behind it waits.
  expect(seen).toEqual([0, 1]);
  expect(line.hasEnded).toBe(true);
});

test("BoltCalls: what waits to be made again does not time out", () => {
  const spout = new Numbers(1);
  let attempts = 0;
  const { line } = lineOf(
    spout,
    boltOf((tuple, collector) => {
      if (++attempts < 3) throw new Error("not yet");
      collector.ack(tuple);
    }),
    (bolt) => bolt.setErrorPolicy({ retries: 5, backoffMs: 2000 }),
  );
  for (let round = 0; round < 800; round++) {
    line.run(1);
    line.expire(0);
  }
  expect([spout.told, attempts]).toEqual([["ack 0"], 3]);
});

test("BoltCalls: with retries and no more, the task crashes with the tuple and the attempts", () => {
  const { line } = lineOf(
    new Numbers(1),
    boltOf(() => {
      throw new TypeError("broken");
    }),
    (bolt) => bolt.setErrorPolicy({ retries: 1, backoffMs: 0 }),
  );
  expect(() => line.run()).toThrow(
    "Execute a tuple (source: numbers, stream: default, [0]), 2 times: TypeError: broken",
  );
});

test("BoltCalls: what user code has acked before it threw is not called again", () => {
  let attempts = 0;
  const spout = new Numbers(1);
  const { line } = lineOf(
    spout,
    boltOf((tuple, collector) => {
      attempts++;
      collector.ack(tuple);
      throw new Error("too late");
    }),
    (bolt) => bolt.setErrorPolicy({ retries: 9, backoffMs: 0, then: "skip" }),
  );
  line.run();
  expect([attempts, spout.told]).toEqual([1, ["ack 0"]]);
});

test("BoltCalls: a task has made progress when a call has settled, not when it began", async () => {
  // Else one whose every call fails would be started again for ever.
  const gates: Gate[] = [];
  const { line } = lineOf(new Numbers(2), gatedBolt(gates), (bolt) => bolt.setMaxConcurrency(5));
  await line.runAsync(10);
  expect([gates.length, line.tasks.get(2)?.hasProgressed]).toEqual([2, false]);
  gates[1]?.open();
  await line.runAsync(2);
  expect(line.tasks.get(2)?.hasProgressed).toBe(true);
});

test("backoffMs() doubles up to a minute, or stays where the first is longer", () => {
  expect([1, 2, 3, 20, 2000].map((failures) => backoffMs(100, failures))).toEqual(
    [100, 200, 400, 60_000, 60_000],
  );
  expect([1, 2].map((failures) => backoffMs(90_000, failures))).toEqual([90_000, 90_000]);
  expect(backoffMs(0, 2000)).toBe(0);
});
