/** `heron-bin list`: the topologies of a cluster. */

import { systemClock } from "../src/base/mod.ts";
import * as lifecycle from "../src/lifecycle/mod.ts";
import { CLUSTER_POSITIONAL, findCluster, withClusterFlags } from "./cluster.ts";
import { type CommandSpec, parseFlags } from "./flags.ts";
import { findLauncher, findStateManager } from "./wiring.ts";

/** What `heron-bin list` takes. */
export const LIST_SPEC: CommandSpec = Object.freeze({
  name: "list",
  summary: "List the topologies of a cluster, each with how it is.",
  positionals: [CLUSTER_POSITIONAL],
  flags: withClusterFlags({
    flag: "--json",
    description: "print one JSON object a topology, a line each",
  }),
  exitCodes: [0, 2, 5, 70],
  notes: "With a role, or a role and an environ, only those of it.",
});

/** Lists topologies; resolves with the exit code. */
export async function listCommand(argv: readonly string[]): Promise<number> {
  const parsing = await parseFlags(LIST_SPEC, argv);
  if (parsing.type === "help") {
    console.log(parsing.text);
    return 0;
  }
  const { flags } = parsing;
  const { settings, filter } = await findCluster(flags);
  const { state: { root }, scheduler } = settings;
  await using state = await findStateManager(root, systemClock);
  const launcher = await findLauncher(scheduler.type, scheduler, systemClock);
  const topologies = await lifecycle.listTopologies({ state, stateRoot: root, launcher }, filter);
  if (flags.isSet("--json")) {
    for (const topology of topologies) {
      console.log(JSON.stringify(lifecycle.topologyToJson(topology)));
    }
  } else console.write(lifecycle.formatTopologies(topologies));
  return 0;
}
