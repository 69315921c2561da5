/**
 * Which of a stream manager's spouts pause for whom: a spout is told all
 * announced tasks that its tuples can come to, at each change. Which those are
 * is known from the start: a plan of the topology master may be long in coming.
 * A spout that has just connected is taken to know of none.
 */

import { Stopwatch } from "../base/mod.ts";
import type { LocalTask } from "./stmgr_ports.ts";

/** Tells a task, which is connected, of its culprits. */
export type TellSpout = (task: number, culprits: readonly number[]) => void;

/** The pauses of local spouts. */
export class SpoutPauses {
  readonly #tasks: readonly LocalTask[];
  readonly #tell: TellSpout;
  /** What each spout was told last; those that are not here know of none. */
  readonly #told = new Map<number, readonly number[]>();
  readonly #connected = new Set<number>();
  readonly #time = new Stopwatch();
  #culprits: ReadonlySet<number> = new Set();

  /** Nobody pauses. */
  constructor(tasks: readonly LocalTask[], tell: TellSpout) {
    this.#tasks = tasks;
    this.#tell = tell;
  }

  /** These are announced now, and no others. */
  set(culprits: ReadonlySet<number>, nowMs: number): void {
    this.#culprits = culprits;
    for (const { taskId, reaches } of this.#tasks) {
      if (reaches !== undefined && this.#connected.has(taskId)) this.#update(taskId, reaches);
    }
    this.#time.set(this.#told.size > 0, nowMs);
  }

  /** A task has connected: it knows of no pause. */
  taskCame(task: number, nowMs: number): void {
    this.#told.delete(task);
    this.#connected.add(task);
    this.set(this.#culprits, nowMs);
  }

  /** Its connection has ended: it takes that as the end of its pause. */
  taskLost(task: number, nowMs: number): void {
    this.#told.delete(task);
    this.#connected.delete(task);
    this.#time.set(this.#told.size > 0, nowMs);
  }

  #update(task: number, reaches: ReadonlySet<number>): void {
    const reached = [...this.#culprits].filter((culprit) => reaches.has(culprit))
      .sort((a, b) => a - b);
    if (String(reached) === String(this.#told.get(task) ?? [])) return;
    if (reached.length > 0) this.#told.set(task, reached);
    else this.#told.delete(task);
    this.#tell(task, reached);
  }

  /** For how long some spout was paused, in ms. */
  pausedMs(nowMs: number): number {
    return this.#time.totalMs(nowMs);
  }
}
