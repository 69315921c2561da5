/**
 * Time and chance as values that are handed in. The only file besides the
 * simulator's own clock that may call timers, `performance.now` and `Math.random`.
 */

/** A pending timer; `cancel` is idempotent. */
export interface Timer {
  cancel(): void;
}

/** The clock a core or role is given. */
export interface Clock {
  /** Monotonic time in milliseconds, with fractions; its zero means nothing. */
  nowMs(): number;
  /** Wall-clock time in milliseconds since 1970, for records that people read. */
  wallMs(): number;
  /** Calls `run` once after `delayMs`. */
  after(delayMs: number, run: () => void): Timer;
  /** Calls `run` every `periodMs` until cancelled. */
  every(periodMs: number, run: () => void): Timer;
}

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
