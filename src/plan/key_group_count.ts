/** How many key groups a topology has: recorded at submit, so that a rescale moves whole groups. */

import type { TopologyDefinition } from "../api/mod.ts";

/** Config key that records the number. */
export const KEY_GROUPS_KEY = "topology.key.groups";

const KEY_GROUPS_MIN = 1024;
const GROUPS_PER_TASK = 32;

/** The power of two of at least 32 × the largest parallelism, at least 1024. */
export function keyGroupsFor(parallelismMax: number): number {
  return Math.max(KEY_GROUPS_MIN, 2 ** Math.ceil(Math.log2(GROUPS_PER_TASK * parallelismMax)));
}

/** The recorded number of `definition`, or what it would be. */
export function keyGroupsOf(definition: TopologyDefinition): number {
  const recorded = definition.config[KEY_GROUPS_KEY];
  if (recorded !== undefined) return Number(recorded);
  return keyGroupsFor(Math.max(1, ...definition.components.map((one) => one.parallelism)));
}
