/** The system's settings as a component has them: a few it may set for itself. */

import type { ComponentDefinition } from "../api/mod.ts";
import { HeronError } from "../base/mod.ts";
import { type SystemConfig, systemConfigFrom } from "../base/config/mod.ts";

/** Those few, by key, with their fields. */
const OWN = Object.freeze(
  {
    "instance.threads": "instanceThreads",
    "topology.max.spout.pending": "topologyMaxSpoutPending",
  } as const,
);

/**
 * The settings of the topology with those of `component` on top.
 * @throws HeronError `invalid_config` that names the component
 */
export function componentSettings(
  topology: SystemConfig,
  { name, config }: Pick<ComponentDefinition, "name" | "config">,
): SystemConfig {
  const own = Object.entries(OWN).filter(([key]) => config[key] !== undefined);
  if (own.length === 0) return topology;
  try {
    const read = systemConfigFrom(Object.fromEntries(own.map(([key]) => [key, config[key] ?? ""])));
    return { ...topology, ...Object.fromEntries(own.map(([, field]) => [field, read[field]])) };
  } catch (thrown) {
    const { code, message } = HeronError.from(thrown);
    throw new HeronError(code, `Set up component "${name}": ${message}`, { cause: thrown });
  }
}
