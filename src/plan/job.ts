/** The job: what a submitted topology is to each of its processes. Bytes only; files are read by others. */

import { type Job, JobSchema } from "../base/gen/heron_bin/job_pb.ts";
import { HeronError } from "../base/mod.ts";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { decodeRecord, encodeRecord } from "./records.ts";

/** A job of which all that a role needs is there. */
export type CheckedJob = Job & {
  readonly topology: NonNullable<Job["topology"]>;
  readonly packingPlan: NonNullable<Job["packingPlan"]>;
};

/** The bytes of a job. */
export function encodeJob(job: MessageInitShape<typeof JobSchema>): Uint8Array {
  return encodeRecord(JobSchema, job);
}

function hasPlans(job: Job): job is CheckedJob {
  return job.topology !== undefined && job.packingPlan !== undefined;
}

/**
 * The job in `bytes`.
 * @throws HeronError "corrupt" naming what is missing
 */
export function decodeJob(bytes: Uint8Array): CheckedJob {
  const job = decodeRecord(JobSchema, bytes, "the job");
  const missing = [
    ["topology_id", job.topologyId],
    ["folder", job.folder],
    ["state_root", job.stateRoot],
    ["bundle", job.bundle],
    ["topology", job.topology],
    ["packing_plan", job.packingPlan],
  ].filter(([, value]) => value === "" || value === undefined).map(([name]) => name);
  if (missing.length > 0 || !hasPlans(job)) {
    throw new HeronError("corrupt", `Read the job: ${missing.join(", ")} missing, expected all`);
  }
  return job;
}
