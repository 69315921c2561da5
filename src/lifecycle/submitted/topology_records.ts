/**
 * The records of a submitted topology in the state store of a cluster: found by name, read together,
 * removed together. One that cannot be read is told, and hides nothing else.
 */

import type { ExecutionState } from "../../base/gen/heron/execution_state_pb.ts";
import type { SchedulerStatus, Submission } from "../../base/gen/heron_bin/submission_pb.ts";
import { PackingPlanSchema } from "../../base/gen/heron/packing_plan_pb.ts";
import { PhysicalPlanSchema } from "../../base/gen/heron/physical_plan_pb.ts";
import { TopologySchema } from "../../base/gen/heron/topology_pb.ts";
import { HeronError } from "../../base/mod.ts";
import {
  decodeRecord,
  readExecutionState,
  readSchedulerLocation,
  readSchedulerStatus,
  readSubmission,
  readTmanagerLocation,
  readWanted,
} from "../../plan/mod.ts";
import { EXECUTION_STATES, type StateManager, TOPOLOGIES, topologyPaths } from "../../state/mod.ts";

/** What the store knows of a topology; undefined: it has no such record, or one that cannot be read. */
export interface TopologyRecords {
  readonly name: string;
  readonly executionState: ExecutionState | undefined;
  readonly submission: Submission | undefined;
  readonly status: SchedulerStatus | undefined;
  /** Why records could not be read. */
  readonly faults: readonly HeronError[];
}

/** The names of all topologies of which there is a record, sorted. */
export async function topologyNames(state: StateManager): Promise<readonly string[]> {
  const lists = await Promise.all(
    [EXECUTION_STATES, TOPOLOGIES].map((folder) => state.list(folder)),
  );
  return [...new Set(lists.flat())].sort();
}

/** The records of topology `name`; undefined when there is none at all. */
export async function readTopology(
  state: StateManager,
  name: string,
): Promise<TopologyRecords | undefined> {
  const paths = topologyPaths(name);
  const faults: HeronError[] = [];
  const read = async <T>(
    path: string,
    decode: (bytes: Uint8Array) => T,
  ): Promise<T | undefined> => {
    const record = await state.get(path);
    if (record === undefined) return undefined;
    try {
      return decode(record.bytes);
    } catch (thrown) {
      faults.push(HeronError.from(thrown, `Read "${path}"`));
      return undefined;
    }
  };
  const [executionState, submission, status, topology] = await Promise.all([
    read(paths.executionState, readExecutionState),
    read(paths.submission, readSubmission),
    read(paths.status, readSchedulerStatus),
    state.get(paths.topology),
  ]);
  const found = [executionState, submission, status, topology].some((one) => one !== undefined);
  if (!found && faults.length === 0) return undefined;
  const isOfIt = status !== undefined && status.topologyId === submission?.topologyId;
  // A scheduler of an older topology of the name may have written last.
  return { name, executionState, submission, status: isOfIt ? status : undefined, faults };
}

/** Why records of topology `name` cannot be read: all of them, also those that are read only now and then. */
export async function damagedRecords(
  state: StateManager,
  name: string,
): Promise<readonly HeronError[]> {
  const paths = topologyPaths(name);
  const decoders: readonly (readonly [string, (bytes: Uint8Array) => unknown])[] = [
    [paths.executionState, readExecutionState],
    [paths.submission, readSubmission],
    [paths.status, readSchedulerStatus],
    [paths.wanted, readWanted],
    [paths.tmanager, readTmanagerLocation],
    [paths.scheduler, readSchedulerLocation],
    [paths.topology, (bytes) => decodeRecord(TopologySchema, bytes, `"${paths.topology}"`)],
    [
      paths.packingPlan,
      (bytes) => decodeRecord(PackingPlanSchema, bytes, `"${paths.packingPlan}"`),
    ],
    [
      paths.physicalPlan,
      (bytes) => decodeRecord(PhysicalPlanSchema, bytes, `"${paths.physicalPlan}"`),
    ],
  ];
  const found: HeronError[] = [];
  for (const [path, decode] of decoders) {
    const record = await state.get(path);
    if (record === undefined) continue;
    try {
      decode(record.bytes);
    } catch (thrown) {
      found.push(HeronError.from(thrown, `Read "${path}"`));
    }
  }
  return found;
}

/**
 * Removes all records of topology `name`; that of who submitted it last, so the name is free when
 * nothing else is left. Idempotent.
 */
export async function removeRecords(state: StateManager, name: string): Promise<void> {
  const paths = topologyPaths(name);
  const first = [
    paths.tmanager,
    `metricscaches/${name}`,
    paths.packingPlan,
    paths.physicalPlan,
    paths.scheduler,
    paths.topology,
  ];
  for (const path of first) await state.delete(path, "any");
  await removeTree(state, paths.own);
  await state.delete(paths.executionState, "any");
}

/** A folder of few levels. */
async function removeTree(state: StateManager, folder: string): Promise<void> {
  for (const name of await state.list(folder)) {
    const path = `${folder}/${name}`;
    await removeTree(state, path);
    await state.delete(path, "any");
  }
}
