/** The bounds of queues in a scenario, by the formulas of the protocol. */

import { maxConcurrencyOf } from "../api/mod.ts";
import type { PhysicalPlan } from "../plan/mod.ts";
import {
  partsCostBytes,
  receiveBoundBytes,
  type ServedTask,
  taskBudgetBytes,
} from "../tuples/mod.ts";
import { mayBeParted } from "./random_parts.ts";
import type { Scenario } from "./scenario.ts";

/** What the calls of a task may send past its credit: the limit of each, and the tuple that passes it. */
export function overshootBytesOf({ config, definition }: Scenario): number {
  const calls = Math.max(...definition.components.map((one) => maxConcurrencyOf(one.config)));
  return config.emitOvershootBytes * calls + config.instanceBatchBytes;
}

/** The most bytes of runs that task `taskId` may hold. */
export function instanceBoundBytes(scenario: Scenario, plan: PhysicalPlan, taskId: number): number {
  const budget = taskBudgetBytes(scenario.config, plan.tasksInContainerOf(taskId));
  const tasks = plan.sourcesOf(taskId).length;
  const { topologyTupleMaxBytes, instanceBatchBytes } = scenario.config;
  return receiveBoundBytes(scenario.config, budget, {
    tasks,
    overshootBytes: overshootBytesOf(scenario),
    largeBytes: mayBeParted(scenario.config)
      ? partsCostBytes(topologyTupleMaxBytes, instanceBatchBytes)
      : 0,
  });
}

/** The tasks that `stmgrId` holds frames for: its own, and those its own send to. */
export function servedTasks(scenario: Scenario, plan: PhysicalPlan, stmgrId: string): ServedTask[] {
  return plan.tasks.map(({ taskId, stmgrId: home }) => {
    const sources = plan.sourcesOf(taskId);
    const isHere = (task: number): boolean => plan.task(task).stmgrId === stmgrId;
    return {
      budgetBytes: taskBudgetBytes(scenario.config, plan.tasksInContainerOf(taskId)),
      sourceTasks: sources.length,
      sourcesHere: home === stmgrId ? sources.length : sources.filter(isHere).length,
    };
  });
}
