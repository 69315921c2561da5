/** Watches the private memory of all processes of a run: what each had at first, and its most since. */

import type { LiveRun } from "./live_run.ts";
import { collectorBytes, compiledBytes } from "./engine_memory.ts";
import type { PlanBounds } from "./plan_bounds.ts";
import { idOf, memoryOf } from "./process_tree.ts";

const SAMPLE_MS = 100;
const MIB = 1024 * 1024;
/** Who is idle takes no more than this. */
const STILL_BYTES = MIB / 2;
/** What goes on for longer is no start. */
const IDLE_PATIENCE_MS = 20_000;

/** The memory of a process while it was watched, in bytes. */
export interface WatchedMemory {
  readonly id: string;
  readonly baseBytes: number;
  readonly nowBytes: number;
  readonly mostBytes: number;
  /** What it may hold of tuples. */
  readonly boundBytes: number;
  /** What is allowed at rest: idle, what may be held, and the code compiled since. */
  readonly restBytes: number;
  /** What is allowed at any time: the same, and what the collector may leave uncollected. */
  readonly allowedBytes: number;
}

interface Seen {
  readonly id: string;
  /** Of its JavaScript threads, one each. */
  readonly heaps: number;
  baseBytes: number;
  nowBytes: number;
  mostBytes: number;
}

/** A watch, from now on. */
export class MemoryWatch implements Disposable {
  readonly #bounds: PlanBounds;
  readonly #seen = new Map<number, Seen>();
  readonly #timer: ReturnType<typeof setInterval>;

  /** The processes that `run` has now; until `begin`, what they have is their base. */
  constructor(run: LiveRun, bounds: PlanBounds) {
    this.#bounds = bounds;
    for (const one of run.processes) {
      const baseBytes = memoryOf(one.pid)?.privateBytes ?? 0;
      const id = idOf(one, (task) => bounds.plan.task(task).component);
      const heaps = one.role === "instance" ? 2 : 1;
      const seen = { id, heaps, baseBytes, nowBytes: baseBytes, mostBytes: baseBytes };
      this.#seen.set(one.pid, seen);
    }
    this.#timer = setInterval(() => this.#sample(), SAMPLE_MS);
  }

  /** Waits until nobody has taken more for `forMs`; a slow machine loads code for longer. */
  async untilIdle(forMs: number): Promise<void> {
    const endMs = performance.now() + IDLE_PATIENCE_MS;
    for (let isStill = false; !isStill && performance.now() < endMs;) {
      const before = [...this.#seen.values()].map(({ mostBytes }) => mostBytes);
      await Bun.sleep(forMs);
      const after = [...this.#seen.values()].map(({ mostBytes }) => mostBytes);
      isStill = after.every((bytes, index) => bytes - (before[index] ?? 0) < STILL_BYTES);
    }
  }

  /** The idle time is over: the most that each had in it is its base. */
  begin(): void {
    this.#sample();
    for (const one of this.#seen.values()) one.baseBytes = one.mostBytes;
  }

  #sample(): void {
    for (const [pid, one] of this.#seen) {
      one.nowBytes = memoryOf(pid)?.privateBytes ?? 0;
      one.mostBytes = Math.max(one.mostBytes, one.nowBytes);
    }
  }

  /** What was seen so far, by process id. */
  get memory(): WatchedMemory[] {
    return [...this.#seen.values()].map(({ heaps, ...one }) => {
      const boundBytes = this.#bounds.of(one.id);
      const restBytes = one.baseBytes + boundBytes + compiledBytes(heaps);
      const allowedBytes = restBytes + collectorBytes(heaps, boundBytes);
      return { ...one, boundBytes, restBytes, allowedBytes };
    }).sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** The same as a table, in MiB: at rest `now` is at most `rest`, ever `most` at most `ever`. */
  get table(): string {
    const mebibytes = (bytes: number): string => (bytes / MIB).toFixed(1).padStart(7);
    const rows = this.memory.map((one) =>
      `  ${one.id.padEnd(24)}` +
      [
        one.baseBytes,
        one.boundBytes,
        one.nowBytes,
        one.restBytes,
        one.mostBytes,
        one.allowedBytes,
      ].map(mebibytes).join("")
    );
    const head = `  ${"private memory, MiB".padEnd(24)}   base  bound    now   rest   most   ever`;
    return [head, ...rows].join("\n");
  }

  /** Ends the watch. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
