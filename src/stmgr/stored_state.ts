/**
 * What a stream manager that starts again finds in the state store, so that it
 * serves its tasks and peers before any topology master answers it.
 */

import {
  type PlanUpdate,
  PlanUpdateSchema,
  type TaskEnded,
  TaskEndsSchema,
} from "../base/gen/heron_bin/packet_pb.ts";
import { type CheckedJob, decodeRecord } from "../plan/mod.ts";
import { type StateManager, topologyPaths } from "../state/mod.ts";

/** What was found. */
export interface StoredState {
  /** The newest plan; undefined before there was one. */
  readonly update: PlanUpdate | undefined;
  /** The tasks that have ended. */
  readonly ends: readonly TaskEnded[];
}

const NOTHING: StoredState = Object.freeze({ update: undefined, ends: [] });

/**
 * Reads the plan and the ends of the topology of `job`; those of an earlier one of its name are ignored.
 * @throws HeronError "corrupt", or that the store cannot be used
 */
export async function readStoredState(
  state: StateManager,
  job: Pick<CheckedJob, "topologyName" | "topologyId" | "schedulerEpoch">,
): Promise<StoredState> {
  const paths = topologyPaths(job.topologyName);
  const [plan, ends] = await Promise.all([state.get(paths.planUpdate), state.get(paths.taskEnds)]);
  if (plan === undefined) return NOTHING;
  const update = decodeRecord(PlanUpdateSchema, plan.bytes, "the stored plan");
  if (update.plan?.topology?.id !== job.topologyId) return NOTHING;
  if (ends === undefined) return { update, ends: [] };
  const stored = decodeRecord(TaskEndsSchema, ends.bytes, "the stored ends of tasks");
  // The record does not name its topology, but an earlier one had an earlier scheduler.
  return { update, ends: stored.schedulerEpoch < job.schedulerEpoch ? [] : stored.ended };
}
