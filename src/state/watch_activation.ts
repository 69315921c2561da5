/** Whether a topology is to be active, as its record of what is wanted says. */

import { Activation } from "../base/gen/heron_bin/submission_pb.ts";
import { HeronError } from "../base/mod.ts";
import { readWanted } from "../plan/mod.ts";
import { topologyPaths } from "./paths.ts";
import type { StateManager, Watch } from "./state_manager.ts";

/** Who is told. */
export interface ActivationListener {
  onActivation(isActive: boolean): void;
  /** The record cannot be read: what it said before is still so. */
  onFault(error: HeronError): void;
}

/**
 * Tells whether topology `name` is to be active, before it resolves and at each change. One that was not
 * submitted has no such record, and nothing is told.
 */
export function watchActivation(
  state: StateManager,
  name: string,
  { onActivation, onFault }: ActivationListener,
): Promise<Watch> {
  return state.watch(topologyPaths(name).wanted, (record) => {
    if (record === undefined) return;
    try {
      onActivation(readWanted(record.bytes).activation === Activation.ACTIVE);
    } catch (thrown) {
      onFault(HeronError.from(thrown));
    }
  });
}
