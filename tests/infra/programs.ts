/**
 * Programs that tests of real servers run: to their end, or as daemons with a log, known by pid and
 * start time so that no other process is ever signalled.
 */

import { openSync } from "node:fs";
import { isRunning, type ProcessFacts, readProcessFacts } from "../../src/base/supervision/mod.ts";

/** Daemons lie there, and not in every PATH. */
const SYSTEM_PATH = "/usr/sbin:/usr/bin:/sbin:/bin";

/** What a program came to. */
export interface ProgramOutcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Whether there is such a program on this machine. */
export function isInstalled(program: string): boolean {
  return Bun.which(program, { PATH: SYSTEM_PATH }) !== null;
}

/** Runs a program to its end. */
export async function runToEnd(
  [name = "", ...args]: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<ProgramOutcome> {
  const program = Bun.which(name, { PATH: SYSTEM_PATH });
  if (program === null) throw new Error(`Run "${name}": no such program, expected it installed`);
  const child = Bun.spawn([program, ...args], {
    env: { ...environment },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { code, stdout, stderr };
}

/** Waits for a condition. */
export async function waitFor(
  what: string,
  condition: () => boolean | Promise<boolean>,
  patienceMs = 60_000,
): Promise<void> {
  const endMs = performance.now() + patienceMs;
  while (!await condition()) {
    if (performance.now() > endMs) throw new Error(`Wait for ${what}: not within ${patienceMs} ms`);
    await Bun.sleep(50);
  }
}

/** A daemon that was started here. */
export class Daemon {
  readonly #command: readonly string[];
  readonly #log: string;
  #facts: ProcessFacts | undefined;

  /** @param log gets what it prints */
  constructor(command: readonly string[], log: string) {
    this.#command = command;
    this.#log = log;
  }

  /** Whether it runs. */
  get isUp(): boolean {
    return this.#facts !== undefined && isRunning(this.#facts);
  }

  /** Its pid. */
  get pid(): number {
    if (this.#facts === undefined) throw new Error(`Find ${this.#command[0]}: it was not started`);
    return this.#facts.pid;
  }

  /** Starts it unless it runs. */
  start(): void {
    if (this.isUp) return;
    const output = openSync(this.#log, "a", 0o600);
    const child = Bun.spawn([...this.#command], {
      cwd: "/",
      env: { PATH: SYSTEM_PATH },
      stdin: "ignore",
      stdout: output,
      stderr: output,
      detached: true,
    });
    child.unref();
    this.#facts = readProcessFacts(child.pid);
  }

  /** Ends it: by SIGTERM, and by SIGKILL when that takes more than 5 s. */
  async stop(): Promise<void> {
    this.#signal("SIGTERM");
    const patienceMs = 5000;
    const endMs = performance.now() + patienceMs;
    while (this.isUp && performance.now() < endMs) await Bun.sleep(20);
    await this.kill();
  }

  /** Ends it at once, as when the power is cut. */
  async kill(): Promise<void> {
    this.#signal("SIGKILL");
    await waitFor(`the end of ${this.#command[0]}`, () => !this.isUp);
  }

  #signal(signal: "SIGTERM" | "SIGKILL"): void {
    if (this.isUp) process.kill(this.pid, signal);
  }
}
