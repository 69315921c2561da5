/** What `heron-bin run` is asked: its flags, checked. */

import { HeronError } from "../src/base/mod.ts";
import * as lifecycle from "../src/lifecycle/mod.ts";
import { isOnTerminal } from "./terminal.ts";
import type { CommandSpec, ParsedFlags } from "./flags.ts";
import {
  CONTAINERS_FLAG,
  ENV_FLAG,
  findTopologyFile,
  readContainers,
  TOPOLOGY_POSITIONALS,
  type TopologyFile,
} from "./topology_file.ts";

/** What `heron-bin run` takes. */
export const RUN_SPEC: CommandSpec = Object.freeze({
  name: "run",
  summary:
    "Run a topology on this machine, each task and role in a process of its own, until it ends.",
  positionals: TOPOLOGY_POSITIONALS,
  flags: [
    CONTAINERS_FLAG,
    { flag: "--for <duration>", description: "end it after 30s, 5m, 1h ... of running" },
    {
      flag: "--json",
      description: "print one JSON object a line: output, running, failure, summary",
    },
    { flag: "--plain", description: "print what user code prints without component[index]" },
    { flag: "--no-view", description: "print lines also on a terminal, in place of the live view" },
    ENV_FLAG,
  ],
  exitCodes: [0, 2, 3, 4, 5, 6, 70, lifecycle.EXIT_INTERRUPTED],
  notes: `User code gets the variables ${
    lifecycle.LISTED_VARIABLES.join(", ")
  } and those that --env names.
What is behind "--" goes to the topology as it is.
On a terminal a live view shows the topology, "?" its keys; what user code prints is shown in it, and the
last 2000 lines again at its end; more of it is in the logs. With --json, --plain or --no-view, and where there is no terminal, lines are printed as they come.
The first Ctrl-C ends the topology as if its input had ended, the second kills it.`,
});

/** What `heron-bin run` is asked. */
export interface RunRequest extends TopologyFile {
  readonly containers: number | undefined;
  readonly forMs: number | undefined;
  readonly form: lifecycle.OutputForm;
  /** Show the live view. */
  readonly isLive: boolean;
}

/**
 * Reads what the flags ask for.
 * @throws HeronError `usage`, or `not_found` when there is no such topology file
 */
export async function readRunRequest(flags: ParsedFlags): Promise<RunRequest> {
  const [given = "", ...args] = flags.positionals;
  if (flags.isSet("--json") && flags.isSet("--plain")) {
    throw new HeronError("usage", "Read the command line: found --json and --plain, expected one");
  }
  const forText = flags.text("--for");
  const form = flags.isSet("--json") ? "json" : flags.isSet("--plain") ? "plain" : "prefixed";
  return {
    file: await findTopologyFile(given),
    arguments: args,
    containers: readContainers(flags.text("--containers")),
    forMs: forText === undefined ? undefined : lifecycle.parseDurationMs(forText, "--for"),
    form,
    isLive: form === "prefixed" && !flags.isSet("--no-view") && isOnTerminal(),
    environment: lifecycle.userEnvironment(process.env, flags.all("--env")),
    workingFolder: process.cwd(),
  };
}
