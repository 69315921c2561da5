/**
 * How long something lasted since the last export, in milliseconds; a period
 * that still runs is counted as far as it has come.
 */

import type { Clock } from "../base/mod.ts";

/** Time spent in one state. */
export class TimeMetric {
  readonly #clock: Clock;
  #sinceMs: number | undefined;
  #doneMs = 0;

  /** Nothing runs yet. */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A period begins; without effect while one runs. */
  start(): void {
    this.#sinceMs ??= this.#clock.nowMs();
  }

  /** The period ends; without effect while none runs. */
  stop(): void {
    if (this.#sinceMs === undefined) return;
    this.#doneMs += this.#clock.nowMs() - this.#sinceMs;
    this.#sinceMs = undefined;
  }

  /** Returns the whole milliseconds so far and starts again; fractions are kept for the next time. */
  take(): number {
    if (this.#sinceMs !== undefined) {
      this.stop();
      this.start();
    }
    const wholeMs = Math.floor(this.#doneMs);
    this.#doneMs -= wholeMs;
    return wholeMs;
  }
}
