/**
 * In some seeds a topology master or a plan of one comes late, beside what else goes wrong. Neither
 * loses a tuple. Chance of its own: the other seeds stay as they are.
 */

import { seededRandom } from "../base/mod.ts";
import type { PackingPlan } from "../base/gen/heron/packing_plan_pb.ts";
import { between, logUniform, pick } from "./random_choice.ts";
import type { Fault } from "./random_faults.ts";

const STALE_PLAN_PART = 0.25;
const STALE_PLANS_MAX = 3;
const LATE_MASTER_PART = 0.2;
const AT_MS_MAX = 1_500;

/** Plans of masters of before, and masters that go on beside their replacement. */
export function randomLateMasters(seed: number, { containerPlans }: PackingPlan): Fault[] {
  const random = seededRandom(Math.imul(seed, 0x165667b1) ^ 0x6d617374);
  const faults: Fault[] = [];
  const containers = containerPlans.map(({ id }) => id);
  if (random.unit() < STALE_PLAN_PART && containers.length > 1) {
    for (let left = between(random, 1, STALE_PLANS_MAX); left > 0; left--) {
      const container = pick(random, containers);
      faults.push({ kind: "stale_plan", container, atMs: logUniform(random, 100, AT_MS_MAX) });
    }
  }
  if (random.unit() < LATE_MASTER_PART) {
    const forMs = logUniform(random, 200, 3_000);
    const atMs = logUniform(random, 50, AT_MS_MAX);
    faults.push({ kind: "zombie", forMs, target: { role: "tm" }, atMs });
  }
  return faults;
}
