/** What a test sees of its topology, ticks and time-outs in virtual time, and its end. */

import { expect, test } from "bun:test";
import {
  acked,
  boltOf,
  Count,
  failureOf,
  Split,
  TEXT,
  textSpout,
  wordCount,
} from "../../tests/support/kit_topologies.ts";
import {
  Config,
  type ConfigMap,
  type SpoutOutputCollector,
  type Topology,
  TopologyBuilder,
  type TopologyContext,
} from "../api/mod.ts";
import { createTestTopology } from "./test_topology.ts";

test("run() ends a topology with mocked spouts, and outputs() tells what each task emitted", async () => {
  await using topology = await createTestTopology(wordCount, {
    mockSpouts: { text: [TEXT, TEXT] },
  });
  await topology.run();
  expect(topology.hasEnded).toBe(true);
  expect(topology.values("split")).toHaveLength(12);
  expect(new Map(topology.values("count").map(([word, count]) => [word, count])))
    .toEqual(new Map([["to", 4], ["be", 4], ["or", 2], ["not", 2]]));
  const [first] = topology.outputs("text");
  expect(first).toMatchObject({ component: "text", stream: "default", values: TEXT, anchors: [] });
  expect(topology.outputs("text").map(({ taskIndex }) => taskIndex).toSorted()).toEqual([0, 1]);
  expect(topology.outputs("split")[0]?.anchors).toEqual([TEXT]);
  expect(topology.inputs("count")).toHaveLength(12);
  expect(topology.inputs("count")[0]).toMatchObject({ source: "split", stream: "default" });
});

test("advance() lets ticks come in virtual time", async () => {
  const ticking = (): Topology => {
    const builder = new TopologyBuilder("ticks");
    builder.setSpout("text", textSpout());
    builder.setBolt("split", new Split()).shuffleGrouping("text");
    builder.setBolt("count", new Count()).fieldsGrouping("split", ["word"])
      .addConfiguration(Config.TOPOLOGY_TICK_TUPLE_FREQ_SECS, 60);
    return builder.createTopology();
  };
  await using topology = await createTestTopology(ticking, { mockSpouts: { text: [["a"]] } });
  await topology.idle();
  expect(topology.values("count")).toEqual([]);
  await topology.advance(60_000);
  expect(topology.values("count")).toEqual([["a", 1]]);
  topology.emit("text", ["a"]);
  await topology.advance(120_000);
  expect(topology.values("count")).toEqual([["a", 1], ["a", 2], ["a", 2]]);
  expect(topology.inputs("count")).toHaveLength(2);
});

test("acked() and failed() tell the ends of a spout's tuples, time-outs in virtual time", async () => {
  const forgetful = acked(
    () =>
      boltOf((tuple, collector) => {
        if (tuple.getString(0) === "ack") collector.ack(tuple);
        if (tuple.getString(0) === "fail") collector.fail(tuple);
      }),
    { [Config.TOPOLOGY_MESSAGE_TIMEOUT_SECS]: 30 },
  );
  await using topology = await createTestTopology(forgetful, {
    mockSpouts: { text: [["ack"], ["fail"], { values: ["forget"], messageId: "third" }] },
  });
  await topology.idle();
  expect(topology.acked("text").map(({ messageId }) => messageId)).toEqual([0]);
  expect(topology.failed("text")).toMatchObject([{ messageId: 1, reason: "failed" }]);
  await topology.advance(35_000);
  expect(topology.failed("text")[1]).toMatchObject({ messageId: "third", reason: "timeout" });
  expect(topology.failed("text")[1]?.atMs).toBeGreaterThan(29_000);
  await topology.run();
});

test("run() tells which tasks go on when a topology does not end", async () => {
  await using topology = await createTestTopology(wordCount);
  const failure = await failureOf(topology.run({ limitMs: 5_000 }));
  expect(failure.code).toBe("timeout");
  expect(failure.message).toContain("text[0]");
});

