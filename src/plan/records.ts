/**
 * The small records that a run writes to the state store besides its plans:
 * who submitted it, where its topology master and its scheduler are. Bytes
 * only; where they lie and how they are written is the state store's business.
 */

import { type ExecutionState, ExecutionStateSchema } from "../base/gen/heron/execution_state_pb.ts";
import { type SchedulerLocation, SchedulerLocationSchema } from "../base/gen/heron/scheduler_pb.ts";
import { type TManagerLocation, TManagerLocationSchema } from "../base/gen/heron/tmanager_pb.ts";
import { decodeRecord, encodeRecord } from "./record_codec.ts";

/** What `executionStateRecord` is made of. */
export interface ExecutionStateParts {
  readonly topologyName: string;
  readonly topologyId: string;
  /** Wall-clock time of the submission, milliseconds since 1970; stored in seconds. */
  readonly submittedMs: number;
  /** Operating system's user. */
  readonly user: string;
  readonly cluster: string;
  readonly role: string;
  readonly environ: string;
  /** Version of heron-bin. */
  readonly version: string;
}

/** The record of `executionstate/`. */
export function executionStateRecord(parts: ExecutionStateParts): Uint8Array {
  const { topologyName, topologyId, cluster, role, environ, user } = parts;
  return encodeRecord(ExecutionStateSchema, {
    topologyName,
    topologyId,
    submissionTime: BigInt(Math.floor(parts.submittedMs / 1000)),
    submissionUser: user,
    cluster,
    role,
    environ,
    releaseState: { releaseUsername: user, releaseTag: "", releaseVersion: parts.version },
  });
}

/**
 * Reads a record of `executionstate/`.
 * @throws HeronError "corrupt"
 */
export function readExecutionState(bytes: Uint8Array): ExecutionState {
  return decodeRecord(ExecutionStateSchema, bytes, "the execution state");
}

/** What `tmanagerLocationRecord` is made of; ports of servers that are not there are -1. */
export interface TmanagerLocationParts {
  readonly topologyName: string;
  readonly topologyId: string;
  readonly host: string;
  /** Where it is controlled, over HTTP. */
  readonly controllerPort: number;
  /** Where stream managers and metrics managers connect. */
  readonly serverPort: number;
  /** Where its metrics are read, over HTTP. */
  readonly statsPort: number;
}

/** The record of `tmanagers/`. */
export function tmanagerLocationRecord(parts: TmanagerLocationParts): Uint8Array {
  return encodeRecord(TManagerLocationSchema, parts);
}

/**
 * Reads a record of `tmanagers/`.
 * @throws HeronError "corrupt"
 */
export function readTmanagerLocation(bytes: Uint8Array): TManagerLocation {
  return decodeRecord(TManagerLocationSchema, bytes, "the topology master's location");
}

/** Heron's text for a scheduler that has no HTTP server. */
export const NO_ENDPOINT = "scheduler_as_lib_no_endpoint";

/** What `schedulerLocationRecord` is made of. */
export interface SchedulerLocationParts {
  readonly topologyName: string;
  /** `host:port` of its HTTP server, or Heron's text for none. */
  readonly httpEndpoint: string;
  /** Pages about the job. */
  readonly jobPageLink?: string[];
}

/** The record of `schedulers/`. */
export function schedulerLocationRecord(parts: SchedulerLocationParts): Uint8Array {
  return encodeRecord(SchedulerLocationSchema, parts);
}

/**
 * Reads a record of `schedulers/`.
 * @throws HeronError "corrupt"
 */
export function readSchedulerLocation(bytes: Uint8Array): SchedulerLocation {
  return decodeRecord(SchedulerLocationSchema, bytes, "the scheduler's location");
}
