/**
 * Calls that repeat, on one timer a thread. What a process does once a second costs less than waking
 * up for it, so those of one period fall together, and those of several on their common multiples.
 */

/** A pending timer; `cancel` is idempotent. */
export interface Timer {
  cancel(): void;
}

/** Where beats get their time from. */
export interface BeatsOptions {
  /** Monotonic, in milliseconds. */
  nowMs(): number;
  /** Calls once after a whole number of milliseconds; returns what undoes it. */
  wait(delayMs: number, run: () => void): () => void;
}

interface Beat {
  readonly periodMs: number;
  readonly run: () => void;
  dueMs: number;
}

/** Timers have whole milliseconds: what is due within one is due. */
const SLACK_MS = 1;

/** Calls that repeat. */
export class Beats {
  readonly #options: BeatsOptions;
  readonly #beats = new Set<Beat>();
  #armedMs = Infinity;
  #disarm: (() => void) | undefined;

  /** Nothing repeats yet. */
  constructor(options: BeatsOptions) {
    this.#options = options;
  }

  /** Calls `run` whenever a multiple of `periodMs` has passed; first after half of that to half as much again. */
  every(periodMs: number, run: () => void): Timer {
    const beat = { periodMs, run, dueMs: 0 };
    const firstMs = this.#options.nowMs() + periodMs / 2;
    beat.dueMs = Math.ceil(firstMs / periodMs) * periodMs;
    this.#beats.add(beat);
    this.#arm();
    return {
      cancel: () => {
        this.#beats.delete(beat);
        this.#arm();
      },
    };
  }

  #arm(): void {
    let dueMs = Infinity;
    for (const beat of this.#beats) dueMs = Math.min(dueMs, beat.dueMs);
    if (dueMs === this.#armedMs) return;
    this.#disarm?.();
    this.#armedMs = dueMs;
    this.#disarm = undefined;
    if (dueMs === Infinity) return;
    const delayMs = Math.max(0, Math.ceil(dueMs - this.#options.nowMs()));
    this.#disarm = this.#options.wait(delayMs, () => this.#fire());
  }

  #fire(): void {
    this.#armedMs = Infinity;
    const nowMs = this.#options.nowMs() + SLACK_MS;
    try {
      for (const beat of this.#beats) {
        if (beat.dueMs > nowMs) continue;
        // Those that were missed are not made up for.
        beat.dueMs = (Math.floor(nowMs / beat.periodMs) + 1) * beat.periodMs;
        beat.run();
      }
    } finally {
      // Also when one throws: the others are still due.
      this.#arm();
    }
  }
}