test("a spout of the user's hears acks and failures, and may emit again", async () => {
  const replaying = (): Topology => {
    const builder = new TopologyBuilder("replay");
    let collector: SpoutOutputCollector;
    let next = 0;
    builder.setSpout("text", {
      open: (_config: ConfigMap, _context: TopologyContext, given) => void (collector = given),
      nextTuple: () => next < 3 ? void collector.emit([`text ${next}`], next++) : collector.end(),
      fail: (id) => void collector.emit([`text ${id}`], id),
      declareOutputFields: (declarer) => declarer.declare(["text"]),
    });
    const bolt = boltOf((tuple, given) => given.ack(tuple));
    builder.setBolt("bolt", bolt).shuffleGrouping("text");
    return builder.createTopology({ [Config.TOPOLOGY_RELIABILITY_MODE]: "ATLEAST_ONCE" });
  };
  await using topology = await createTestTopology(replaying);
  topology.fail("bolt");
  await topology.run();
  expect(topology.failed("text").map(({ messageId }) => messageId)).toEqual([0]);
  expect(topology.acked("text").map(({ messageId }) => messageId)).toEqual([1, 2, 0]);
});

test("close() calls cleanup and close once, at the end of run or of the test", async () => {
  let cleaned = 0;
  const cleaning = acked(() => ({
    ...boltOf((tuple, collector) => collector.ack(tuple)),
    cleanup: () => void cleaned++,
  }));
  {
    await using topology = await createTestTopology(cleaning, { mockSpouts: { text: [] } });
    await topology.run();
    expect(cleaned).toBe(1);
    expect(topology.advance(1)).rejects.toThrow("closed");
  }
  expect(cleaned).toBe(1);
  {
    await using topology = await createTestTopology(cleaning, { mockSpouts: { text: [] } });
    await topology.idle();
  }
  expect(cleaned).toBe(2);
});

test("close() calls no cleanup after a failure, as where a process has died", async () => {
  let cleaned = 0;
  const throwing = acked(() => ({
    execute() {
      throw new Error("odd");
    },
    cleanup: () => void cleaned++,
    declareOutputFields: (declarer) => declarer.declare(["text"]),
  }));
  {
    await using topology = await createTestTopology(throwing, { mockSpouts: { text: [["a"]] } });
    expect((await failureOf(topology.run())).code).toBe("user_code");
  }
  expect(cleaned).toBe(0);
});

test("what a test says wrong is a clear error", async () => {
  await using topology = await createTestTopology(wordCount, { mockSpouts: { text: [] } });
  expect(() => topology.outputs("splitt")).toThrow('did you mean "split"');
  expect(() => topology.fail("text")).toThrow("expected a bolt");
  expect(() => topology.emit("split", ["a"])).toThrow("not mocked");
  expect(topology.crash("split", 3)).rejects.toThrow("expected an index below 3");
  expect(topology.advance(-1)).rejects.toThrow("-1 ms");
  expect(createTestTopology(wordCount, { mockSpouts: { split: [] } })).rejects.toThrow("a bolt");
  expect(createTestTopology(wordCount, { config: { [Config.TOPOLOGY_STMGRS]: 99 } })).rejects
    .toThrow("99 containers");
});

test("outputs() has dead letters among what their bolt emitted", async () => {
  const builder = new TopologyBuilder("buried");
  builder.setSpout("text", textSpout());
  const bolt = boltOf(() => {
    throw new Error("on purpose");
  });
  builder.setBolt("parse", bolt).setErrorPolicy({ then: "dead_letter" }).shuffleGrouping("text");
  builder.setBolt("dead", boltOf(() => {})).globalGrouping("parse", "__dead_letter");
  await using topology = await createTestTopology(() => builder.createTopology(), {
    mockSpouts: { text: [["a"]] },
  });
  await topology.run();
  const letters = topology.outputs("parse");
  expect(letters.map(({ stream }) => stream)).toEqual(["__dead_letter"]);
  expect(letters[0]?.values).toContainEqual(["a"]);
  expect(topology.inputs("dead").map(({ values }) => values)).toEqual([letters[0]?.values ?? []]);
});
