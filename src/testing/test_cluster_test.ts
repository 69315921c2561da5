/** The cluster under a test: faults, credit, and the same run for the same seed. */

import { expect, test } from "bun:test";
import {
  acked,
  boltOf,
  failureOf,
  Split,
  TEXT,
  textSpout,
  wordCount,
} from "../../tests/support/kit_topologies.ts";
import {
  Config,
  type SpoutOutputCollector,
  type Topology,
  TopologyBuilder,
  type Tuple,
} from "../api/mod.ts";
import { createTestTopology } from "./test_topology.ts";

test("createTestTopology() gives the same run for the same seed, and another for another", async () => {
  const trace = async (seed: number) => {
    const mockSpouts = { text: Array.from({ length: 20 }, () => TEXT) };
    await using topology = await createTestTopology(wordCount, { seed, mockSpouts });
    await topology.run();
    return JSON.stringify([topology.outputs("split"), topology.inputs("count"), topology.nowMs]);
  };
  const first = await trace(7);
  expect(await trace(7)).toBe(first);
  expect(await trace(8)).not.toBe(first);
});

test("fail() fails the next tuples of a bolt, which is not called", async () => {
  const acking = acked(() => boltOf((tuple, collector) => collector.ack(tuple)));
  const mockSpouts = { text: [["a"], ["b"], ["c"]] };
  await using topology = await createTestTopology(acking, { mockSpouts });
  topology.fail("bolt", 2);
  await topology.run();
  expect(topology.failed("text").map(({ messageId }) => messageId)).toEqual([0, 1]);
  expect(topology.acked("text").map(({ messageId }) => messageId)).toEqual([2]);
  expect(topology.inputs("bolt").map(({ values }) => values)).toEqual([["c"]]);
});

test("delay() makes each tuple take virtual time", async () => {
  const acking = acked(() => boltOf((tuple, collector) => collector.ack(tuple)), {
    [Config.TOPOLOGY_MESSAGE_TIMEOUT_SECS]: 30,
  });
  await using topology = await createTestTopology(acking, { mockSpouts: { text: [["slow"]] } });
  topology.delay("bolt", 45_000);
  await topology.idle();
  expect(topology.failed("text")).toMatchObject([{ reason: "timeout" }]);
  expect(topology.inputs("bolt")[0]?.atMs).toBeGreaterThan(45_000);
});

test("crash() loses what a task holds, and starts it again with objects of its own", async () => {
  let prepared = 0;
  const holding = acked(() => {
    let held: Tuple | undefined;
    const bolt = boltOf((tuple, collector) => {
      if (held !== undefined) collector.ack(tuple);
      held ??= tuple;
    });
    return { ...bolt, prepare: (...args) => (prepared++, bolt.prepare?.(...args)) };
  });
  await using topology = await createTestTopology(holding, { mockSpouts: { text: [["a"]] } });
  await topology.idle();
  expect(topology.failed("text")).toEqual([]);
  await topology.crash("bolt");
  await topology.idle();
  await topology.advance(5_000);
  expect(prepared).toBe(2);
  expect(topology.failed("text")).toMatchObject([{ messageId: 0, reason: "lost" }]);
  topology.emit("text", ["b"], ["c"]);
  await topology.idle();
  // The new one holds "b": it knows nothing of the one before.
  expect(topology.acked("text").map(({ messageId }) => messageId)).toEqual([2]);
});

test("cut() loses what is on its way between two containers, and the spout hears of it", async () => {
  const acking = acked(() => boltOf((tuple, collector) => collector.ack(tuple)), {
    [Config.TOPOLOGY_STMGRS]: 2,
  });
  const text = Array.from({ length: 50 }, (_, index) => [`text ${index}`]);
  await using topology = await createTestTopology(acking, { mockSpouts: { text } });
  while (topology.inputs("bolt").length === 0) await topology.advance(0.05);
  topology.cut(1, 2);
  await topology.run();
  const ids = [...topology.acked("text"), ...topology.failed("text")];
  expect(ids).toHaveLength(50);
  expect(topology.failed("text").map(({ reason }) => reason)).toContain("lost");
  expect(() => topology.cut(1, 3)).toThrow("none between containers 1 and 3");
});

test("idle() rejects for a spout that goes on for ever", async () => {
  const endless = (): Topology => {
    let collector: SpoutOutputCollector;
    const builder = new TopologyBuilder("endless");
    builder.setSpout("text", {
      open: (_config, _context, given) => void (collector = given),
      nextTuple: () => void collector.emit(["on and on"]),
      declareOutputFields: (declarer) => declarer.declare(["text"]),
    });
    builder.setBolt("split", new Split()).shuffleGrouping("text");
    return builder.createTopology();
  };
  await using topology = await createTestTopology(endless);
  expect((await failureOf(topology.idle({ limitMs: 200 }))).code).toBe("timeout");
});

test("a call may emit more than its credit, by await collector.ready() or without", async () => {
  const flooding = (isReady: boolean) => (): Topology => {
    const builder = new TopologyBuilder("flood");
    builder.setSpout("text", textSpout());
    const flood = boltOf(async (tuple, collector) => {
      for (let index = 0; index < 300; index++) {
        if (isReady) await collector.ready();
        collector.emit(tuple, ["x".repeat(10_000)]);
      }
      collector.ack(tuple);
    });
    builder.setBolt("flood", flood).shuffleGrouping("text");
    builder.setBolt("split", new Split()).shuffleGrouping("flood");
    return builder.createTopology();
  };
  for (const isReady of [true, false]) {
    const mockSpouts = { text: [["a"]] };
    await using topology = await createTestTopology(flooding(isReady), { mockSpouts });
    await topology.run();
    expect(topology.inputs("split")).toHaveLength(300);
  }
});

test("a tuple larger than a batch comes whole", async () => {
  const large = acked(() => boltOf((tuple, collector) => collector.ack(tuple)));
  const text = "x".repeat(3_000_000);
  await using topology = await createTestTopology(large, { mockSpouts: { text: [[text]] } });
  await topology.run();
  expect(topology.inputs("bolt")[0]?.values).toEqual([text]);
  expect(topology.acked("text")).toHaveLength(1);
});
