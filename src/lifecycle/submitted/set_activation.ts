/** Activates or deactivates a submitted topology: says what is wanted, and waits until its plan says so. */

import { TopologyState } from "../../base/gen/heron/topology_pb.ts";
import { Activation } from "../../base/gen/heron_bin/submission_pb.ts";
import { type Clock, HeronError, sleep } from "../../base/mod.ts";
import { type StateManager, topologyPaths } from "../../state/mod.ts";
import { assertThere, type LookedAt, plannedState } from "./list_topologies.ts";
import { wish } from "./wish.ts";

/** With what it is done. */
export interface ActivationOptions {
  readonly state: StateManager;
  readonly clock: Clock;
  /** How long it may take, in milliseconds. */
  readonly waitMs: number;
}

/** How often the plan is looked at where no change of it is told, in milliseconds. */
const LOOK_MS = 500;

/** What came of it: it was so already; it is so now; it is kept for when it has been started. */
export type ActivationOutcome = "same" | "changed" | "kept";

/**
 * Makes a topology active, or not. Idempotent.
 * @throws HeronError `unavailable` when its scheduler is gone, `timeout` when its plan does not say so in time
 */
export async function setActivation(
  topology: LookedAt,
  isActive: boolean,
  { state, clock, waitMs }: ActivationOptions,
): Promise<ActivationOutcome> {
  const { name } = topology.records;
  const isQueued = topology.condition.state === "queued";
  if (!isQueued) assertThere(topology, isActive ? "Activate" : "Deactivate");
  const activation = isActive ? Activation.ACTIVE : Activation.PAUSED;
  const planned = isActive ? TopologyState.RUNNING : TopologyState.PAUSED;
  let isChanged = false;
  await wish(state, name, (wanted) => {
    isChanged = wanted.activation !== activation;
    return isChanged ? { ...wanted, activation } : wanted;
  });
  if (isQueued) return isChanged ? "kept" : "same";
  const deadlineMs = clock.nowMs() + waitMs;
  let changed = Promise.withResolvers<void>();
  using _watch = await state.watch(topologyPaths(name).physicalPlan, () => changed.resolve());
  while (await plannedState(state, name) !== planned) {
    isChanged = true;
    if (clock.nowMs() >= deadlineMs) throw tooLate(name, isActive, waitMs);
    await Promise.race([changed.promise, sleep(clock, LOOK_MS)]);
    changed = Promise.withResolvers();
  }
  return isChanged ? "changed" : "same";
}

function tooLate(name: string, isActive: boolean, waitMs: number): HeronError {
  const word = isActive ? "activated" : "deactivated";
  return new HeronError(
    "timeout",
    `Wait until topology "${name}" is ${word}: its topology master has not said so after ` +
      `${waitMs / 1000} s; it is asked for, and comes about when that is there`,
  );
}
