/**
 * Starts a child in a session of its own, so that Ctrl-C does not reach it, with standard
 * input closed and a listed environment. What it prints goes to a log file or to pipes.
 */

import { closeSync, openSync } from "node:fs";
import { HeronError } from "../mod.ts";
import { killGroup, killOne } from "./process_facts.ts";

/** What to start. */
export interface SpawnOptions {
  readonly command: readonly string[];
  readonly workingFolder: string;
  /** All variables that it gets. */
  readonly environment: Readonly<Record<string, string>>;
}

/** How a process ended. */
export interface ChildExit {
  readonly pid: number;
  /** 0 when a signal ended it. */
  readonly code: number;
  /** Empty when it exited. */
  readonly signal: string;
}

/** A child that was started. */
export interface ChildProcess {
  /** 0: it could not be started. */
  readonly pid: number;
  readonly exited: Promise<ChildExit>;
  /** Kills it and all that it started in its session; idempotent. */
  kill(): void;
}

/** A child whose output is read by this process. Not read, it fills its pipes and waits. */
export interface CapturedProcess extends ChildProcess {
  readonly stdout: ReadableStream<Uint8Array>;
  readonly stderr: ReadableStream<Uint8Array>;
}

/**
 * Starts a child whose output is appended to `logFile`.
 * @throws HeronError when it cannot be started
 */
export function spawnLogged(options: SpawnOptions, logFile: string): ChildProcess {
  return attempt(options, () => {
    const descriptor = openSync(logFile, "a", 0o600);
    try {
      return follow(spawnDetached(options, descriptor));
    } finally {
      closeSync(descriptor);
    }
  });
}

/**
 * Starts a child whose output comes by pipes.
 * @throws HeronError when it cannot be started
 */
export function spawnCaptured(options: SpawnOptions): CapturedProcess {
  return attempt(options, () => {
    const child = spawnDetached(options, "pipe");
    return { ...follow(child), stdout: child.stdout, stderr: child.stderr };
  });
}

function attempt<T>({ command }: SpawnOptions, run: () => T): T {
  try {
    return run();
  } catch (thrown) {
    throw HeronError.from(thrown, `Start "${command.join(" ")}"`);
  }
}

function spawnDetached<Out extends number | "pipe">(
  { command, workingFolder, environment }: SpawnOptions,
  output: Out,
): Bun.Subprocess<"ignore", Out, Out> {
  return Bun.spawn([...command], {
    cwd: workingFolder,
    env: { ...environment },
    stdin: "ignore",
    stdout: output,
    stderr: output,
    detached: true,
    // Otherwise Bun reads the pipes before anybody asks, without a limit.
    lazy: true,
  });
}

function follow(child: Bun.Subprocess): ChildProcess {
  const { pid } = child;
  let isGone = false;
  async function exited(): Promise<ChildExit> {
    await child.exited;
    isGone = true;
    // What user code started in the same session ends with it.
    killGroup(pid);
    return { pid, code: child.exitCode ?? 0, signal: String(child.signalCode ?? "") };
  }
  return {
    pid,
    exited: exited(),
    kill() {
      if (isGone) return;
      // It may not lead its group yet.
      if (!killGroup(pid)) killOne(pid);
    },
  };
}
