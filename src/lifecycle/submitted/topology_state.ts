/** How a submitted topology is, in a word and in a sentence: from its records and whether its scheduler is there. Pure. */

import { TopologyState } from "../../base/gen/heron/topology_pb.ts";
import { Phase } from "../../base/gen/heron_bin/submission_pb.ts";
import type { JobFacts, Presence } from "../../scheduler/mod.ts";
import type { TopologyRecords } from "./topology_records.ts";

/** A word for how it is. */
export type StateWord =
  | "queued"
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
  /** The job that its scheduler runs in; undefined: it runs in none, or nothing is known of it. */
  readonly job?: JobFacts;
}

/** What is known besides the records. */
export interface ConditionFacts {
  readonly presence: Presence;
  /** As its last physical plan says; undefined: there is none. */
  readonly planned: TopologyState | undefined;
}

/** How a topology is. */
export function conditionOf(records: TopologyRecords, facts: ConditionFacts): TopologyCondition {
  const condition = wordsOf(records, facts);
  const job = facts.presence.type === "unknown" ? undefined : facts.presence.job;
  return job === undefined ? condition : { ...condition, job };
}

function wordsOf(
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
  // Whatever the scheduler of a job said before that was put back into the queue.
  if (presence.type === "queued" && phase !== Phase.KILLED) {
    return { state: "queued", reason: presence.reason };
  }
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
  const { note = "" } = presence.type === "alive" ? presence : {};
  const waiting = waitingText(status?.waiting ?? []);
  const all = [waiting, note].filter((text) => text !== "").join("; ");
  if (phase !== Phase.RUNNING) return { state: "starting", reason: all };
  return { state: planned === TopologyState.PAUSED ? "deactivated" : "running", reason: all };
}

/** "containers 2, 5 wait: node n3 is down"; empty when none waits. */
function waitingText(
  waiting: readonly { readonly container: number; readonly reason: string }[],
): string {
  const byReason = Map.groupBy(waiting, ({ reason }) => reason);
  return [...byReason].map(([reason, group]) => {
    const numbers = group.map(({ container }) => container).join(", ");
    return `${
      group.length === 1 ? `container ${numbers} waits` : `containers ${numbers} wait`
    }: ${reason}`;
  }).join("; ");
}

/** What its scheduler could write down, and what others know of its end. */
export function withVerdict(reason: string, presence: Presence): string {
  const { verdict = "" } = presence.type === "gone" ? presence : {};
  return verdict === "" || reason.includes(verdict) ? reason : `${reason}; ${verdict}`;
}
