/** Tests of built topologies and their brand. */

import { expect, test } from "bun:test";
import { createTopology, isOwnTopology, isTopology } from "./topology.ts";

const DEFINITION = { name: "t", config: {}, components: [] } as const;

test("isTopology() knows topologies, of another copy of the API too", () => {
  expect(isTopology(createTopology(DEFINITION, new Map()))).toBe(true);
  expect(isTopology({ [Symbol.for("heron-bin.topology")]: true })).toBe(true);
  expect(isTopology({ definition: DEFINITION })).toBe(false);
  expect(isTopology(null)).toBe(false);
  expect(isTopology(undefined)).toBe(false);
  expect(isTopology("heron")).toBe(false);
});

test("isOwnTopology() tells topologies of this copy from those of another", () => {
  const own = createTopology(DEFINITION, new Map());
  expect(isOwnTopology(own)).toBe(true);
  const other = { ...own, [Symbol.for("heron-bin.topology")]: Symbol("heron-bin") };
  expect(isTopology(other) && !isOwnTopology(other)).toBe(true);
});

test("Topology.customGrouping() gives the user's object or says whose is missing", () => {
  const grouping = { prepare() {}, chooseTasks: () => [] };
  const customs = [{ component: "a", stream: "s", grouping }];
  const code = { component: { execute() {} }, customs };
  const topology = createTopology(DEFINITION, new Map([["b", code]]));
  expect(topology.customGrouping({ bolt: "b", component: "a", stream: "s" })).toBe(grouping);
  expect(() => topology.customGrouping({ bolt: "b", component: "a", stream: "t" })).toThrow(
    'Look up the custom grouping of "b" on stream "t" of "a": not found',
  );
});

test("Topology.component() gives the user's object or says what there is", () => {
  const bolt = { execute() {} };
  const topology = createTopology(DEFINITION, new Map([["a", { component: bolt, customs: [] }]]));
  expect(topology.component("a")).toBe(bolt);
  expect(() => topology.component("b")).toThrow(
    'Look up component "b": not found, expected one of a',
  );
});
