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

test("Topology.component() gives the user's object or says what there is", () => {
  const bolt = { execute() {} };
  const topology = createTopology(DEFINITION, new Map([["a", bolt]]));
  expect(topology.component("a")).toBe(bolt);
  expect(() => topology.component("b")).toThrow(
    'Look up component "b": not found, expected one of a',
  );
});
