/** Makes the physical plan's record of what was packed and of who registered. */

import { create } from "@bufbuild/protobuf";
import type { PackingPlan } from "../base/gen/heron/packing_plan_pb.ts";
import { type PhysicalPlan, PhysicalPlanSchema, type StMgr } from "../base/gen/heron/physical_plan_pb.ts";
import type { Topology } from "../base/gen/heron/topology_pb.ts";
import { instanceId, stmgrId } from "./ids.ts";

/** What a physical plan is made of. */
export interface PhysicalPlanParts {
  readonly topology: Topology;
  readonly packingPlan: PackingPlan;
  /** The stream managers that registered. */
  readonly stmgrs: readonly StMgr[];
}

/** The record: stream managers ordered by the text of their ids, instances by task id. */
export function buildPhysicalPlan(parts: PhysicalPlanParts): PhysicalPlan {
  const { topology, packingPlan, stmgrs } = parts;
  const instances = packingPlan.containerPlans.flatMap((container) =>
    container.instancePlans.map((plan) => ({
      instanceId: instanceId(container.id, plan.componentName, plan.taskId),
      stmgrId: stmgrId(container.id),
      info: {
        taskId: plan.taskId,
        componentIndex: plan.componentIndex,
        componentName: plan.componentName,
      },
    }))
  );
  return create(PhysicalPlanSchema, {
    topology,
    stmgrs: [...stmgrs].sort((a, b) => (a.id < b.id ? -1 : 1)),
    instances: instances.sort((a, b) => a.info.taskId - b.info.taskId),
  });
}
