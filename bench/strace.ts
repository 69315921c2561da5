/**
 * System calls a tuple, by role: `strace -c` attached for a short time to the processes on the
 * tuples' way. It slows them down, so no other figure of that run counts; but what the products'
 * own counts say of batches can be checked by it.
 */

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BenchRun, type RoleProcess } from "./bench_run.ts";
import { type Measurement, Told } from "./measure_window.ts";
import { isOnTheWay } from "./window.ts";

/** Those that give bytes to a socket; Bun's `write` is how one thread wakes another. */
const SENDS = ["send", "sendto", "sendmsg", "writev"] as const;

/** What the processes of one role called. */
export interface TracedRole {
  readonly name: string;
  /** Calls by name. */
  readonly calls: Readonly<Record<string, number>>;
  /** Writes to sockets. */
  readonly sends_per_tuple: number;
}

/**
 * Runs it and traces for so long.
 * @returns undefined where there is no strace
 * @throws Error when strace may not attach
 */
export async function traceCalls(
  measurement: Measurement,
  seconds: number,
): Promise<TracedRole[] | undefined> {
  if (Bun.which("strace") === null) return undefined;
  const told = new Told();
  await using run = new BenchRun({ ...measurement, onLine: (line) => told.take(line) });
  await run.running();
  await run.until("the first tuple at the last bolt", () => told.hasTuples());
  await Bun.sleep(measurement.warmupS * 1000);
  const roles = Map.groupBy(run.processes().filter(isOnTheWay), ({ name }) => name);
  using traces = new DisposableStack();
  const running = [...roles].map(([name, processes]) => traces.use(new Trace(name, processes)));
  await Promise.all(running.map((trace) => trace.attached()));
  const fromMs = wallMs();
  await Bun.sleep(seconds * 1000);
  const toMs = wallMs();
  const calls = await Promise.all(running.map((trace) => trace.end()));
  await run.until("the last bolts to tell their counts", () => told.hasReached(toMs));
  await run.end();
  const tuples = told.tuplesBetween(fromMs, toMs);
  return running.map(({ name }, index) => {
    const counts = calls[index] ?? {};
    const sends = SENDS.reduce((sum, call) => sum + (counts[call] ?? 0), 0);
    return { name, calls: counts, sends_per_tuple: sends / tuples };
  });
}

/** A strace of the processes of one role. */
class Trace implements Disposable {
  readonly name: string;
  readonly #folder = mkdtempSync(join(tmpdir(), "heron-bench-strace-"));
  readonly #child: Bun.Subprocess<"ignore", "ignore", "pipe">;
  #said = "";

  constructor(name: string, processes: readonly RoleProcess[]) {
    this.name = name;
    const pids = processes.flatMap(({ pid }) => ["-p", String(pid)]);
    this.#child = Bun.spawn(["strace", "-f", "-c", "-o", this.#file, ...pids], {
      stdio: ["ignore", "ignore", "pipe"],
    });
  }

  get #file(): string {
    return join(this.#folder, "calls");
  }

  /** Resolves when it says that it is attached. */
  async attached(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    // It goes on to say so of each thread, and must not wait for a pipe that is full.
    const reading = this.#readErrors(() => resolve(true));
    const isAttached = await Promise.race([promise, reading.then(() => false)]);
    if (!isAttached) throw new Error(`Attach strace to ${this.name}: ${this.#said}`);
  }

  async #readErrors(onAttached: () => void): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of this.#child.stderr) {
      this.#said += decoder.decode(chunk, { stream: true });
      if (this.#said.includes(" attached")) onAttached();
    }
  }

  /** Detaches it; the calls by name. */
  async end(): Promise<Record<string, number>> {
    this.#child.kill("SIGINT");
    await this.#child.exited;
    return parseCalls(readFileSync(this.#file, "utf8"));
  }

  [Symbol.dispose](): void {
    this.#child.kill("SIGINT");
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Calls by name, from the table of `strace -c`. */
export function parseCalls(text: string): Record<string, number> {
  const calls: Record<string, number> = {};
  for (const line of text.split("\n")) {
    // % time, seconds, usecs/call, calls, errors (may be missing), name.
    const fields = line.trim().split(/\s+/);
    const name = fields.at(-1) ?? "";
    const count = Number(fields[3]);
    if (fields.length >= 5 && Number.isInteger(count) && name !== "total") calls[name] = count;
  }
  return calls;
}

function wallMs(): number {
  return performance.timeOrigin + performance.now();
}
