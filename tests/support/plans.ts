/** Physical plans of whole topologies, for tests of the roles' cores: packed by round robin, nobody at home. */

import { create } from "@bufbuild/protobuf";
import type { TopologyDefinition } from "../../src/api/mod.ts";
import { type PlanUpdate, PlanUpdateSchema } from "../../src/base/gen/heron_bin/packet_pb.ts";
import type { PackingPlan } from "../../src/base/gen/heron/packing_plan_pb.ts";
import { type Topology, TopologyState } from "../../src/base/gen/heron/topology_pb.ts";
import { packRoundRobin } from "../../src/packing/mod.ts";
import { buildPhysicalPlan, logicalPlanToProto, stmgrId } from "../../src/plan/mod.ts";

/** What `planOf` may be told. */
export interface PlanOptions {
  /** Port of stream manager N is `firstPort` + N. @default 7000 */
  readonly firstPort?: number;
  readonly version?: number;
  readonly leaseNumber?: bigint;
  /** The topology is deactivated. @default false */
  readonly isPaused?: boolean;
}

/** The records of a packed topology. */
export interface PackedTopology {
  readonly topology: Topology;
  readonly packingPlan: PackingPlan;
}

/** Packs `definition`. */
export function pack(definition: TopologyDefinition): PackedTopology {
  const id = `${definition.name}-test`;
  return {
    topology: logicalPlanToProto(definition, id),
    packingPlan: packRoundRobin(definition, id),
  };
}

/** The plan of `definition`, each task in its first life. */
export function planOf(definition: TopologyDefinition, options: PlanOptions = {}): PlanUpdate {
  const { topology, packingPlan } = pack(definition);
  const { firstPort = 7000, version = 1, leaseNumber = 1n, isPaused = false } = options;
  const plan = buildPhysicalPlan({
    topology: isPaused ? { ...topology, state: TopologyState.PAUSED } : topology,
    packingPlan,
    stmgrs: packingPlan.containerPlans.map(({ id }) => ({
      $typeName: "heron.proto.system.StMgr" as const,
      id: stmgrId(id),
      hostName: "127.0.0.1",
      dataPort: firstPort + id,
      localEndpoint: "/unused",
      cwd: "",
      pid: 0,
      shellPort: 0,
      localDataPort: 0,
    })),
  });
  return create(PlanUpdateSchema, {
    schedulerEpoch: 1,
    leaseNumber,
    planVersion: version,
    addressVersion: 1,
    plan,
    tasks: plan.instances.map((instance) => ({
      task: instance.info?.taskId ?? 0,
      incarnation: { epoch: 1, counter: instance.info?.taskId ?? 0 },
    })),
  });
}
