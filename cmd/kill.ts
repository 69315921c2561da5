/** `heron-bin kill`: ends a submitted topology, and removes all of it. */

import { systemRandom } from "../src/base/mod.ts";
import * as lifecycle from "../src/lifecycle/mod.ts";
import { withClusterFlags } from "./cluster.ts";
import type { CommandSpec } from "./flags.ts";
import { runTopologyCommand, TARGET_EXIT_CODES, TARGET_POSITIONALS } from "./submitted_topology.ts";
import { userName } from "./user_name.ts";
import { findUploader } from "./wiring.ts";

/** What `heron-bin kill` takes. */
export const KILL_SPEC: CommandSpec = Object.freeze({
  name: "kill",
  summary: "End a submitted topology for good: no process, file or record of it is left.",
  positionals: TARGET_POSITIONALS,
  flags: withClusterFlags(),
  exitCodes: TARGET_EXIT_CODES,
  notes:
    `Its processes are asked to end, and are killed when they do not. What it printed is removed with it.
A kill that fails keeps the records: it can be tried again. Tuples on their way are lost.`,
});

const STOP_MS = 15_000;

/** Kills a topology; resolves with the exit code. */
export function killCommand(argv: readonly string[]): Promise<number> {
  return runTopologyCommand({
    spec: KILL_SPEC,
    action: "kill",
    async run({ cluster, name, records, state, launcher, clock }) {
      await lifecycle.killTopology(records, {
        state,
        stateRoot: cluster.state.root,
        uploader: await findUploader(cluster.uploader.folder, systemRandom()),
        launcher,
        clock,
        reason: `killed by ${userName()}`,
        stopMs: STOP_MS,
      });
      console.log(`Successfully kill topology: ${name}`);
      return 0;
    },
  }, argv);
}
