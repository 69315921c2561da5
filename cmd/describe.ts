/** `heron-bin describe`: all that is known of one submitted topology. */

import * as lifecycle from "../src/lifecycle/mod.ts";
import { withClusterFlags } from "./cluster.ts";
import type { CommandSpec } from "./flags.ts";
import {
  lookAtFound,
  runTopologyCommand,
  TARGET_EXIT_CODES,
  TARGET_POSITIONALS,
} from "./submitted_topology.ts";

/** What `heron-bin describe` takes. */
export const DESCRIBE_SPEC: CommandSpec = Object.freeze({
  name: "describe",
  summary: "Show a submitted topology: how it is, its plan, where it runs, what has failed.",
  positionals: TARGET_POSITIONALS,
  flags: withClusterFlags({ flag: "--json", description: "print one JSON object" }),
  exitCodes: TARGET_EXIT_CODES,
});

/** Describes a topology; resolves with the exit code. */
export function describeCommand(argv: readonly string[]): Promise<number> {
  return runTopologyCommand({
    spec: DESCRIBE_SPEC,
    action: "describe",
    async run(found) {
      const described = await lifecycle.describeTopology(found.state, await lookAtFound(found));
      if (found.flags.isSet("--json")) {
        console.log(JSON.stringify(lifecycle.descriptionToJson(described)));
      } else console.write(lifecycle.formatDescription(described));
      return 0;
    },
  }, argv);
}
