/** A topology that is watched: how it is now, also when it is gone or another has its name. */

import { lookAt, type LookedAt, type LookOptions } from "./list_topologies.ts";
import { readTopology } from "./topology_records.ts";
import type { TopologyCondition } from "./topology_state.ts";

/** Whether nothing runs any more, nor will before somebody restarts it. */
export function isOver({ state }: Pick<TopologyCondition, "state">): boolean {
  return ["ended", "killed", "failed", "dead"].includes(state);
}

/** How a topology is that was looked at before. */
export async function lookAgain(before: LookedAt, options: LookOptions): Promise<LookedAt> {
  const { name, submission } = before.records;
  const records = await readTopology(options.state, name);
  if (records === undefined) return { ...before, condition: REMOVED };
  const id = records.submission?.topologyId;
  const isOther = id !== undefined && submission !== undefined && id !== submission.topologyId;
  return isOther ? { ...before, condition: REPLACED } : await lookAt(records, options);
}

const REMOVED: TopologyCondition = Object.freeze({ state: "killed", reason: "it is removed" });
const REPLACED: TopologyCondition = Object.freeze({
  state: "killed",
  reason: "it is removed, and another one of its name was submitted",
});
