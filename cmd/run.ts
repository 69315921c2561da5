/** `heron-bin run`: a topology file on this machine, in real processes, until it ends. */

import { stat } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { basename, join, resolve } from "node:path";
import { type Clock, HeronError, systemClock, systemRandom } from "../src/base/mod.ts";
import * as lifecycle from "../src/lifecycle/mod.ts";
import { type CommandSpec, type ParsedFlags, parseFlags } from "./flags.ts";
import { ConsoleView, counted } from "./run_view.ts";
import { selfCommand } from "./self.ts";
import { createStateManager } from "./wiring.ts";

const RUN_SPEC: CommandSpec = Object.freeze({
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

// Limits of a run that no topology changes.
const START_MS = 60_000;
const LAST_WORDS_MS = 1000;
const STOP_MS = 3000;
const KILL_MS = 2000;

interface RunRequest {
  readonly file: string;
  readonly arguments: readonly string[];
  readonly containers: number | undefined;
  readonly forMs: number | undefined;
  readonly form: lifecycle.OutputForm;
  readonly environment: lifecycle.Environment;
  readonly workingFolder: string;
}

/** Runs a topology; resolves with the exit code. */
export async function runCommand(argv: readonly string[]): Promise<number> {
  const parsing = await parseFlags(RUN_SPEC, argv);
  if (parsing.type === "help") {
    console.log(parsing.text);
    return 0;
  }
  const clock = systemClock;
  const startedMs = clock.nowMs();
  const request = await readRequest(parsing.flags);
  const elapsedMs = (): number => clock.nowMs() - startedMs;
  const view = new ConsoleView({ form: request.form, elapsedMs });
  const interrupts = new Interrupts();
  return new Run({ request, view, clock, interrupts }).run();
}

async function readRequest(flags: ParsedFlags): Promise<RunRequest> {
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

/** Ctrl-C and its like: until somebody takes them over, the first aborts. */
class Interrupts {
  readonly #abort = new AbortController();
  #take: (() => void) | undefined;

  constructor() {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
      process.on(signal, () => {
        if (this.#take === undefined) this.#abort.abort();
        else this.#take();
      });
    }
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** From now on `take` gets them. */
  takeOver(take: () => void): void {
    this.#take = take;
  }
}
