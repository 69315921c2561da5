/** What goes wrong in a run, and when. */

import type { Random } from "../base/mod.ts";
import type { PackingPlan } from "../base/gen/heron/packing_plan_pb.ts";
import { between, logUniform, pick, shuffled } from "./random_choice.ts";

/** Something that goes wrong. */
export type Fault =
  /** The connection of two stream managers ends. */
  | {
    readonly kind: "cut_peer";
    readonly atMs: number;
    readonly first: number;
    readonly second: number;
  }
  /** The connection of a stream manager and the topology master ends. */
  | { readonly kind: "cut_tm"; readonly atMs: number; readonly container: number }
  /** A process does nothing for a while. */
  | {
    readonly kind: "stop";
    readonly atMs: number;
    readonly forMs: number;
    readonly process: StoppedProcess;
  }
  /** A plan of an older topology master arrives late. */
  | { readonly kind: "stale_plan"; readonly atMs: number; readonly container: number }
  /** A grant for another life of a task arrives late. */
  | { readonly kind: "stale_grant"; readonly atMs: number; readonly task: number };

/** Which process is stopped. */
export type StoppedProcess =
  | { readonly role: "tm" }
  | { readonly role: "stmgr"; readonly container: number }
  | { readonly role: "instance"; readonly task: number };

/** Most cuts of one run. */
const CUTS_MAX = 6;

/** Random faults for a topology packed by `plan`. */
export function randomFaults(random: Random, plan: PackingPlan): Fault[] {
  const containers = plan.containerPlans.map((container) => container.id);
  const tasks = plan.containerPlans.flatMap((one) => one.instancePlans.map((task) => task.taskId));
  const faults: Fault[] = [];
  const atMs = (): number => logUniform(random, 5, 2_000);
  if (containers.length > 1 && random.unit() < 0.4) {
    for (let cuts = between(random, 1, CUTS_MAX); cuts > 0; cuts--) {
      const [first = 1, second = 2] = shuffled(random, containers);
      faults.push({ kind: "cut_peer", atMs: atMs(), first, second });
    }
  }
  if (random.unit() < 0.15) {
    faults.push({ kind: "cut_tm", atMs: atMs(), container: pick(random, containers) });
  }
  for (let stops = pick(random, [0, 0, 0, 1, 3]); stops > 0; stops--) {
    const process = pick<StoppedProcess>(random, [
      { role: "tm" },
      { role: "stmgr", container: pick(random, containers) },
      { role: "instance", task: pick(random, tasks) },
    ]);
    faults.push({ kind: "stop", atMs: atMs(), forMs: logUniform(random, 10, 20_000), process });
  }
  if (containers.length > 1 && random.unit() < 0.15) {
    faults.push({ kind: "stale_plan", atMs: atMs(), container: pick(random, containers) });
  }
  if (random.unit() < 0.15) {
    faults.push({ kind: "stale_grant", atMs: atMs(), task: pick(random, tasks) });
  }
  return faults;
}
