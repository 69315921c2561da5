/** Watches the private memory of all processes of a run: what each had at first, and its most since. */

import type { LiveRun } from "./live_run.ts";
import type { PlanBounds } from "./plan_bounds.ts";
import { idOf, memoryOf } from "./process_tree.ts";

const SAMPLE_MS = 100;
const MIB = 1024 * 1024;

/** The memory of a process while it was watched, in bytes. */
export interface WatchedMemory {
  readonly id: string;
  readonly baseBytes: number;
  readonly mostBytes: number;
  /** What it may hold of tuples. */
  readonly boundBytes: number;
}

/** A watch, from now on. */
export class MemoryWatch implements Disposable {
  readonly #bounds: PlanBounds;
  readonly #seen = new Map<number, { id: string; baseBytes: number; mostBytes: number }>();
  readonly #timer: ReturnType<typeof setInterval>;

  /** What the processes of `run` have now is their base. */
  constructor(run: LiveRun, bounds: PlanBounds) {
    this.#bounds = bounds;
    for (const one of run.processes) {
      const baseBytes = memoryOf(one.pid)?.privateBytes ?? 0;
      const id = idOf(one, (task) => bounds.plan.task(task).component);
      this.#seen.set(one.pid, { id, baseBytes, mostBytes: baseBytes });
    }
    this.#timer = setInterval(() => this.#sample(), SAMPLE_MS);
  }

  #sample(): void {
    for (const [pid, one] of this.#seen) {
      one.mostBytes = Math.max(one.mostBytes, memoryOf(pid)?.privateBytes ?? 0);
    }
  }

  /** What was seen so far, by process id. */
  get memory(): WatchedMemory[] {
    return [...this.#seen.values()].map((one) => ({ ...one, boundBytes: this.#bounds.of(one.id) }))
      .sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** The same as a table, in MiB. */
  get table(): string {
    const mebibytes = (bytes: number): string => (bytes / MIB).toFixed(1).padStart(7);
    const rows = this.memory.map(({ id, baseBytes, boundBytes, mostBytes }) =>
      `  ${id.padEnd(24)}${mebibytes(baseBytes)}${mebibytes(boundBytes)}${mebibytes(mostBytes)}`
    );
    const head = `  ${"private memory, MiB".padEnd(24)}   base  bound   most`;
    return [head, ...rows].join("\n");
  }

  /** Ends the watch. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
