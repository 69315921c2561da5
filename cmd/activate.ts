/** `heron-bin activate` and `deactivate`: whether the spouts of a submitted topology are asked for tuples. */

import * as lifecycle from "../src/lifecycle/mod.ts";
import { withClusterFlags } from "./cluster.ts";
import type { CommandSpec } from "./flags.ts";
import {
  lookAtFound,
  runTopologyCommand,
  TARGET_EXIT_CODES,
  TARGET_POSITIONALS,
} from "./submitted_topology.ts";

/** What `heron-bin activate` takes. */
export const ACTIVATE_SPEC: CommandSpec = Object.freeze({
  name: "activate",
  summary: "Activate a submitted topology: its spouts are asked for tuples again.",
  positionals: TARGET_POSITIONALS,
  flags: withClusterFlags(),
  exitCodes: TARGET_EXIT_CODES,
  notes: "Each spout's activate() is called. One that is active stays so, which is no failure.",
});

/** What `heron-bin deactivate` takes. */
export const DEACTIVATE_SPEC: CommandSpec = Object.freeze({
  name: "deactivate",
  summary: "Deactivate a submitted topology: its spouts are not asked for tuples.",
  positionals: TARGET_POSITIONALS,
  flags: withClusterFlags(),
  exitCodes: TARGET_EXIT_CODES,
  notes: `Each spout's deactivate() is called. Tuples on their way are handled, and acked or failed.
One that is not active stays so, which is no failure. It outlives restarts of any process.`,
});

const WAIT_MS = 30_000;

/** Activates a topology; resolves with the exit code. */
export function activateCommand(argv: readonly string[]): Promise<number> {
  return setActivation(ACTIVATE_SPEC, true, argv);
}

/** Deactivates a topology; resolves with the exit code. */
export function deactivateCommand(argv: readonly string[]): Promise<number> {
  return setActivation(DEACTIVATE_SPEC, false, argv);
}

function setActivation(
  spec: CommandSpec,
  isActive: boolean,
  argv: readonly string[],
): Promise<number> {
  const action = spec.name;
  return runTopologyCommand({
    spec,
    action,
    async run(found) {
      const { name, state, clock } = found;
      const looked = await lookAtFound(found);
      const options = { state, clock, waitMs: WAIT_MS };
      const isChanged = await lifecycle.setActivation(looked, isActive, options);
      const note = isChanged ? "" : ` (it was ${action}d already)`;
      console.log(`Successfully ${action} topology: ${name}${note}`);
      return 0;
    },
  }, argv);
}
