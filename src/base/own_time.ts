/**
 * A time-out that leaves out the time in which this process itself did not run: where a machine has
 * more to do than it can, who was not heard was mostly not listened to.
 */

import type { Timer } from "./beats.ts";
import type { Clock } from "./clock.ts";

/** A time is waited for in so many slices, each of which counts once, however late its timer is. */
const SLICES = 8;

/** Calls `run` once when this process has run for `delayMs`, as far as its timers tell. */
export function afterOwnTime(clock: Clock, delayMs: number, run: () => void): Timer {
  const sliceMs = delayMs / SLICES;
  let slicesLeft = SLICES;
  let timer = clock.after(sliceMs, look);
  function look(): void {
    slicesLeft--;
    if (slicesLeft === 0) run();
    else timer = clock.after(sliceMs, look);
  }
  return { cancel: () => timer.cancel() };
}
