/** What `heron-bin run` is asked: its flags, checked. */

import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { HeronError } from "../src/base/mod.ts";
import * as lifecycle from "../src/lifecycle/mod.ts";
import type { CommandSpec, ParsedFlags } from "./flags.ts";

/** What `heron-bin run` takes. */
export const RUN_SPEC: CommandSpec = Object.freeze({
  name: "run",
  summary:
    "Run a topology on this machine, each task and role in a process of its own, until it ends.",
  positionals: [
    { name: "<file>", description: "topology file (TypeScript or JavaScript)" },
    { name: "[args...]", description: "arguments for its default export" },
  ],
  flags: [
    {
      flag: "--containers <number>",
      description: "worker containers, in place of topology.stmgrs",
    },
    { flag: "--for <duration>", description: "end it after 30s, 5m, 1h ... of running" },
    {
      flag: "--json",
      description: "print one JSON object a line: output, running, failure, summary",
    },
    { flag: "--plain", description: "print what user code prints without component[index]" },
    {
      flag: "--env <name>",
      description: "give user code the variable NAME, or NAME=VALUE",
      repeatable: true,
    },
  ],
  exitCodes: [0, 2, 3, 4, 5, 6, 70, lifecycle.EXIT_INTERRUPTED],
  notes: `User code gets the variables ${
    lifecycle.LISTED_VARIABLES.join(", ")
  } and those that --env names.
What is behind "--" goes to the topology as it is.
The first Ctrl-C ends the topology as if its input had ended, the second kills it.`,
});

/** What `heron-bin run` is asked. */
export interface RunRequest {
  readonly file: string;
  readonly arguments: readonly string[];
  readonly containers: number | undefined;
  readonly forMs: number | undefined;
  readonly form: lifecycle.OutputForm;
  readonly environment: lifecycle.Environment;
  readonly workingFolder: string;
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
  const containers = flags.text("--containers");
  const forText = flags.text("--for");
  const form = flags.isSet("--json") ? "json" : flags.isSet("--plain") ? "plain" : "prefixed";
  return {
    file: await findFile(given),
    arguments: args,
    containers: containers === undefined ? undefined : readContainers(containers),
    forMs: forText === undefined ? undefined : lifecycle.parseDurationMs(forText, "--for"),
    form,
    environment: lifecycle.userEnvironment(process.env, flags.all("--env")),
    workingFolder: process.cwd(),
  };
}

async function findFile(given: string): Promise<string> {
  const file = resolve(given);
  const found = await stat(file).catch(() => undefined);
  if (found?.isFile() === true) return file;
  throw new HeronError(
    found === undefined ? "not_found" : "usage",
    `Read topology "${given}": ${found === undefined ? "there is no such file" : "it is no file"}`,
  );
}

function readContainers(text: string): number {
  const containers = Number(text);
  if (/^\d+$/.test(text) && containers >= 1 && containers <= 10_000) return containers;
  throw new HeronError(
    "usage",
    `Read --containers: found "${text}", expected a whole number from 1 to 10000`,
  );
}
