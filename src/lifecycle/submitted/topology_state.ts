/** How a submitted topology is, in a word and in a sentence: from its records and whether its scheduler is there. Pure. */

import { TopologyState } from "../../base/gen/heron/topology_pb.ts";
import { Phase } from "../../base/gen/heron_bin/submission_pb.ts";
import type { Presence } from "../../scheduler/mod.ts";
import type { TopologyRecords } from "./topology_records.ts";

/** A word for how it is. */
export type StateWord =
  | "starting"
  | "running"
  | "deactivated"
  | "stopping"
  | "ended"
  | "killed"
  | "failed"
  | "dead"
  | "damaged"
  | "unknown";

/** How a topology is. */
export interface TopologyCondition {
  readonly state: StateWord;
  /** Why, where there is more to say; empty otherwise. */
  readonly reason: string;
}

/** What is known besides the records. */
export interface ConditionFacts {
  readonly presence: Presence;
  /** As its last physical plan says; undefined: there is none. */
  readonly planned: TopologyState | undefined;
}

/** How a topology is. */
export function conditionOf(
  { status, submission, executionState, faults }: TopologyRecords,
  { presence, planned }: ConditionFacts,
): TopologyCondition {
  const [fault] = faults;
  if (fault !== undefined) return { state: "damaged", reason: fault.message };
  if (submission === undefined || executionState === undefined) {
    return {
      state: "damaged",
      reason: "some of its records are missing: a submit or kill was cut off",
    };
  }
  const phase = status?.phase ?? Phase.UNSPECIFIED;
  const reason = status?.reason ?? "";
  switch (phase) {
    case Phase.ENDED:
      return { state: "ended", reason };
    case Phase.KILLED:
      return { state: "killed", reason: `${reason}; it is not all removed yet` };
    case Phase.FAILED:
      return { state: "failed", reason: withVerdict(reason, presence) };
  }
  if (presence.type === "gone") return { state: "dead", reason: presence.reason };
  if (presence.type === "unknown") return { state: "unknown", reason: presence.reason };
  if (phase === Phase.STOPPING) return { state: "stopping", reason };
  const { note = "" } = presence;
  if (phase !== Phase.RUNNING) return { state: "starting", reason: note };
  return { state: planned === TopologyState.PAUSED ? "deactivated" : "running", reason: note };
}

/** What its scheduler could write down, and what others know of its end. */
function withVerdict(reason: string, presence: Presence): string {
  const { verdict = "" } = presence.type === "gone" ? presence : {};
  return verdict === "" ? reason : `${reason}; ${verdict}`;
}
