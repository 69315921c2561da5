/** `heron-bin logs`: what a submitted topology prints, and the logs of its roles. */

import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { HeronError } from "../src/base/mod.ts";
import * as lifecycle from "../src/lifecycle/mod.ts";
import { withClusterFlags } from "./cluster.ts";
import type { CommandSpec } from "./flags.ts";
import { LogFollower } from "./log_follower.ts";
import {
  type FoundTopology,
  lookAtFound,
  runTopologyCommand,
  TARGET_EXIT_CODES,
  TARGET_POSITIONALS,
} from "./submitted_topology.ts";

/** What `heron-bin logs` takes. */
export const LOGS_SPEC: CommandSpec = Object.freeze({
  name: "logs",
  summary: "Show what a submitted topology prints, or the log of one of its roles.",
  positionals: [...TARGET_POSITIONALS, {
    name: "[of]",
    description: "a component, a task as 3 or word[0], or a role as tm, stmgr-1, scheduler",
  }],
  flags: withClusterFlags(
    {
      flag: "-f, --follow",
      description: "go on with what comes, until Ctrl-C or until the topology is over",
    },
    { flag: "--lines <number>", description: "lines of each file, from its end (100)" },
  ),
  exitCodes: TARGET_EXIT_CODES,
  notes:
    `Without a word all that user code prints is shown. Logs of roles have one JSON object a line.
When the topology is over, -f says how and why, and ends with 0.`,
});

const LINES = 100;
const LINES_MAX = 1_000_000;

/** Shows logs; resolves with the exit code. */
export function logsCommand(argv: readonly string[]): Promise<number> {
  return runTopologyCommand({ spec: LOGS_SPEC, action: "show logs of", run: showLogs }, argv);
}

async function showLogs(found: FoundTopology): Promise<number> {
  const { flags, records, state } = found;
  const lines = readLines(flags.text("--lines"));
  const folder = lifecycle.logsFolderOf(records);
  const plan = await lifecycle.readPackingPlan(state, records.name);
  const word = flags.positionals[2];
  const viewer = new LogViewer(folder);
  let files = await listFiles(folder);
  // What a task will print has no file before.
  const show = async (count: number): Promise<void> => {
    files = await listFiles(folder, files);
    if (files.length > 0) await viewer.show(lifecycle.chooseLogs(word, plan, files), count);
  };
  if (files.length === 0) await sayWhyEmpty(found);
  await show(lines);
  if (flags.isSet("--follow")) await new LogFollower(found, () => show(Infinity)).run();
  return 0;
}

/** One that has not begun has no logs at all. */
async function sayWhyEmpty(found: FoundTopology): Promise<void> {
  const { state, reason } = (await lookAtFound(found)).condition;
  const why = `${state}${reason === "" ? "" : `: ${reason}`}`;
  console.error(`heron-bin: there are no logs yet, it is ${why}`);
}

/** Shows files that grow, also those that come later. */
class LogViewer {
  readonly #folder: string;
  readonly #tails = new Map<string, lifecycle.LogTail>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  async show(logs: readonly lifecycle.NamedLog[], lines: number): Promise<void> {
    for (const { file, prefix } of logs) {
      const known = this.#tails.get(file);
      const tail = known ?? new lifecycle.LogTail(join(this.#folder, file));
      this.#tails.set(file, tail);
      const found = known === undefined && lines !== Infinity
        ? await tail.last(lines)
        : await tail.next();
      if (found.length > 0) console.write(found.map((line) => `${prefix}${line}\n`).join(""));
    }
  }
}

/** The files of `folder`; those of before when it is gone: what was open can still be read. */
async function listFiles(
  folder: string,
  before?: readonly string[],
): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (thrown) {
    const error = HeronError.from(thrown, `List logs in "${folder}"`);
    if (before !== undefined && error.code === "not_found") return before;
    throw error;
  }
}

function readLines(text: string | undefined): number {
  if (text === undefined) return LINES;
  const lines = Number(text);
  if (/^\d+$/.test(text) && lines <= LINES_MAX) return lines;
  throw new HeronError(
    "usage",
    `Read --lines: found "${text}", expected a whole number up to ${LINES_MAX}`,
  );
}
