/** What the commands about one submitted topology have in common: they find it, and say what became of it. */

import { type Clock, HeronError, systemClock } from "../src/base/mod.ts";
import type { ClusterSettings } from "../src/cluster/mod.ts";
import * as lifecycle from "../src/lifecycle/mod.ts";
import type { Launcher } from "../src/scheduler/mod.ts";
import type { StateManager } from "../src/state/mod.ts";
import { CLUSTER_POSITIONAL, clusterOf, findCluster } from "./cluster.ts";
import { type CommandSpec, type ParsedFlags, parseFlags } from "./flags.ts";
import { findLauncher, findStateManager } from "./wiring.ts";

/** The positionals of such a command. */
export const TARGET_POSITIONALS: NonNullable<CommandSpec["positionals"]> = Object.freeze([
  CLUSTER_POSITIONAL,
  { name: "<topology>", description: "name of the topology" },
]);

/** Exit codes that such a command may end with. */
export const TARGET_EXIT_CODES: readonly number[] = Object.freeze([0, 2, 5, 70]);

/** A topology that was found, and with what. */
export interface FoundTopology {
  readonly flags: ParsedFlags;
  readonly cluster: ClusterSettings;
  readonly name: string;
  readonly records: lifecycle.TopologyRecords;
  readonly state: StateManager;
  readonly launcher: Launcher;
  readonly clock: Clock;
}

/** A command about one topology. */
export interface TopologyCommand {
  readonly spec: CommandSpec;
  /** As in "Failed to kill topology". */
  readonly action: string;
  /** Does it; resolves with the exit code. */
  run(found: FoundTopology): Promise<number>;
}

/**
 * Runs a command about one topology; resolves with the exit code.
 * @throws HeronError "Failed to … topology: NAME: " and why
 */
export async function runTopologyCommand(
  { spec, action, run }: TopologyCommand,
  argv: readonly string[],
): Promise<number> {
  const parsing = await parseFlags(spec, argv);
  if (parsing.type === "help") {
    console.log(parsing.text);
    return 0;
  }
  const { flags } = parsing;
  const [, name = ""] = flags.positionals;
  const found = await findCluster(flags);
  const clock = systemClock;
  try {
    await using state = await findStateManager(found.settings.state.root, clock);
    const records = await lifecycle.findTopology(state, { ...found.filter, name });
    const cluster = await clusterOf(found, records.executionState ?? found.settings, flags);
    const scheduler = records.submission?.scheduler ?? cluster.scheduler.type;
    const launcher = await findLauncher(scheduler, cluster.scheduler, clock);
    return await run({ flags, cluster, name, records, state, launcher, clock });
  } catch (thrown) {
    const { code, message } = HeronError.from(thrown);
    if (code === "internal") throw thrown;
    throw new HeronError(code, `Failed to ${action} topology: ${name}: ${message}`, {
      cause: thrown,
    });
  }
}

/** How the topology is. @param isFresh now, and not as another command saw it a while ago */
export function lookAtFound(
  { records, state, cluster, launcher }: FoundTopology,
  isFresh = false,
): Promise<lifecycle.LookedAt> {
  const stateRoot = cluster.state.root;
  return lifecycle.lookAt(records, { state, stateRoot, launcher, isFresh });
}

/** How it is now, or that it is gone. */
export function lookAgainAtFound(
  { state, cluster, launcher }: FoundTopology,
  before: lifecycle.LookedAt,
): Promise<lifecycle.LookedAt> {
  return lifecycle.lookAgain(before, { state, stateRoot: cluster.state.root, launcher });
}
