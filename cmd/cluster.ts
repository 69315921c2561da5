/** The cluster that a command is about, as its file and the command line say. */

import { type ClusterSettings, loadCluster } from "../src/cluster/mod.ts";
import type { TopologyTarget } from "../src/lifecycle/mod.ts";
import { CLUSTER_FLAGS, clusterOptions } from "./cluster_argument.ts";
import type { CommandSpec, FlagSpec, ParsedFlags } from "./flags.ts";

/** A cluster that was found. */
export interface FoundCluster {
  readonly settings: ClusterSettings;
  /** Which topologies are meant: of its role and environ where they were given. */
  readonly filter: Omit<TopologyTarget, "name">;
}

/** The positional of a cluster. */
export const CLUSTER_POSITIONAL: NonNullable<CommandSpec["positionals"]>[number] = Object.freeze({
  name: "<cluster>",
  description: "CLUSTER[/ROLE[/ENVIRON]], as local or local/ann/prod",
});

/** The flags of a command that takes a cluster, and its own before them. */
export function withClusterFlags(...flags: readonly FlagSpec[]): readonly FlagSpec[] {
  return [...flags, ...CLUSTER_FLAGS];
}

/**
 * The cluster as it is for the role and environ that a topology was submitted with.
 * @throws HeronError `invalid_config` with all faults of its file
 */
export async function clusterOf(
  { settings }: FoundCluster,
  { role, environ }: { readonly role: string; readonly environ: string },
  flags: ParsedFlags,
): Promise<ClusterSettings> {
  if (role === settings.role && environ === settings.environ) return settings;
  const target = [settings.cluster, role, environ].join("/");
  return (await loadCluster(clusterOptions(target, flags))).settings;
}

/**
 * Finds the cluster that is the first positional.
 * @throws HeronError `usage`; `not_found`, `invalid_config` with all faults of its file
 */
export async function findCluster(flags: ParsedFlags): Promise<FoundCluster> {
  const [given = ""] = flags.positionals;
  const { settings, warnings } = await loadCluster(clusterOptions(given, flags));
  for (const warning of warnings) console.error(`heron-bin: ${warning}`);
  const parts = given.split("/").length;
  const { cluster, role, environ } = settings;
  return {
    settings,
    filter: {
      cluster,
      role: parts > 1 ? role : undefined,
      environ: parts > 2 ? environ : undefined,
    },
  };
}
