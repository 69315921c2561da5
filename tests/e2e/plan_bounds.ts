/**
 * What PROTOCOL section 2 lets each process of a run hold of tuples, computed from the run's own
 * plan with the product's formulas. What a process holds besides, code and heap, is not in it.
 */

import { systemConfigFrom } from "../../src/base/config/mod.ts";
import {
  type CheckedJob,
  logicalPlanFromProto,
  PhysicalPlan,
  stmgrId,
} from "../../src/plan/mod.ts";
import {
  partsCostBytes,
  receiveBoundBytes,
  type ServedTask,
  stmgrBoundBytes,
  taskBudgetBytes,
} from "../../src/tuples/mod.ts";
import { planOf } from "../support/plans.ts";

/** The bounds of one run, in bytes. */
export interface PlanBounds {
  /** By the id of a process; 0 for those that no tuple passes. */
  of(processId: string): number;
  /** What a task may have received and not yet handled, overshoot included. */
  heldBy(taskId: number): number;
  readonly plan: PhysicalPlan;
}

/** The bounds of the run of `job`. */
export function boundsOf(job: CheckedJob): PlanBounds {
  const plan = PhysicalPlan.from(planOf(logicalPlanFromProto(job.topology)));
  const config = systemConfigFrom(plan.definition.config);
  // One call, and the batch in which its last tuple lies.
  const overshootBytes = config.emitOvershootBytes + config.instanceBatchBytes;
  const budgetOf = (task: number): number => taskBudgetBytes(config, plan.tasksInContainerOf(task));
  const { instanceBatchBytes, topologyTupleMaxBytes } = config;
  // One tuple in parts; where there are none the topology says so by its limit.
  const mayBeParted = topologyTupleMaxBytes > instanceBatchBytes;
  const largeBytes = mayBeParted ? partsCostBytes(topologyTupleMaxBytes, instanceBatchBytes) : 0;
  const onTheWayTo = (task: number, tasks = plan.sourcesOf(task).length): number =>
    tasks === 0 ? 0 : receiveBoundBytes(config, budgetOf(task), { tasks, overshootBytes });
  const heldBy = (task: number): number =>
    plan.sourcesOf(task).length === 0 ? 0 : onTheWayTo(task) + largeBytes;
  const bytes = new Map<string, number>();
  for (const { taskId, instanceId } of plan.tasks) {
    // What waits to leave was granted by those who will take it.
    const leaving = plan.targetsOf(taskId)
      .map((target) => onTheWayTo(target) / plan.sourcesOf(target).length)
      .reduce((sum, share) => sum + share, 0);
    // A tuple is encoded whole before its first part leaves, into memory that doubles.
    const encoding = mayBeParted && leaving > 0 ? 2 * topologyTupleMaxBytes : 0;
    bytes.set(instanceId, heldBy(taskId) + leaving + encoding + 2 * config.instanceRingBytes);
  }
  for (const { id } of job.packingPlan.containerPlans) {
    const served = servedBy(plan, stmgrId(id), budgetOf);
    bytes.set(stmgrId(id), stmgrBoundBytes(config, served, overshootBytes));
  }
  return { of: (id) => bytes.get(id) ?? 0, heldBy, plan };
}

/** The tasks that a stream manager holds frames for: its own, and the others its own send to. */
function servedBy(
  plan: PhysicalPlan,
  stmgr: string,
  budgetOf: (task: number) => number,
): ServedTask[] {
  return plan.tasks.flatMap(({ taskId, stmgrId: home }) => {
    const sources = plan.sourcesOf(taskId);
    const here = sources.filter((source) => home === stmgr || plan.task(source).stmgrId === stmgr);
    if (here.length === 0) return [];
    return [{
      budgetBytes: budgetOf(taskId),
      sourceTasks: sources.length,
      sourcesHere: here.length,
    }];
  });
}
