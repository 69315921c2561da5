/** Tests of the builder: what it makes of good calls, and that it finds all faults at once. */

import { expect, test } from "bun:test";
import { HeronError } from "../base/mod.ts";
import { BaseBasicBolt, type IBasicBolt, type IBolt } from "./bolt.ts";
import { Config } from "./config.ts";
import type { OutputFieldsDeclarer } from "./output_fields_declarer.ts";
import type { ISpout } from "./spout.ts";
import { isTopology } from "./topology.ts";
import { TopologyBuilder } from "./topology_builder.ts";

function spoutOf(declare?: (declarer: OutputFieldsDeclarer) => void): ISpout {
  return { nextTuple() {}, declareOutputFields: declare ?? ((to) => to.declare(["word"])) };
}

function boltOf(declare?: (declarer: OutputFieldsDeclarer) => void): IBolt {
  return { execute() {}, declareOutputFields: (declarer) => declare?.(declarer) };
}

/** The fault lines of what `describe` builds. */
function faultsOf(describe: (builder: TopologyBuilder) => void, config?: Config): string[] {
  const builder = new TopologyBuilder("t");
  describe(builder);
  try {
    builder.createTopology(config);
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(HeronError);
    if (!(thrown instanceof HeronError)) throw thrown;
    expect(thrown.code).toBe("invalid_topology");
    return thrown.message.split("\n  ").slice(1);
  }
  return [];
}

test("createTopology() gives spouts first, then bolts, as plain data", () => {
  const builder = new TopologyBuilder("words");
  builder.setBolt("count", boltOf(), 2).fieldsGrouping("split", "long", ["word"])
    .allGrouping("lines").directGrouping("lines", "odd").setTickTupleFrequency(2);
  builder.setSpout(
    "lines",
    spoutOf((to) => {
      to.declare(["line"]);
      to.declareStream("odd", true, ["line", "number"]);
    }),
  ).setMaxSpoutPending(10).addConfiguration("mine", 1);
  builder.setBolt("split", boltOf((to) => to.declareStream("long", ["word"])), 3)
    .shuffleGrouping("lines").noneGrouping("lines", "odd").globalGrouping("lines");
  const { definition } = builder.createTopology(new Config().setNumStmgrs(2));
  expect(definition.name).toBe("words");
  expect(definition.config).toMatchObject({ "topology.name": "words", "topology.stmgrs": 2 });
  expect(definition.components).toEqual([
    {
      name: "lines",
      kind: "spout",
      parallelism: 1,
      config: { "topology.max.spout.pending": 10, mine: 1 },
      outputs: [
        { id: "default", fields: ["line"], direct: false },
        { id: "odd", fields: ["line", "number"], direct: true },
      ],
      inputs: [],
    },
    {
      name: "count",
      kind: "bolt",
      parallelism: 2,
      config: { "topology.tick.tuple.freq.ms": 2000 },
      outputs: [],
      inputs: [
        { component: "split", stream: "long", grouping: { type: "fields", fields: ["word"] } },
        { component: "lines", stream: "default", grouping: { type: "all" } },
        { component: "lines", stream: "odd", grouping: { type: "direct" } },
      ],
    },
    {
      name: "split",
      kind: "bolt",
      parallelism: 3,
      config: {},
      outputs: [{ id: "long", fields: ["word"], direct: false }],
      inputs: [
        { component: "lines", stream: "default", grouping: { type: "shuffle" } },
        { component: "lines", stream: "odd", grouping: { type: "none" } },
        { component: "lines", stream: "default", grouping: { type: "global" } },
      ],
    },
  ]);
  expect(JSON.parse(JSON.stringify(definition))).toEqual(definition);
});

test("createTopology() gives the user's components, basic bolts wrapped", () => {
  class Basic extends BaseBasicBolt {
    execute(): void {}
  }
  const plain: IBasicBolt = { execute: (_tuple, collector) => void collector.emit([]) };
  const [spout, bolt, basic] = [spoutOf(), boltOf(), new Basic()];
  const builder = new TopologyBuilder("t");
  builder.setSpout("a", spout);
  builder.setBolt("b", bolt).shuffleGrouping("a");
  builder.setBolt("c", basic).shuffleGrouping("a");
  builder.setBasicBolt("d", plain).shuffleGrouping("a");
  const topology = builder.createTopology();
  expect(isTopology(topology)).toBe(true);
  expect(topology.component("a")).toBe(spout);
  expect(topology.component("b")).toBe(bolt);
  expect(topology.component("c")).not.toBe(basic);
  expect("prepare" in topology.component("c")).toBe(true);
  expect("prepare" in topology.component("d")).toBe(true);
});

test("createTopology() gives a definition that later calls do not change", () => {
  const builder = new TopologyBuilder("t");
  builder.setSpout("a", spoutOf());
  const declarer = builder.setBolt("b", boltOf()).shuffleGrouping("a");
  const { definition } = builder.createTopology();
  declarer.allGrouping("a");
  expect(definition.components[1]?.inputs.length).toBe(1);
});

test("createTopology() lists all faults at once", () => {
  const faults = faultsOf((builder) => {
    builder.setSpout("a:b", spoutOf(), 0);
    builder.setBolt("a:b", boltOf()).shuffleGrouping("c");
    builder.setBolt("d", boltOf(), 1.5);
  }, new Config().setNumStmgrs(-1));
  expect(faults).toEqual([
    'Bolt "a:b": its id is already used by a spout',
    'Spout "a:b": its id "a:b" contains ":"',
    'Spout "a:b": parallelism is "0", expected a whole number from 1 to 100000',
    'Bolt "a:b": its id "a:b" contains ":"',
    'Bolt "d": parallelism is "1.5", expected a whole number from 1 to 100000',
    'Bolt "a:b": input component "c" is unknown, did you mean "d"?',
    'Bolt "d": has no input, expected a grouping such as shuffleGrouping()',
    'Topology: config "topology.stmgrs" is "-1", expected a whole number from 1 to 10000',
  ]);
});

test("createTopology() says how many faults and of which topology", () => {
  expect(() => new TopologyBuilder("t").createTopology()).toThrow(
    'Build topology "t": found 1 fault\n  Topology: has no spout, expected at least one',
  );
});
