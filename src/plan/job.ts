/**
 * The job: what a submitted topology is to each of its processes. Bytes only;
 * the file is read and written by others.
 */

import type { MessageInitShape } from "@bufbuild/protobuf";
import { type Job, JobSchema } from "../base/gen/heron_bin/job_pb.ts";
import { HeronError } from "../base/mod.ts";
import { decodeRecord, encodeRecord } from "./record_codec.ts";

const PLAN_HASH_BYTES = 32;

/** A job of which all that a role needs is there. */
export type CheckedJob = Job & {
  readonly topology: NonNullable<Job["topology"]>;
  readonly packingPlan: NonNullable<Job["packingPlan"]>;
};

/**
 * The bytes of a job.
 * @throws TypeError when required fields of its plans are missing
 */
export function encodeJob(job: MessageInitShape<typeof JobSchema>): Uint8Array {
  return encodeRecord(JobSchema, job);
}

/**
 * The job in `bytes`.
 * @throws HeronError "corrupt" naming what is missing or does not fit together
 */
export function decodeJob(bytes: Uint8Array): CheckedJob {
  const job = decodeRecord(JobSchema, bytes, "the job");
  const missing = missingParts(job);
  if (missing.length > 0 || !hasPlans(job)) {
    const named = missing.map((name) => `"${name}"`).join(", ");
    throw new HeronError("corrupt", `Read the job: found no ${named}, expected all of it`);
  }
  if (job.planHash.length !== PLAN_HASH_BYTES) {
    throw new HeronError(
      "corrupt",
      `Read the job: found a plan hash of ${job.planHash.length} B, expected ${PLAN_HASH_BYTES} B`,
    );
  }
  for (const id of [job.topology.id, job.packingPlan.id]) {
    if (id === job.topologyId) continue;
    throw new HeronError(
      "corrupt",
      `Read the job: found a plan of topology "${id}", expected "${job.topologyId}"`,
    );
  }
  return job;
}

function missingParts(job: Job): string[] {
  const parts = {
    topology_name: job.topologyName,
    topology_id: job.topologyId,
    folder: job.folder,
    state_root: job.stateRoot,
    bundle: job.bundle,
    topology: job.topology,
    packing_plan: job.packingPlan,
  };
  return Object.entries(parts).filter(([, value]) => value === "" || value === undefined)
    .map(([name]) => name);
}

function hasPlans(job: Job): job is CheckedJob {
  return job.topology !== undefined && job.packingPlan !== undefined;
}
