/**
 * In some seeds the topology is deactivated for a while, once or more often. Neither loses a tuple, and
 * the last word is that it is active. Chance of its own: the other seeds stay as they are.
 */

import { seededRandom } from "../base/mod.ts";
import { between, logUniform } from "./random_choice.ts";
import type { Fault } from "./random_faults.ts";

const ACTIVATION_PART = 0.15;
/** Most runs take no longer. */
const AT_MS_MAX = 500;
const REST_MS_MAX = 8_000;
const TIMES_MAX = 3;

/** Wishes that the topology is active, or is not. */
export function randomActivation(seed: number): Fault[] {
  const random = seededRandom(Math.imul(seed, 0x27d4eb2f) ^ 0x61637469);
  if (random.unit() >= ACTIVATION_PART) return [];
  const faults: Fault[] = [];
  let atMs = logUniform(random, 1, AT_MS_MAX);
  for (let left = between(random, 1, TIMES_MAX); left > 0; left--) {
    faults.push({ kind: "activation", isActive: false, atMs });
    atMs += logUniform(random, 10, REST_MS_MAX);
    faults.push({ kind: "activation", isActive: true, atMs });
    atMs += logUniform(random, 1, 1_000);
  }
  return faults;
}
