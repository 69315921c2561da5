/** The tasks of a container, and whom its spouts reach, as the job says: no plan has to come for it. */

import type { TopologyDefinition } from "../api/mod.ts";
import { type CheckedJob, packedInstances, reachedTasks } from "../plan/mod.ts";
import type { LocalTask } from "./stmgr_ports.ts";

/** What is known of a topology when it is submitted. */
export interface TopologyPlans {
  readonly definition: TopologyDefinition;
  readonly packingPlan: CheckedJob["packingPlan"];
}

/** The tasks of `container`, none where the job has no such container. */
export function localTasksOf(plans: TopologyPlans, container: number): LocalTask[] {
  const { definition, packingPlan } = plans;
  const spouts = definition.components.filter(({ kind }) => kind === "spout").map(({ name }) =>
    [name, reachedTasks(definition, packingPlan, name)] as const
  );
  const reaches = new Map(spouts);
  return (packedInstances(plans, container) ?? []).map((task) => ({
    ...task,
    reaches: reaches.get(task.component),
  }));
}
