/** Tests of the checks of custom groupings, through the builder. */

import { expect, test } from "bun:test";
import { isCustomGrouping } from "./custom_grouping.ts";
import type { CustomStreamGrouping } from "./custom_grouping.ts";
import type { GroupingDefinition } from "./definition.ts";
import type { ISpout } from "./spout.ts";
import { TopologyBuilder } from "./topology_builder.ts";

const SPOUT: ISpout = {
  nextTuple() {},
  declareOutputFields: (declarer) => declarer.declare(["x"]),
};

const GROUPING: CustomStreamGrouping = { prepare() {}, chooseTasks: () => [] };

function built(grouping: unknown) {
  const builder = new TopologyBuilder("custom");
  builder.setSpout("s", SPOUT);
  // Wrong ones are the point here.
  const given = grouping as CustomStreamGrouping;
  builder.setBolt("b", { execute() {} }).customGrouping("s", given);
  return builder.createTopology();
}

test("A custom grouping is in the definition without its code, which the topology keeps", () => {
  const topology = built(GROUPING);
  expect(topology.definition.components[1]?.inputs).toEqual([
    { component: "s", stream: "default", grouping: { type: "custom" } },
  ]);
  const place = { bolt: "b", component: "s", stream: "default" };
  expect(topology.customGrouping(place)).toBe(GROUPING);
});

test("What is no custom grouping is a fault with a hint", () => {
  class Mine {
    prepare() {}
    chooseTasks() {
      return [];
    }
  }
  expect(isCustomGrouping(new Mine())).toBe(true);
  expect(() => built(Mine)).toThrow(
    'Bolt "b": custom grouping on stream "default" of "s" is of type "function", expected an ' +
      "object with prepare() and chooseTasks(); make an instance of the class by new",
  );
  expect(() => built(null)).toThrow('of "s" is null, expected an object');
  expect(() => built({ chooseTasks: () => [] })).toThrow('is of type "object", expected an object');
});

test("grouping() refuses names that are none, and custom without an object", () => {
  const faults = (grouping: unknown) => () => {
    const builder = new TopologyBuilder("custom");
    builder.setSpout("s", SPOUT);
    // Wrong ones are the point here.
    const given = grouping as GroupingDefinition;
    builder.setBolt("b", { execute() {} }).grouping("s", "default", given);
    return builder.createTopology();
  };
  expect(faults({ type: "fields", fields: ["x"] })().definition.components[1]?.inputs.length)
    .toBe(1);
  expect(faults({ type: "shufle" })).toThrow(
    'grouping on stream "default" of "s" is "shufle", expected one of "shuffle"',
  );
  expect(faults({ type: "custom" })).toThrow(
    'custom grouping on stream "default" of "s" is of type "object", expected an object with prep',
  );
});
