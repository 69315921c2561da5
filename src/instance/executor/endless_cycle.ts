/** Whether the end of a spout's input can be seen: a cycle behind it may hide it. */

import type { PhysicalPlan } from "../../plan/mod.ts";

/** Why the input of `spout` cannot end, found and expected; undefined: it can. */
export function endlessCycle(
  plan: PhysicalPlan,
  spout: string,
  isFollowed: boolean,
): string | undefined {
  if (!isFollowed) {
    const cycle = plan.cycleReachedFrom(spout);
    if (cycle === undefined) return undefined;
    return `found the cycle ${cycle} behind it, expected none with reliability mode ATMOST_ONCE, ` +
      "where nobody knows when a cycle is empty";
  }
  const cycle = plan.cycleFedTwiceFrom(spout);
  if (cycle === undefined) return undefined;
  return `found the cycle ${cycle} behind it, which is fed from outside at more than one component, ` +
    "expected one, so that its end can be seen there";
}
