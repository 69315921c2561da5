import { expect, test } from "bun:test";
import { type SpoutOutputCollector, TopologyBuilder } from "../../api/mod.ts";
import { OUTCOME } from "../../tuples/mod.ts";
import {
  ackAll,
  boltOf,
  type Execute,
  FOLLOWED,
  Line,
  lineOf,
  Numbers,
  passOn,
} from "../../../tests/support/acked_line.ts";

test("A spout hears of each tuple once all of its tree was acked, and ends then", () => {
  const spout = new Numbers(100);
  const line = lineOf(spout, { first: boltOf(passOn), second: boltOf(ackAll), isAll: true });
  line.run();
  expect(spout.told.toSorted()).toEqual(
    Array.from({ length: 100 }, (_, number) => `ack ${number}`).toSorted(),
  );
  expect(line.hasEnded).toBe(true);
});

test("A spout without ack is not called for what is done, which is counted and lets it end", () => {
  const spout = new Numbers(100);
  Object.defineProperty(spout, "ack", { value: undefined });
  const line = lineOf(spout, { first: boltOf(passOn), second: boltOf(ackAll) });
  line.run();
  expect(spout.told).toEqual([]);
  expect(line.tasks.get(1)?.core.totals().acked).toBe(100);
  expect(line.hasEnded).toBe(true);
});

test("A tuple that a bolt fails comes back to its spout, which emits it again after its end", () => {
  const spout = new Numbers(3);
  let refused = 0;
  const refuseOnce: Execute = (tuple, collector) => {
    if (tuple.getNumber(0) === 1 && refused++ === 0) collector.fail(tuple);
    else collector.ack(tuple);
  };
  const line = lineOf(spout, { first: boltOf(passOn), second: boltOf(refuseOnce) });
  line.run();
  expect(spout.told).toContain("failed 1");
  expect(spout.told.toSorted()).toEqual(["ack 0", "ack 1", "ack 2", "failed 1"]);
  expect(line.hasEnded).toBe(true);
});

test("What is open when a loss is settled fails once, as lost, and is emitted again", () => {
  const spout = new Numbers(5);
  let isDeaf = true;
  const line = lineOf(spout, {
    first: boltOf(passOn),
    second: boltOf((tuple, collector) => {
      if (!isDeaf) collector.ack(tuple);
    }),
  });
  line.run(20);
  expect(spout.told).toEqual([]);
  isDeaf = false;
  line.tasks.get(1)?.closer.failAll(OUTCOME.lost);
  line.run();
  expect(spout.told.filter((one) => one.startsWith("lost")).length).toBe(5);
  expect(spout.told.filter((one) => one.startsWith("ack")).length).toBe(5);
  expect(line.hasEnded).toBe(true);
});

test("A spout is not called while a loss is not settled", () => {
  const spout = new Numbers(5);
  const line = lineOf(spout, { first: boltOf(passOn), second: boltOf(ackAll) });
  line.tasks.get(1)?.closer.pause(true);
  line.run(20);
  expect(line.tasks.get(1)?.core.emitter?.emitted).toBe(0);
  line.tasks.get(1)?.closer.pause(false);
  expect(line.tasks.get(1)?.core.canProceed()).toBe(true);
  line.run();
  expect(line.hasEnded).toBe(true);
});

test("A spout that is paused for back pressure hears of acks, and is not called", () => {
  const spout = new Numbers(2);
  const line = lineOf(spout, { first: boltOf(passOn), second: boltOf(ackAll) });
  const core = line.tasks.get(1)?.core;
  line.run(3);
  core?.pause(true);
  const before = core?.emitter?.emitted;
  line.run(30);
  expect(core?.isPaused).toBe(true);
  expect(core?.emitter?.emitted).toBe(before);
  expect(core?.canProceed()).toBe(false);
  core?.pause(false);
  line.run();
  expect(spout.told.toSorted()).toEqual(["ack 0", "ack 1"]);
  expect(line.hasEnded).toBe(true);
});

