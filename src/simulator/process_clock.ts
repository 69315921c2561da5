/**
 * The clock of one simulated process: it began anywhere and runs a little fast
 * or slow, so whoever compares two processes' clocks is found out.
 */

import type { Clock, Timer } from "../base/mod.ts";

/** How a process's clock differs from virtual time. */
export interface ClockSkew {
  readonly offsetMs: number;
  /** Its hours are this much longer or shorter: up to 1e-3. */
  readonly drift: number;
}

/** What a clock needs of its process. */
export interface ClockHost {
  /** Virtual time. */
  worldMs(): number;
  /** Runs `run` in the process at virtual time `worldMs`; `isWanted` is asked when it is done. */
  runAt(worldMs: number, isWanted: () => boolean, run: () => void): void;
}

const WALL_START_MS = 1_700_000_000_000;

/** The clock of a process. */
export class ProcessClock implements Clock {
  readonly #host: ClockHost;
  readonly #skew: ClockSkew;

  /** A clock with `skew`. */
  constructor(host: ClockHost, skew: ClockSkew) {
    this.#host = host;
    this.#skew = skew;
  }

  nowMs(): number {
    return this.#skew.offsetMs + this.#host.worldMs() * (1 + this.#skew.drift);
  }

  wallMs(): number {
    return WALL_START_MS + this.nowMs();
  }

  after(delayMs: number, run: () => void): Timer {
    let isWanted = true;
    const dueMs = this.#host.worldMs() + Math.max(0, delayMs) / (1 + this.#skew.drift);
    this.#host.runAt(dueMs, () => isWanted, run);
    return { cancel: () => void (isWanted = false) };
  }

  every(periodMs: number, run: () => void): Timer {
    const again = (): void => {
      timer = this.after(periodMs, again);
      run();
    };
    let timer = this.after(periodMs, again);
    return { cancel: () => timer.cancel() };
  }

  /** The virtual time at which this clock shows `localMs`. */
  toWorldMs(localMs: number): number {
    return (localMs - this.#skew.offsetMs) / (1 + this.#skew.drift);
  }
}
