/**
 * How many threads the instances of a seed have: all two, all one, or some one
 * and some the other. Chance of its own: seeds with two threads stay as they are.
 */

import { seededRandom } from "../base/mod.ts";

/** Seeds in which all instances have two threads; the same for one. The others are mixed. */
const TWO_PART = 0.4;
const ONE_PART = 0.2;

/** The threads of each instance of a task. */
export function threadsOf(seed: number, taskId: number): 1 | 2 {
  const unit = seededRandom(Math.imul(seed, 0x9e3779b1) ^ 0x74687264).unit();
  if (unit < TWO_PART) return 2;
  if (unit < TWO_PART + ONE_PART) return 1;
  const random = seededRandom(Math.imul(seed, 0x85ebca6b) ^ Math.imul(taskId, 0xc2b2ae35));
  return random.unit() < 0.5 ? 1 : 2;
}
