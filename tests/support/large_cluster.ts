/**
 * A topology of many containers as its topology master sees it: a core, the registrations of all
 * stream managers, and links that count what goes over them. For tests and figures of size.
 */

import { create } from "@bufbuild/protobuf";
import type { TaskEnded } from "../../src/base/gen/heron_bin/packet_pb.ts";
import {
  type PlanUpdate,
  type RegisterStmgr,
  RegisterStmgrSchema,
} from "../../src/base/gen/heron_bin/packet_pb.ts";
import { instanceId, stmgrId } from "../../src/plan/mod.ts";
import { type StmgrLink, TmCore } from "../../src/tm/mod.ts";
import { drawTopology } from "./definitions.ts";
import { pack, type PackedTopology } from "./plans.ts";

/** A link that counts. */
export class CountingLink implements StmgrLink {
  /** What was sent in frames that were encoded before. */
  readonly frames: Uint8Array[] = [];
  packets = 0;

  send(): void {
    this.packets++;
  }

  sendFrame(bytes: Uint8Array): void {
    this.frames.push(bytes);
  }

  close(): void {}
}

/** What a master of a large topology was asked for. */
export interface LargeCluster {
  readonly core: TmCore;
  readonly links: readonly CountingLink[];
  /** Plans that were to be stored. */
  readonly plans: PlanUpdate[];
  /** Ends that were to be stored. */
  readonly ends: (readonly TaskEnded[])[];
  readonly registrations: readonly RegisterStmgr[];
}

/** A topology of `tasks` tasks, a spout and three bolts, in `containers` containers. */
export function packLarge(containers: number, tasks: number): PackedTopology {
  const parallelism = Math.ceil(tasks / 4);
  const names = ["s", "a", "b", "c"];
  return pack(drawTopology("s a, a b, b c", {
    config: { "topology.stmgrs": containers },
    parallelism: Object.fromEntries(names.map((name) => [name, parallelism])),
  }));
}

/** A master with whom nobody has registered yet. @param stored the plan of the one before it */
export function openLarge(packed: PackedTopology, stored?: PlanUpdate): LargeCluster {
  const plans: PlanUpdate[] = [];
  const ends: (readonly TaskEnded[])[] = [];
  const core = new TmCore({
    ...packed,
    schedulerEpoch: 1,
    leaseNumber: stored === undefined ? 1n : stored.leaseNumber + 1n,
    ...(stored === undefined ? {} : { stored: { update: stored, ended: [] } }),
    cycleStallMs: 10_000,
    ports: {
      storePlan: (update) => void plans.push(update),
      storeEnds: (ended) => void ends.push(ended),
      running: () => {},
      ended: () => {},
      stalled: () => {},
      report: () => {},
    },
  });
  const { containerPlans } = packed.packingPlan;
  return {
    core,
    links: containerPlans.map(() => new CountingLink()),
    plans,
    ends,
    registrations: containerPlans.map((_, index) => registrationOf(packed, index)),
  };
}

/** The registration of the stream manager of one container. */
export function registrationOf(
  { packingPlan }: PackedTopology,
  index: number,
  dataPort = 7000,
): RegisterStmgr {
  const container = packingPlan.containerPlans[index];
  if (container === undefined) throw new RangeError(`Register container ${index}: it is not there`);
  const id = stmgrId(container.id);
  return create(RegisterStmgrSchema, {
    stmgr: { id, hostName: "127.0.0.1", dataPort, localEndpoint: "/unused" },
    incarnation: { epoch: 1, counter: 1 },
    instances: container.instancePlans.map(({ componentName, componentIndex, taskId }) => ({
      instanceId: instanceId(container.id, componentName, taskId),
      stmgrId: id,
      info: { taskId, componentIndex, componentName },
    })),
    tasks: container.instancePlans.map(({ taskId }) => ({
      task: taskId,
      incarnation: { epoch: 1, counter: taskId },
    })),
  });
}

/** All register, and the plan is stored. */
export function registerAll({ core, links, registrations }: LargeCluster): void {
  for (const [index, record] of registrations.entries()) {
    const link = links[index];
    if (link !== undefined) core.registerStmgr(link, record);
  }
  core.planStored();
}
