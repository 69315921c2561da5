/** What a task has counted over its life, for its last words. */

import type { PhysicalPlan } from "../../plan/mod.ts";
import type { Emitter } from "./emitter.ts";
import type { Intake } from "./intake.ts";
import type { TaskTotals, Work } from "./work.ts";

/** The parts of a task that count; they are there once there is a plan. */
export interface CountingParts {
  readonly emitter: Pick<Emitter, "emitted"> | undefined;
  readonly work: Pick<Work, "executed" | "acked" | "failed"> | undefined;
  readonly intake: Pick<Intake, "dropped"> | undefined;
}

/** What task `taskId` has counted. */
export function taskTotals(
  taskId: number,
  plan: Pick<PhysicalPlan, "task"> | undefined,
  { emitter, work, intake }: CountingParts,
): TaskTotals {
  return {
    taskId,
    component: plan?.task(taskId).component ?? "",
    emitted: emitter?.emitted ?? 0,
    executed: work?.executed ?? 0,
    acked: work?.acked ?? 0,
    failed: work?.failed ?? 0,
    dropped: new Map(intake?.dropped),
  };
}
