/**
 * The count of a last bolt: it adds to `tuples`, and every so often a line tells how many
 * it has handled by then. A timer tells, so that handling a tuple costs one addition.
 */

import { formatCount } from "../line_formats.ts";
import { wallMs } from "./wall_clock.ts";

/** How often a count is told, in milliseconds. */
const TELL_MS = 100;

/** Tuples that one task has handled. */
export class TupleCount {
  tuples = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  /** Begins to tell, at once: there is a count before each window. */
  start(everyMs: number = TELL_MS): void {
    this.#tell();
    this.#timer = setInterval(() => this.#tell(), everyMs);
  }

  /** Tells the last time. */
  stop(): void {
    clearInterval(this.#timer);
    this.#tell();
  }

  #tell(): void {
    console.log(formatCount({ tuples: this.tuples, atMs: wallMs() }));
  }
}
