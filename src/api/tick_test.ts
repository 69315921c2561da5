/** Tests of Storm's helpers for tuples; that ticks are told from data is tested with the tuples. */

import { expect, test } from "bun:test";
import { Config } from "./config.ts";
import { TupleUtils } from "./tick.ts";
import { TopologyBuilder } from "./topology_builder.ts";

test("TupleUtils.putTickFrequencyIntoComponentConfig() gives a bolt ticks, and changes no map", () => {
  const own = { mine: 1 };
  const builder = new TopologyBuilder("ticks");
  builder.setSpout("a", { nextTuple() {}, declareOutputFields: (to) => to.declare(["x"]) });
  builder.setBolt("b", {
    execute() {},
    getComponentConfiguration: () => TupleUtils.putTickFrequencyIntoComponentConfig(own, 1.5),
  }).shuffleGrouping("a");
  const { components } = builder.createTopology().definition;
  expect(components[1]?.config).toMatchObject({ mine: 1, "topology.tick.tuple.freq.ms": 1500 });
  expect(own).toEqual({ mine: 1 });
  const config = new Config({ mine: 1 });
  expect(TupleUtils.putTickFrequencyIntoComponentConfig(config, 5).toMap()).toEqual({
    mine: 1,
    "topology.tick.tuple.freq.secs": 5,
  });
  expect(config.toMap()).toEqual({ mine: 1 });
});
