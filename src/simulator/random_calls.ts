/**
 * In some seeds bolts have several calls open at once, or throw now and then
 * and are called again. Chance of its own: the other seeds stay as they are.
 */

import { Config, type ConfigValue, type TopologyDefinition } from "../api/mod.ts";
import { type Random, seededRandom } from "../base/mod.ts";
import { pick } from "./random_choice.ts";
import type { Behaviour } from "./random_behaviour.ts";

/** How many of the seeds have such bolts. */
const CALLED_PART = 0.4;
/** So many retries that no task crashes of it. */
const RETRIES = 1_000;

/** `definition` with what its bolts' calls may do; their behaviours are changed to fit. */
export function withCalls(
  definition: TopologyDefinition,
  { seed, behaviours, isTimely }: {
    readonly seed: number;
    readonly behaviours: ReadonlyMap<string, Behaviour>;
    /** What takes long on purpose is to be in time: it stays as it is. */
    readonly isTimely: boolean;
  },
): TopologyDefinition {
  if (isTimely) return definition;
  const random = seededRandom(Math.imul(seed, 0x2545f491) ^ 0x63616c6c);
  if (random.unit() >= CALLED_PART) return definition;
  const components = definition.components.map((component) => {
    const behaviour = behaviours.get(component.name);
    if (component.kind === "spout" || behaviour === undefined) return component;
    return { ...component, config: { ...component.config, ...callsOf(random, behaviour) } };
  });
  return { ...definition, components };
}

function callsOf(random: Random, behaviour: Behaviour): Record<string, ConfigValue> {
  const config: Record<string, ConfigValue> = {};
  if (random.unit() < 0.7) {
    config[Config.TOPOLOGY_COMPONENT_MAX_CONCURRENCY] = pick(random, [2, 3, 10, 1_000]);
    behaviour.style = pick(random, ["promises", "promises", "ready", "plain"] as const);
  }
  if (random.unit() < 0.4) {
    config[Config.TOPOLOGY_COMPONENT_ERROR_RETRIES] = RETRIES;
    config[Config.TOPOLOGY_COMPONENT_ERROR_BACKOFF_MS] = pick(random, [0, 1, 7]);
    behaviour.throws = pick(random, [0.01, 0.1, 0.3]);
  }
  return config;
}
