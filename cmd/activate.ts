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
      const looked = await lookAtFound(found, true);
      const options = { state, clock, waitMs: WAIT_MS };
      const outcome = await lifecycle.setActivation(looked, isActive, options);
      console.log(`Successfully ${action} topology: ${name}${noteOf(outcome, looked, action)}`);
      return 0;
    },
  }, argv);
}

function noteOf(
  outcome: lifecycle.ActivationOutcome,
  { condition }: lifecycle.LookedAt,
  action: string,
): string {
  const { state, reason } = condition;
  switch (outcome) {
    case "changed":
      return "";
    case "same":
      return ` (it was ${action}d already)`;
    case "kept":
      return ` (it is ${state}, and begins so: ${reason})`;
  }
}
