/**
 * Random components and who reads whom: layers of bolts behind one to three
 * spouts, all groupings, and on demand a cycle.
 */

import type {
  ComponentDefinition,
  GroupingDefinition,
  InputDefinition,
  StreamDefinition,
} from "../api/mod.ts";
import type { Random } from "../base/mod.ts";
import { between, logUniform, pick } from "./random_choice.ts";
import { distinct } from "./random_groupings.ts";
import { TUPLE_FIELDS } from "./tuple_fields.ts";

/** How large a topology is to be. */
export interface TopologySize {
  readonly size: "small" | "wide" | "huge";
  readonly hasCycle: boolean;
  /** Most spout components. @default 3 */
  readonly spoutsMax?: number;
}

/** Most channels of all tasks together. */
const CHANNELS_MAX = Object.freeze({ small: 400, wide: 4_000 });

/** Random components: spouts, then bolts. */
export function randomComponents(random: Random, wanted: TopologySize): ComponentDefinition[] {
  if (wanted.size === "huge") return manySources(random);
  const spouts = between(random, 1, wanted.spoutsMax ?? 3);
  const bolts = wanted.hasCycle ? between(random, 2, 4) : between(random, 1, 9);
  const components: ComponentDefinition[] = [];
  for (let index = 0; index < spouts + bolts; index++) {
    const isSpout = index < spouts;
    components.push({
      name: isSpout ? `spout${index + 1}` : `bolt${index - spouts + 1}`,
      kind: isSpout ? "spout" : "bolt",
      parallelism: randomParallelism(random, wanted),
      config: {},
      outputs: randomOutputs(random),
      inputs: isSpout ? [] : randomInputs(random, components),
    });
  }
  const channelsMax = CHANNELS_MAX[wanted.size];
  if (!wanted.hasCycle) return narrowed(components, channelsMax);
  const plain = components.map((one) => ({
    ...one,
    ...ONE_STREAM,
    inputs: distinct(one.inputs.map(readPlainly)),
  }));
  if (wanted.hasCycle) closeCycle(random, plain, spouts);
  if (wanted.hasCycle && wanted.spoutsMax === 1) feedOnce(plain, spouts);
  return narrowed(plain, channelsMax);
}

/** Up to a thousand tasks that all send to each task of a bolt. */
function manySources(random: Random): ComponentDefinition[] {
  const spout: ComponentDefinition = {
    name: "spout1",
    kind: "spout",
    parallelism: between(random, 300, 1_000),
    config: {},
    inputs: [],
    ...ONE_STREAM,
  };
  const reads = { component: spout.name, stream: "default", grouping: randomGrouping(random) };
  const middle: ComponentDefinition = {
    ...spout,
    name: "bolt1",
    kind: "bolt",
    parallelism: between(random, 1, 4),
    inputs: [reads],
  };
  const last: ComponentDefinition = {
    ...middle,
    name: "bolt2",
    inputs: [{ component: middle.name, stream: "default", grouping: randomGrouping(random) }],
  };
  return [spout, middle, last];
}

const ONE_STREAM = Object.freeze({
  outputs: [{ id: "default", fields: TUPLE_FIELDS, direct: false }],
});

/** Around cycles every tuple goes to every reader, so that the gain is known. */
function readPlainly(input: InputDefinition): InputDefinition {
  const grouping = input.grouping.type === "direct" ? { type: "shuffle" as const } : input.grouping;
  return { ...input, stream: "default", grouping };
}

function randomParallelism(random: Random, { size, hasCycle }: TopologySize): number {
  if (hasCycle) return between(random, 1, 3);
  if (size === "small") return Math.round(logUniform(random, 1, 9));
  return Math.round(logUniform(random, 1, 100));
}

function randomOutputs(random: Random): StreamDefinition[] {
  const ids = ["default", "second", "third"].slice(0, pick(random, [1, 1, 1, 2, 3]));
  return ids.map((id) => ({ id, fields: TUPLE_FIELDS, direct: false }));
}

function randomGrouping(random: Random): GroupingDefinition {
  const type = pick(
    random,
    ["shuffle", "shuffle", "none", "fields", "fields", "all", "global", "direct"] as const,
  );
  return type === "fields" ? { type, fields: ["key"] } : { type };
}

function randomInputs(random: Random, earlier: readonly ComponentDefinition[]): InputDefinition[] {
  const inputs: InputDefinition[] = [];
  for (let count = pick(random, [1, 1, 2, 3]); count > 0; count--) {
    // Mostly the neighbours, so that topologies grow long.
    const recent = random.unit() < 0.6 ? earlier.slice(-2) : earlier;
    inputs.push(inputFrom(random, pick(random, recent)));
  }
  return distinct(inputs);
}

function inputFrom(random: Random, source: ComponentDefinition): InputDefinition {
  const stream = pick(random, source.outputs).id;
  return { component: source.name, stream, grouping: randomGrouping(random) };
}

/** The last bolt feeds an earlier one, which feeds it. */
function closeCycle(random: Random, components: ComponentDefinition[], spouts: number): void {
  const first = components[spouts];
  const last = components.at(-1);
  if (first === undefined || last === undefined) return;
  const forth = { component: first.name, stream: "default", grouping: cycleGrouping(random) };
  const back = { component: last.name, stream: "default", grouping: cycleGrouping(random) };
  components[spouts] = { ...first, inputs: distinct([...first.inputs, back]) };
  const isAlone = components.length - spouts === 1;
  const inputs = isAlone ? [...first.inputs, back] : [...last.inputs, forth];
  components[components.length - 1] = { ...last, inputs: distinct(inputs) };
}

/** Leaves what comes from outside to the first bolt of the cycle alone. */
function feedOnce(components: ComponentDefinition[], spouts: number): void {
  const first = components[spouts]?.name ?? "";
  const behind = reachedFrom(
    first,
    (name) =>
      components.filter(({ inputs }) => inputs.some(({ component }) => component === name))
        .map((one) => one.name),
  );
  const before = reachedFrom(
    first,
    (name) =>
      components.find((one) => one.name === name)?.inputs.map(({ component }) => component) ?? [],
  );
  const isInside = (name: string): boolean => behind.has(name) && before.has(name);
  for (const [index, one] of components.entries()) {
    if (one.name === first || !isInside(one.name)) continue;
    const inputs = one.inputs.filter(({ component }) => isInside(component));
    components[index] = { ...one, inputs };
  }
}

function reachedFrom(start: string, next: (name: string) => readonly string[]): Set<string> {
  const reached = new Set<string>();
  const waiting = [start];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    for (const other of next(name)) {
      if (reached.has(other)) continue;
      reached.add(other);
      waiting.push(other);
    }
  }
  return reached;
}

function cycleGrouping(random: Random): GroupingDefinition {
  return pick<GroupingDefinition>(random, [
    { type: "shuffle" },
    { type: "fields", fields: ["key"] },
    { type: "global" },
  ]);
}

/** Halves parallelisms until there are few enough channels. */
function narrowed(components: ComponentDefinition[], channelsMax: number): ComponentDefinition[] {
  let result = components;
  while (countChannels(result) > channelsMax) {
    result = result.map((one) => ({ ...one, parallelism: Math.ceil(one.parallelism / 2) }));
    if (result.every((one) => one.parallelism === 1)) return result;
  }
  return result;
}

function countChannels(components: readonly ComponentDefinition[]): number {
  const sizes = new Map(components.map((one) => [one.name, one.parallelism]));
  let sum = 0;
  for (const { parallelism, inputs } of components) {
    for (const { component } of inputs) sum += parallelism * (sizes.get(component) ?? 0);
  }
  return sum;
}
