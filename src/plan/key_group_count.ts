/**
 * How many key groups a topology has. The number is recorded when a topology
 * is submitted, so that a later rescale moves whole groups. Which group a key
 * is in and which task has a group is for `tuples` to say.
 */

import { Config, type TopologyDefinition } from "../api/mod.ts";
import { HeronError } from "../base/mod.ts";

const KEY_GROUPS_MIN = 1024;
const GROUPS_PER_TASK = 32;

/** The power of two of at least 32 × the largest parallelism, at least 1024. */
export function keyGroupsFor(parallelismMax: number): number {
  return Math.max(KEY_GROUPS_MIN, 2 ** Math.ceil(Math.log2(GROUPS_PER_TASK * parallelismMax)));
}

/** The number of key groups of `definition` when its configuration says nothing. */
export function defaultKeyGroups(definition: TopologyDefinition): number {
  return keyGroupsFor(largestParallelism(definition));
}

/**
 * The recorded number of key groups of `definition`, or the default.
 * @throws HeronError "invalid_topology" when it is no power of two or below a parallelism
 */
export function keyGroupsOf(definition: TopologyDefinition): number {
  const recorded = definition.config[Config.TOPOLOGY_KEY_GROUPS];
  if (recorded === undefined) return defaultKeyGroups(definition);
  const keyGroups = Number(recorded);
  const largest = largestParallelism(definition);
  if (Number.isInteger(Math.log2(keyGroups)) && keyGroups >= largest) return keyGroups;
  throw new HeronError(
    "invalid_topology",
    `Count key groups: found "${recorded}", expected a power of two not below the largest parallelism, "${largest}"`,
  );
}

function largestParallelism(definition: TopologyDefinition): number {
  return definition.components.reduce((most, one) => Math.max(most, one.parallelism), 1);
}
