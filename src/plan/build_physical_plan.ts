/**
 * Makes the physical plan's record of what was packed and of who registered,
 * and the packet that tells it to everyone. Who is waited for, and when a new
 * plan is made, is the topology master's business.
 */

import { create, type MessageInitShape } from "@bufbuild/protobuf";
import type { ContainerPlan, PackingPlan } from "../base/gen/heron/packing_plan_pb.ts";
import {
  type InstanceSchema,
  type PhysicalPlan,
  PhysicalPlanSchema,
  type StMgr,
} from "../base/gen/heron/physical_plan_pb.ts";
import type { Topology } from "../base/gen/heron/topology_pb.ts";
import {
  type PlanUpdate,
  PlanUpdateSchema,
  type StmgrIncarnation,
  type TaskIncarnation,
} from "../base/gen/heron_bin/packet_pb.ts";
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
  return create(PhysicalPlanSchema, {
    topology,
    stmgrs: [...stmgrs].sort((a, b) => (a.id < b.id ? -1 : 1)),
    instances: packingPlan.containerPlans
      .flatMap((container) => instancesOf(container))
      .sort((a, b) => a.info.taskId - b.info.taskId),
  });
}

type InstanceInit = MessageInitShape<typeof InstanceSchema> & {
  readonly info: { readonly taskId: number };
};

function instancesOf(container: ContainerPlan): InstanceInit[] {
  return container.instancePlans.map(({ componentName, taskId, componentIndex }) => ({
    instanceId: instanceId(container.id, componentName, taskId),
    stmgrId: stmgrId(container.id),
    info: { taskId, componentIndex, componentName },
  }));
}

/** What a plan update is made of. */
export interface PlanUpdateParts {
  readonly plan: PhysicalPlan;
  /** Epoch of the scheduler. */
  readonly schedulerEpoch: number;
  /** Number of the lease that the topology master acts under. */
  readonly leaseNumber: bigint;
  /** Grows with tasks, ranges and routing. */
  readonly planVersion: number;
  /** Grows with addresses. */
  readonly addressVersion: number;
  /** Grows with each restore of a checkpoint, `@default 0`. */
  readonly restoreEpoch?: number;
  /** The lives of tasks, as far as they are known. */
  readonly tasks: readonly TaskIncarnation[];
  /** The lives of stream managers, as far as they are known. */
  readonly stmgrs: readonly StmgrIncarnation[];
}

/** The packet's body that carries a plan. */
export function buildPlanUpdate(parts: PlanUpdateParts): PlanUpdate {
  return create(PlanUpdateSchema, { ...parts, tasks: [...parts.tasks], stmgrs: [...parts.stmgrs] });
}
