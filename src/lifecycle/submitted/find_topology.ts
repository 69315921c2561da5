/** The topology that a command is about: found by its name, and refused when it is another's. */

import { HeronError, nearestName } from "../../base/mod.ts";
import type { StateManager } from "../../state/mod.ts";
import { readTopology, topologyNames, type TopologyRecords } from "./topology_records.ts";

/** Which topology is meant. */
export interface TopologyTarget {
  readonly cluster: string;
  readonly name: string;
  /** Undefined: whatever it is. */
  readonly role: string | undefined;
  readonly environ: string | undefined;
}

/**
 * Finds a topology.
 * @throws HeronError `not_found`; `usage` when its role or environ is not the one that was given
 */
export async function findTopology(
  state: StateManager,
  target: TopologyTarget,
): Promise<TopologyRecords> {
  const { cluster, name } = target;
  const found = await readTopology(state, name);
  if (found === undefined) throw await missing(state, target);
  const { executionState } = found;
  if (executionState === undefined) return found;
  const { role, environ } = executionState;
  const isMeant = (target.role ?? role) === role && (target.environ ?? environ) === environ;
  if (isMeant) return found;
  const wanted = [cluster, target.role ?? role, target.environ ?? environ].join("/");
  throw new HeronError(
    "usage",
    `Find topology "${name}": cluster/role/environ does not match, it is running at ` +
      `${cluster}/${role}/${environ}, not ${wanted}`,
  );
}

async function missing(
  state: StateManager,
  { name, cluster }: TopologyTarget,
): Promise<HeronError> {
  const nearest = nearestName(name, await topologyNames(state));
  const hint = nearest === undefined ? "" : `; did you mean "${nearest}"?`;
  return new HeronError(
    "not_found",
    `Find topology "${name}": topology "${name}" does not exist in cluster "${cluster}"${hint}`,
  );
}
