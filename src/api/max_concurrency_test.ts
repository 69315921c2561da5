import { expect, test } from "bun:test";
import { TopologyBuilder } from "./topology_builder.ts";
import { maxConcurrencyOf } from "./max_concurrency.ts";

test("maxConcurrencyOf() is what the declarer was told, and 1 by default", () => {
  const builder = new TopologyBuilder("calls");
  builder.setSpout("s", { nextTuple() {}, declareOutputFields: (to) => to.declare(["a"]) });
  builder.setBolt("one", { execute() {} }).shuffleGrouping("s");
  builder.setBolt("many", { execute() {} }).shuffleGrouping("s").setMaxConcurrency(7);
  const { components } = builder.createTopology().definition;
  expect(components.map(({ config }) => maxConcurrencyOf(config))).toEqual([1, 1, 7]);
});
