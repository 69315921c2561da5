/**
 * In some seeds somebody is gone just when a task has told its end. Chance of its own: the other
 * seeds stay as they are.
 */

import type { TopologyDefinition } from "../api/mod.ts";
import { seededRandom } from "../base/mod.ts";
import { between, logUniform, pick } from "./random_choice.ts";
import type { EndVictim, Fault } from "./random_faults.ts";

const CUT_PART = 0.25;
const CUTS_MAX = 3;

const VICTIMS: readonly EndVictim[] = Object.freeze([
  "task",
  "stmgr",
  "container",
  "tm_and_container",
  "tm_and_container",
  "tm_and_container",
]);

/** Faults at the ends of spouts, often of the last, behind which bolts end as well. */
export function randomEndCuts(
  seed: number,
  { components }: Pick<TopologyDefinition, "components">,
): Fault[] {
  const spoutTasks = components.reduce(
    (sum, { kind, parallelism }) => sum + (kind === "spout" ? parallelism : 0),
    0,
  );
  const random = seededRandom(Math.imul(seed, 0x1b873593) ^ 0x656e6473);
  if (random.unit() >= CUT_PART) return [];
  return Array.from({ length: between(random, 1, CUTS_MAX) }, () => ({
    kind: "cut_end",
    victim: pick(random, VICTIMS),
    spoutsBefore: random.unit() < 0.7 ? spoutTasks - 1 : between(random, 0, spoutTasks - 1),
    afterMs: logUniform(random, 0.5, 100),
    atMs: 0,
  }));
}
