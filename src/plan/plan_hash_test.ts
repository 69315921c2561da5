import { expect, test } from "bun:test";
import { drawTopology, randomTopology } from "../../tests/support/definitions.ts";
import type { ComponentDefinition, TopologyDefinition } from "../api/mod.ts";
import { type Random, seededRandom } from "../base/mod.ts";
import { logicalPlanFromProto, logicalPlanToProto } from "./logical_plan.ts";
import { describeDifference, planHash } from "./plan_hash.ts";

function hex(definition: TopologyDefinition): string {
  return Buffer.from(planHash(definition)).toString("hex");
}

function change(
  definition: TopologyDefinition,
  name: string,
  changed: Partial<ComponentDefinition>,
): TopologyDefinition {
  const components = definition.components.map((component) =>
    component.name === name ? { ...component, ...changed } : component
  );
  return { ...definition, components };
}

test("planHash() is 32 bytes that depend on no order of keys", () => {
  const config = { a: 1, b: "x" };
  const first = drawTopology("s b", { config });
  const second = { ...first, config: { b: "x", a: 1 } };
  expect(planHash(first).length).toBe(32);
  expect(hex(first)).toBe(hex(second));
  expect(hex(first)).not.toBe(hex({ ...first, config: { b: "x", a: "1" } }));
});

test("planHash() is the same before and after a plan was recorded", () => {
  for (let seed = 1; seed <= 200; seed++) {
    const definition = randomTopology(seededRandom(seed));
    const recorded = logicalPlanFromProto(logicalPlanToProto(definition, "id"));
    expect(hex(recorded), `seed ${seed}`).toBe(hex(definition));
    expect(describeDifference(definition, recorded), `seed ${seed}`).toBe("");
  }
});

test("describeDifference() has something to say exactly when the hashes differ", () => {
  for (let seed = 1; seed <= 500; seed++) {
    const random = seededRandom(seed);
    const first = randomTopology(random);
    const second = mutate(first, random);
    const isSame = Bun.deepEquals(first, second, true);
    expect(hex(first) === hex(second), `seed ${seed}`).toBe(isSame);
    expect(describeDifference(first, second) === "", `seed ${seed}`).toBe(isSame);
  }
});

function mutate(definition: TopologyDefinition, random: Random): TopologyDefinition {
  const components = [...definition.components];
  const index = random.below(components.length);
  const component = components[index];
  if (component === undefined) return definition;
  switch (random.below(7)) {
    case 0:
      return { ...definition, name: `${definition.name}2` };
    case 1:
      return { ...definition, config: { ...definition.config, more: true } };
    case 2:
      return change(definition, component.name, { parallelism: component.parallelism + 1 });
    case 3:
      return change(definition, component.name, { outputs: component.outputs.toReversed() });
    case 4:
      return change(definition, component.name, { inputs: component.inputs.toReversed() });
    case 5:
      return { ...definition, components: components.toReversed() };
    default:
      return { ...definition, components: components.toSpliced(index, 1) };
  }
}

test("describeDifference() names what differs, one line each", () => {
  const first = drawTopology("s b", { config: { "my.key": 1 }, parallelism: { b: 2 } });
  const second = change(drawTopology("s b", { config: { "my.key": "1" } }), "b", {
    outputs: [{ id: "odd id", fields: ["x"], direct: true }],
    inputs: [{
      component: "s",
      stream: "default",
      grouping: { type: "fields", fields: ["value"] },
    }],
  });
  expect(describeDifference(first, second).split("\n")).toEqual([
    'config[my.key]: 1 at first, then "1"',
    "components[b].parallelism: 2 at first, then 1",
    'components[b].outputs[default]: ["value"] at first, then absent',
    'components[b].outputs: ["default"] at first, then ["odd id"]',
    'components[b].inputs[0]: "s" "default" shuffle at first, then "s" "default" fields ["value"]',
    'components[b].outputs["odd id"]: absent at first, then direct ["x"]',
  ]);
});

test("describeDifference() does not list the parts of a component that is absent", () => {
  expect(describeDifference(drawTopology("s b"), drawTopology("s b, s c")).split("\n")).toEqual([
    'components: ["s", "b"] at first, then ["s", "b", "c"]',
    "components[c]: absent at first, then bolt",
  ]);
});

test("describeDifference() shows 20 lines and how many more", () => {
  const config = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`k${index}`, 1]));
  const lines = describeDifference(drawTopology("s b"), drawTopology("s b", { config })).split(
    "\n",
  );
  expect(lines.length).toBe(21);
  expect(lines.at(-1)).toBe("and 10 more");
});
