/**
 * Topologies as data, for tests of what is done with them: small ones drawn as
 * edges, and random ones from a seed.
 */

import type {
  ComponentDefinition,
  ConfigMap,
  GroupingDefinition,
  InputDefinition,
  TopologyDefinition,
} from "../../src/api/mod.ts";
import type { Random } from "../../src/base/mod.ts";

/** What `drawTopology` may be told besides the edges. */
export interface DrawOptions {
  readonly config?: ConfigMap;
  /** Tasks by component, `@default 1`. */
  readonly parallelism?: Readonly<Record<string, number>>;
}

/**
 * The topology of edges like `"s a, a b, b a"`: components in the order they are
 * named, those that nothing feeds are spouts, all edges are shuffled default streams.
 */
export function drawTopology(edges: string, options: DrawOptions = {}): TopologyDefinition {
  const pairs = edges.split(",").map((edge) => edge.trim().split(" "));
  const names = [...new Set(pairs.flat())];
  const components = names.map((name): ComponentDefinition => {
    const sources = pairs.filter(([, target]) => target === name).map(([source]) => source ?? "");
    return {
      name,
      kind: sources.length === 0 ? "spout" : "bolt",
      parallelism: options.parallelism?.[name] ?? 1,
      config: {},
      outputs: [{ id: "default", fields: ["value"], direct: false }],
      inputs: sources.map((component) => inputOf(component, { type: "shuffle" })),
    };
  });
  return {
    name: "drawn",
    config: options.config ?? {},
    components: components.toSorted((a, b) =>
      Number(a.kind === "bolt") - Number(b.kind === "bolt")
    ),
  };
}

function inputOf(component: string, grouping: GroupingDefinition): InputDefinition {
  return { component, stream: "default", grouping };
}

const GROUPINGS: readonly GroupingDefinition[] = [
  { type: "shuffle" },
  { type: "none" },
  { type: "fields", fields: ["value"] },
  { type: "all" },
  { type: "global" },
  { type: "direct" },
  { type: "localOrShuffle" },
  { type: "partialKey", fields: ["value", "other"] },
  { type: "custom" },
];

const VALUES = ["", "text", "17", 17, -0.5, 1e21, true, false, "true"] as const;

/** A topology of up to 8 components with cycles, several streams and every kind of value. */
export function randomTopology(random: Random, config: ConfigMap = {}): TopologyDefinition {
  const spouts = 1 + random.below(3);
  const bolts = random.below(6);
  const names = Array.from({ length: spouts + bolts }, (_, index) => `c${index}_x`);
  const components = names.map((name, index): ComponentDefinition => ({
    name,
    kind: index < spouts ? "spout" : "bolt",
    parallelism: 1 + random.below(12),
    config: randomConfig(random),
    outputs: [
      { id: "default", fields: ["value", "other"], direct: random.below(2) === 0 },
      ...(random.below(2) === 0 ? [{ id: "second", fields: [], direct: false }] : []),
    ],
    inputs: index < spouts ? [] : randomInputs(random, names),
  }));
  return { name: "random", config: { ...randomConfig(random), ...config }, components };
}

function randomInputs(random: Random, names: readonly string[]): InputDefinition[] {
  return names.filter(() => random.below(3) === 0).map((name) =>
    inputOf(name, GROUPINGS[random.below(GROUPINGS.length)] ?? { type: "shuffle" })
  );
}

function randomConfig(random: Random): ConfigMap {
  const keys = ["my.key", "a b", "__proto__", 'with "quotes"', "ключ"];
  return Object.fromEntries(
    keys.filter(() => random.below(2) === 0)
      .map((key) => [key, VALUES[random.below(VALUES.length)] ?? ""]),
  );
}
