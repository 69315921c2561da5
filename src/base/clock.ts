/**
 * Time and chance as values that are handed in. The only file besides the
 * simulator's own clock that may call timers, `performance.now` and `Math.random`.
 */

import { Beats, type Timer } from "./beats.ts";

/** The clock a core or role is given. */
export interface Clock {
  /** Monotonic time in milliseconds, with fractions; its zero means nothing. */
  nowMs(): number;
  /** Wall-clock time in milliseconds since 1970, for records that people read. */
  wallMs(): number;
  /** Calls `run` once after `delayMs`. */
  after(delayMs: number, run: () => void): Timer;
  /** Calls `run` every `periodMs` until cancelled; the first time may come half a period sooner or later. */
  every(periodMs: number, run: () => void): Timer;
}

/** What repeats so seldom need not be exact, and shares its wake-ups with others, in milliseconds. */
const SHARED_MS = 500;

/**
 * Processes start together; what each does once a second they must not do at the same moment.
 * Multiples of a second here are other moments in each.
 */
const phaseMs = 1000 * Math.random();

const beats = new Beats({
  nowMs: () => performance.now() + phaseMs,
  wait(delayMs, run) {
    const handle = setTimeout(run, delayMs);
    return () => clearTimeout(handle);
  },
});

/** The machine's clock. */
export const systemClock: Clock = Object.freeze({
  nowMs: () => performance.now(),
  wallMs: () => Date.now(),
  after(delayMs: number, run: () => void): Timer {
    // It cuts fractions off: a deadline would be looked at before it has come, and again after.
    const handle = setTimeout(run, Math.ceil(delayMs));
    return { cancel: () => clearTimeout(handle) };
  },
  every(periodMs: number, run: () => void): Timer {
    if (periodMs >= SHARED_MS) return beats.every(periodMs, run);
    const handle = setInterval(run, periodMs);
    return { cancel: () => clearInterval(handle) };
  },
});

/** Resolves after `delayMs` on `clock`. */
export function sleep(clock: Clock, delayMs: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  clock.after(delayMs, resolve);
  return promise;
}
