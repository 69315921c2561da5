/**
 * The records of a submitted topology that Heron has not: where it is, what is wanted of it and how it is.
 * Bytes only; where they lie and how they are written is the state store's business.
 */

import {
  Activation,
  type SchedulerStatus,
  SchedulerStatusSchema,
  type Submission,
  SubmissionSchema,
  type Wanted,
  WantedSchema,
} from "../base/gen/heron_bin/submission_pb.ts";
import { HeronError } from "../base/mod.ts";
import { decodeRecord, encodeRecord } from "./record_codec.ts";

/** A record without what protobuf adds. */
export type Plain<Record> = Omit<Record, "$typeName" | "$unknown">;

/** The record of where a topology is. */
export function submissionRecord(submission: Plain<Submission>): Uint8Array {
  return encodeRecord(SubmissionSchema, submission);
}

/**
 * Reads where a topology is.
 * @throws HeronError "corrupt"
 */
export function readSubmission(bytes: Uint8Array): Submission {
  const found = decodeRecord(SubmissionSchema, bytes, "where the topology is");
  if (found.topologyId !== "" && found.folder.startsWith("/")) return found;
  throw new HeronError(
    "corrupt",
    `Read where the topology is: found id "${found.topologyId}" and folder "${found.folder}", expected both`,
  );
}

/** The record of what is wanted. */
export function wantedRecord(
  wanted: Pick<Wanted, "activation" | "endReason"> & Partial<Pick<Wanted, "restarts">>,
): Uint8Array {
  const { activation, endReason, restarts = [] } = wanted;
  return encodeRecord(WantedSchema, { activation, endReason, restarts });
}

/**
 * Reads what is wanted of a topology.
 * @throws HeronError "corrupt"
 */
export function readWanted(bytes: Uint8Array): Wanted {
  const found = decodeRecord(WantedSchema, bytes, "what is wanted of the topology");
  if (found.activation !== Activation.UNSPECIFIED) return found;
  throw new HeronError(
    "corrupt",
    `Read what is wanted of the topology: found ${bytes.length} B that do not say if it is to be active`,
  );
}

/** The record of how a topology is. */
export function schedulerStatusRecord(status: Plain<SchedulerStatus>): Uint8Array {
  return encodeRecord(SchedulerStatusSchema, status);
}

/**
 * Reads how a topology is.
 * @throws HeronError "corrupt"
 */
export function readSchedulerStatus(bytes: Uint8Array): SchedulerStatus {
  const found = decodeRecord(SchedulerStatusSchema, bytes, "how the topology is");
  if (found.topologyId !== "") return found;
  throw new HeronError("corrupt", "Read how the topology is: found no topology id, expected one");
}
