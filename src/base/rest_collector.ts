/**
 * Gives a thread's garbage back once it has come to rest. JavaScriptCore collects when as much
 * again was allocated; a thread that does nothing any more allocates nothing, and keeps what it
 * has. At work nothing is done here: a collection of ours would only cost throughput.
 */

import type { Timer } from "./beats.ts";
import type { Clock } from "./clock.ts";

/**
 * A thread that did no work for so long, up to twice, is at rest. Longer than most topologies take to
 * start: what is up early would else collect while the others still want the processor.
 */
const REST_MS = 5000;
/** How often a thread that is never at rest collects. */
const AWAKE_MS = 60_000;

/** How a thread's rest is seen. */
export interface RestOptions {
  readonly clock: Clock;
  /** What the thread has done so far: a number that is another one after any work. */
  done(): number;
  /** Collects all garbage of this thread: `Bun.gc(true)`. */
  collect(): void;
}

/** Collects once after each time of work, until cancelled. */
export function collectAtRest({ clock, done, collect }: RestOptions): Timer {
  let seen = done();
  let hasWorked = false;
  return clock.every(REST_MS, () => {
    const now = done();
    const isAtRest = now === seen;
    if (isAtRest && hasWorked) collect();
    hasWorked = !isAtRest;
    seen = now;
  });
}

/**
 * Collects once a minute, until cancelled: for a thread that does a little all the time, whose heap
 * would slowly grow to twice what lives in it.
 */
export function collectNowAndThen(clock: Clock, collect: () => void): Timer {
  return clock.every(AWAKE_MS, collect);
}
