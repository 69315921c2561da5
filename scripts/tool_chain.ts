/**
 * How the scripts run the tool chain: always the bun that runs the script,
 * and what package.json installed. Imports no package, since a fresh clone
 * has none until `install()` has run.
 */

import { delimiter, join } from "node:path";

/** The root folder of the repository. */
export const ROOT: string = join(import.meta.dir, "..");

/** The bun that runs this script; another one may stand first on the path. */
export const BUN: string = process.execPath;

/** The command line of the tool `name` of node_modules. */
export function tool(name: string): string {
  return join(ROOT, "node_modules/.bin", name);
}

/** The command line that installs what bun.lock says, no more. */
export const INSTALL: readonly string[] = [BUN, "install", "--frozen-lockfile"];

/** How a command ended. */
export interface Outcome {
  /** Undefined when it was killed, by time-out or otherwise. */
  readonly exitCode: number | undefined;
  /** What it wrote to stdout and stderr, in that order. */
  readonly output: string;
}

/** Runs `command` in the root folder with no input, and keeps what it writes. */
export async function capture(command: readonly string[], timeoutMs: number): Promise<Outcome> {
  const child = Bun.spawn([...command], {
    cwd: ROOT,
    env: environment(),
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    detached: true,
  });
  // Its group as well: a test that hangs may have started others.
  const timer = setTimeout(() => killGroup(child.pid), timeoutMs);
  const output = Promise.all([child.stdout.text(), child.stderr.text()]);
  await child.exited;
  clearTimeout(timer);
  return { exitCode: child.exitCode ?? undefined, output: (await output).join("") };
}

/**
 * Runs `command` in the root folder for someone who watches, and returns its
 * exit code. What the tools themselves say goes to stderr.
 */
export async function show(command: readonly string[], options?: { stdout: "inherit" }) {
  const child = Bun.spawn([...command], {
    cwd: ROOT,
    env: environment(),
    stdin: "ignore",
    stdout: options?.stdout ?? process.stderr.fd,
    stderr: "inherit",
  });
  return await child.exited;
}

/** Runs the commands in order; ends this process with the exit code of the first that fails. */
export async function showAll(commands: readonly (readonly string[])[]): Promise<void> {
  for (const command of commands) {
    const exitCode = await show(command);
    if (exitCode !== 0) process.exit(exitCode);
  }
}

function environment(): Record<string, string | undefined> {
  const path = [join(ROOT, "node_modules/.bin"), process.env["PATH"] ?? ""].join(delimiter);
  return { ...process.env, PATH: path, NO_COLOR: "1", FORCE_COLOR: undefined };
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch (thrown) {
    // It ended by itself between the time-out and now.
    console.error(`Killing process group ${pid}: ${String(thrown)}`);
  }
}
