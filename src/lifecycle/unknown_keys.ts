/**
 * Which keys of a topology's config are written as if they were the system's, and are none: a
 * misspelt one, or one of Heron's or Storm's that means nothing here.
 */

import { Config, SERIALIZATIONS_KEY, type TopologyDefinition } from "../api/mod.ts";
import { SETTINGS } from "../base/config/mod.ts";

/** Keys that begin so are not a user's own. */
const OURS = /^(topology|heron)\./;

const KNOWN: ReadonlySet<unknown> = new Set([
  ...Object.keys(SETTINGS),
  SERIALIZATIONS_KEY,
  ...Object.entries(Config).filter(([name]) => name.startsWith("TOPOLOGY_")).map(([, key]) => key),
]);

/** A line for each such key, of the topology and of its components. */
export function unknownKeys(
  { config, components }: Pick<TopologyDefinition, "config" | "components">,
): readonly string[] {
  const places = [
    { where: "", keys: Object.keys(config) },
    ...components.map((one) => ({ where: ` of "${one.name}"`, keys: Object.keys(one.config) })),
  ];
  return places.flatMap(({ where, keys }) =>
    keys.filter((key) => OURS.test(key) && !KNOWN.has(key))
      .map((key) => `config key "${key}"${where} is not known, and does nothing`)
  );
}
