/** `heron-bin config`: what is in force in a cluster, and where each value comes from. */

import { clusterToJson, formatCluster, loadCluster } from "../src/cluster/mod.ts";
import { CLUSTER_FLAGS, clusterOptions } from "./cluster_argument.ts";
import { type CommandSpec, parseFlags } from "./flags.ts";

/** The cluster that is shown when none is named. */
const DEFAULT_CLUSTER = "local";

/** What `heron-bin config` takes. */
export const CONFIG_SPEC: CommandSpec = Object.freeze({
  name: "config",
  summary: "Show what is in force in a cluster, and where each value comes from.",
  positionals: [{
    name: "[cluster]",
    description: `CLUSTER[/ROLE[/ENVIRON]]; ${DEFAULT_CLUSTER} where none is named`,
  }],
  flags: [
    { flag: "--changed", description: "show only what is not as it is by default" },
    { flag: "--json", description: "print one JSON object" },
    ...CLUSTER_FLAGS,
  ],
  exitCodes: [0, 2, 5, 70],
  notes:
    `A cluster is one of heron-bin's own, local or slurm, or a file NAME.yaml; a file of the name of one of
heron-bin's own changes that. All that is wrong in a file is told at once, with its lines.`,
});

/** Shows a cluster; resolves with the exit code. */
export async function configCommand(argv: readonly string[]): Promise<number> {
  const parsing = await parseFlags(CONFIG_SPEC, argv);
  if (parsing.type === "help") {
    console.log(parsing.text);
    return 0;
  }
  const { flags } = parsing;
  const [cluster = DEFAULT_CLUSTER] = flags.positionals;
  const loaded = await loadCluster(clusterOptions(cluster, flags));
  const options = { isChangedOnly: flags.isSet("--changed") };
  if (flags.isSet("--json")) console.log(JSON.stringify(clusterToJson(loaded, options)));
  else {
    for (const warning of loaded.warnings) console.error(`heron-bin: ${warning}`);
    console.write(formatCluster(loaded, options));
  }
  return 0;
}
