/**
 * The job: what a submitted topology is to each of its processes. Bytes only;
 * the file is read and written by others.
 */

import type { MessageInitShape } from "@bufbuild/protobuf";
import { type PackingPlan, PackingPlanSchema } from "../base/gen/heron/packing_plan_pb.ts";
import { type Job, JobSchema } from "../base/gen/heron_bin/job_pb.ts";
import { HeronError } from "../base/mod.ts";
import { decodeRecord, encodeRecord } from "./record_codec.ts";

const PLAN_HASH_BYTES = 32;

/** A job of which all that a role needs is there. */
export type CheckedJob = Omit<Job, "packingPlan" | "topology"> & {
  readonly topology: NonNullable<Job["topology"]>;
  /** Decoded when it is first asked for; throws HeronError "corrupt" when it does not fit. */
  readonly packingPlan: PackingPlan;
};

/** What a job is made of. What it says of its packing plan is counted. */
export type NewJob =
  & Omit<
    Exclude<MessageInitShape<typeof JobSchema>, Job>,
    "packingPlan" | "containers" | "tasks" | "largestTaskId"
  >
  & { readonly packingPlan?: PackingPlan };

/**
 * The bytes of a job.
 * @throws TypeError when required fields of its plans are missing
 */
export function encodeJob({ packingPlan, ...job }: NewJob): Uint8Array {
  if (packingPlan === undefined) return encodeRecord(JobSchema, job);
  const containers = packingPlan.containerPlans;
  const tasks = containers.flatMap(({ instancePlans }) => instancePlans);
  return encodeRecord(JobSchema, {
    ...job,
    packingPlan: encodeRecord(PackingPlanSchema, packingPlan),
    containers: containers.length,
    tasks: tasks.length,
    largestTaskId: tasks.reduce((largest, { taskId }) => Math.max(largest, taskId), 0),
  });
}

/**
 * The job in `bytes`.
 * @throws HeronError "corrupt" naming what is missing or does not fit together
 */
export function decodeJob(bytes: Uint8Array): CheckedJob {
  const job = decodeRecord(JobSchema, bytes, "the job");
  const { topology } = job;
  const missing = missingParts(job);
  if (missing.length > 0 || topology === undefined) {
    const named = missing.map((name) => `"${name}"`).join(", ");
    throw new HeronError("corrupt", `Read the job: found no ${named}, expected all of it`);
  }
  if (job.planHash.length !== PLAN_HASH_BYTES) {
    throw new HeronError(
      "corrupt",
      `Read the job: found a plan hash of ${job.planHash.length} B, expected ${PLAN_HASH_BYTES} B`,
    );
  }
  checkId(topology.id, job);
  let plan: PackingPlan | undefined;
  return {
    ...job,
    topology,
    get packingPlan() {
      return plan ??= decodePackingPlan(job);
    },
  };
}

function decodePackingPlan(job: Job): PackingPlan {
  const plan = decodeRecord(PackingPlanSchema, job.packingPlan, "the packing plan of the job");
  checkId(plan.id, job);
  return plan;
}

function checkId(id: string, { topologyId }: Job): void {
  if (id === topologyId) return;
  throw new HeronError(
    "corrupt",
    `Read the job: found a plan of topology "${id}", expected "${topologyId}"`,
  );
}

function missingParts(job: Job): string[] {
  const { packingPlan } = job;
  const parts = {
    topology_name: job.topologyName,
    topology_id: job.topologyId,
    folder: job.folder,
    state_root: job.stateRoot,
    bundle: job.bundle,
    topology: job.topology,
    packing_plan: packingPlan.length === 0 ? undefined : packingPlan,
  };
  return Object.entries(parts).filter(([, value]) => value === "" || value === undefined)
    .map(([name]) => name);
}
