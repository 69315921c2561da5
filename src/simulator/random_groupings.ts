/**
 * Groupings that random topologies get besides their first ones, by a chance of
 * their own: what else a seed stands for stays as it is.
 */

import type { ComponentDefinition, GroupingDefinition, InputDefinition } from "../api/mod.ts";
import { type Random, seededRandom } from "../base/mod.ts";

/** Of two seeds one keeps its groupings, of two subscriptions in the other as well. */
const CHANGED_PART = 0.5;

/** Some subscriptions of `components` become local-or-shuffle, partial key and, without a cycle, custom ones. */
export function withOtherGroupings(
  seed: number,
  components: readonly ComponentDefinition[],
  hasCycle: boolean,
): ComponentDefinition[] {
  const random = seededRandom(Math.imul(seed, 0x9e3779b1) ^ 0x67726f75);
  if (random.unit() < CHANGED_PART) return [...components];
  return components.map((one) => ({
    ...one,
    inputs: distinct(one.inputs.map((input) => changed(random, input, hasCycle))),
  }));
}

function changed(random: Random, input: InputDefinition, hasCycle: boolean): InputDefinition {
  if (random.unit() < CHANGED_PART) return input;
  return { ...input, grouping: otherGrouping(input.grouping, hasCycle) };
}

/** One that sends no more copies. */
function otherGrouping(grouping: GroupingDefinition, hasCycle: boolean): GroupingDefinition {
  switch (grouping.type) {
    case "shuffle":
    case "none":
      return { type: "localOrShuffle" };
    case "fields":
      return { type: "partialKey", fields: grouping.fields };
    case "all":
      return hasCycle ? grouping : { type: "custom" };
    default:
      return grouping;
  }
}

/** Each subscription once: those of one bolt to one stream differ in their groupings. */
export function distinct(inputs: readonly InputDefinition[]): InputDefinition[] {
  const keys = inputs.map(({ component, stream, grouping }) =>
    `${component} ${stream} ${grouping.type}`
  );
  return inputs.filter((_, index) => keys.indexOf(keys[index] ?? "") === index);
}