test("A spout that is paused for back pressure hears of a failure when it may emit again", () => {
  const spout = new Numbers(1);
  let isDeaf = true;
  const line = lineOf(spout, {
    first: boltOf(passOn),
    second: boltOf((tuple, collector) => {
      if (!isDeaf) collector.ack(tuple);
    }),
  });
  line.run(20);
  isDeaf = false;
  line.tasks.get(1)?.core.pause(true);
  line.tasks.get(1)?.closer.failAll(OUTCOME.lost);
  line.run(20);
  expect(spout.told).toEqual([]);
  line.tasks.get(1)?.core.pause(false);
  line.run();
  expect(spout.told).toEqual(["lost 0", "ack 0"]);
  expect(line.hasEnded).toBe(true);
});

test("A tuple of a stream that nobody reads is done at once", () => {
  const spout = new Numbers(3);
  const builder = new TopologyBuilder("unread");
  builder.setSpout("numbers", spout);
  const line = new Line(builder.createTopology(FOLLOWED));
  line.run(10);
  expect(spout.told).toEqual(["ack 0", "ack 1", "ack 2"]);
  expect(line.hasEnded).toBe(true);
});

test("A tuple's latency counts from its emit, of a promise as well as of open()", async () => {
  let collector: SpoutOutputCollector | undefined;
  let gate: Promise<void> | undefined;
  const builder = new TopologyBuilder("late");
  builder.setSpout("late", {
    open(_config, _context, given) {
      collector = given;
      collector.emit([0], 0);
    },
    nextTuple: () => gate?.then(() => void collector?.emit([1], 1)),
    declareOutputFields: (declarer) => declarer.declare(["number"]),
  });
  builder.setBolt("sink", boltOf(ackAll)).shuffleGrouping("late");
  const line = new Line(builder.createTopology(FOLLOWED));
  const core = line.tasks.get(1)?.core;
  line.expire(50_000);
  await line.runAsync(10);
  const sums = () => core?.made?.tallies.sums[0];
  expect(sums()?.acked).toBe(1);
  expect(sums()?.ackMs).toBeLessThan(50);
  const { promise, resolve } = Promise.withResolvers<void>();
  gate = promise;
  await line.runAsync(2000);
  gate = undefined;
  resolve();
  await line.runAsync(10);
  expect(sums()?.acked).toBe(2);
  expect(sums()?.ackMs).toBeLessThan(100);
});

test("Tuples that are done together are counted by their streams, at the spout and at the bolt", () => {
  let collector: SpoutOutputCollector | undefined;
  let next = 0;
  const builder = new TopologyBuilder("two-streams");
  builder.setSpout("numbers", {
    open: (_config, _context, given) => void (collector = given),
    nextTuple() {
      if (next === 9) return collector?.end();
      collector?.emit(next % 3 === 0 ? "third" : "other", [next], next);
      next++;
    },
    declareOutputFields(declarer) {
      declarer.declareStream("third", ["number"]);
      declarer.declareStream("other", ["number"]);
    },
  });
  builder.setBolt("sink", boltOf(ackAll))
    .shuffleGrouping("numbers", "third")
    .shuffleGrouping("numbers", "other");
  const line = new Line(builder.createTopology(FOLLOWED));
  line.run(20);
  const [spout, sink] = [1, 2].map((task) => line.tasks.get(task)?.core.made?.tallies.sums);
  expect(spout).toMatchObject([{ acked: 3, ackTimed: 3 }, { acked: 6, ackTimed: 6 }]);
  expect(sink).toMatchObject([{ acked: 3 }, { acked: 6 }]);
  // Of a bolt's tuples the first of a batch is timed.
  expect(sink?.reduce((sum, { ackTimed }) => sum + ackTimed, 0)).toBeGreaterThan(0);
  expect(line.hasEnded).toBe(true);
});
