/**
 * The second step from a topology file to a run: two child processes without
 * secrets import the bundle, at the same time and in different worlds, and
 * print the definition. A definition that differs is refused at once.
 */

import { basename, dirname } from "node:path";
import type { TopologyDefinition } from "../api/mod.ts";
import { type Clock, HeronError, type Random } from "../base/mod.ts";
import { describeDifference } from "../plan/mod.ts";
import type { DefineAnswer, DefineRequest } from "./evaluate.ts";
import type { Environment } from "./environment.ts";
import { SECOND_CLOCK_MS, type WorldShift } from "./shifted_world.ts";
import { userFrames } from "./user_stack.ts";

/** Time-out of both processes together. */
const DEFINE_TIMEOUT_MS = 30_000;

/** Options of `defineTopology`. */
export interface DefineOptions {
  /** Command line of the define process: this binary and its internal subcommand. */
  readonly command: readonly string[];
  /** Absolute path of the topology file. */
  readonly file: string;
  /** Absolute path of the bundle. */
  readonly bundle: string;
  readonly arguments: readonly string[];
  readonly environment: Environment;
  /** Folder the user stands in: the process's own. */
  readonly workingFolder: string;
  readonly clock: Clock;
  readonly random: Random;
  /** Aborting it ends the processes. */
  readonly signal: AbortSignal;
  /** @default 30000 */
  readonly timeoutMs?: number;
}

/** What the user's code defined. */
export interface Definition {
  readonly definition: TopologyDefinition;
  /** Files copied beside the bundle. */
  readonly assets: readonly string[];
}

/**
 * Runs the user's default export twice and returns what it defined.
 * @throws HeronError `user_code`, `invalid_topology`, `bad_default_export`, `user_exit`, `unstable_topology` or
 * `define_timeout`
 */
export async function defineTopology(options: DefineOptions): Promise<Definition> {
  const [first, second] = await runTwice(options);
  const file = basename(options.file);
  if (!first.ok) throw errorOfAnswer(first, options);
  if (!second.ok) {
    const { message } = errorOfAnswer(second, options);
    throw new HeronError(
      "unstable_topology",
      `Define "${file}" twice: it was built once, and failed under another clock and random seed: ${message}`,
    );
  }
  const difference = describeDifference(first.definition, second.definition);
  if (difference !== "") {
    throw new HeronError(
      "unstable_topology",
      `Define "${file}" twice: the plan changes with the clock or with chance, expected the same each time:\n${difference}`,
    );
  }
  return { definition: first.definition, assets: first.assets };
}

async function runTwice(options: DefineOptions): Promise<[DefineAnswer, DefineAnswer]> {
  const seed = options.random.uint32();
  const failed = new AbortController();
  const both = { ...options, signal: AbortSignal.any([options.signal, failed.signal]) };
  try {
    return await Promise.all([
      runDefine(both, { clockMs: 0, seed, mirrored: false }),
      runDefine(both, { clockMs: SECOND_CLOCK_MS, seed, mirrored: true }),
    ]);
  } finally {
    // When one failed, the other is not waited for.
    failed.abort();
  }
}

async function runDefine(options: DefineOptions, world: WorldShift): Promise<DefineAnswer> {
  const request: DefineRequest = {
    bundle: options.bundle,
    sourceFolder: dirname(options.file),
    arguments: options.arguments,
    world,
  };
  options.signal.throwIfAborted();
  // What the first process prints is shown as it comes; the second would only repeat it.
  const prints = world.mirrored ? "ignore" : 2;
  const child = Bun.spawn([...options.command], {
    cwd: options.workingFolder,
    env: { ...options.environment },
    stdio: ["pipe", prints, prints, "pipe"],
    detached: true,
  });
  // The pipe stays open: when this process dies, its end ends the child.
  child.stdin.write(`${JSON.stringify(request)}\n`);
  await child.stdin.flush();
  let timedOut = false;
  const timer = options.clock.after(options.timeoutMs ?? DEFINE_TIMEOUT_MS, () => {
    timedOut = true;
    child.kill("SIGKILL");
  });
  const abort = (): void => child.kill("SIGKILL");
  options.signal.addEventListener("abort", abort);
  try {
    const text = await readPipe(child.stdio[3]);
    await child.exited;
    options.signal.throwIfAborted();
    if (timedOut) throw timeoutError(options);
    return parseAnswer(text, child.signalCode ?? child.exitCode, options);
  } finally {
    timer.cancel();
    options.signal.removeEventListener("abort", abort);
  }
}

function readPipe(descriptor: unknown): Promise<string> {
  if (typeof descriptor !== "number") throw new TypeError("The define process has no pipe");
  return Bun.file(descriptor).text();
}

function parseAnswer(text: string, ended: unknown, options: DefineOptions): DefineAnswer {
  if (text !== "") {
    // Our own process wrote it whole, as DefineAnswer, after user code had returned.
    return JSON.parse(text) as DefineAnswer;
  }
  throw new HeronError(
    "user_exit",
    `Define "${
      basename(options.file)
    }": the process ended (${ended}) before the default export returned a topology`,
  );
}

function timeoutError(options: DefineOptions): HeronError {
  const seconds = (options.timeoutMs ?? DEFINE_TIMEOUT_MS) / 1000;
  return new HeronError(
    "define_timeout",
    `Define "${
      basename(options.file)
    }": the default export had not returned after ${seconds} s; it only describes the topology, ` +
      "work belongs into open() and prepare()",
  );
}

function errorOfAnswer(answer: DefineAnswer & { ok: false }, options: DefineOptions): HeronError {
  const frames = userFrames(answer.stack, dirname(options.bundle));
  const where = frames.map((frame) => `\n    ${frame}`).join("");
  const attempted = answer.code === "user_code" ? `Define "${basename(options.file)}": ` : "";
  return new HeronError(answer.code, `${attempted}${answer.message}${where}`);
}
