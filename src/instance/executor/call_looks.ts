/** When a turn of user code's calls ends: after so many, or at a look at the clock that comes too late. */

/** Most calls of user code in one turn; a power of two. */
export const CALLS_PER_TURN_MAX = 4096;
/** A turn that took so many milliseconds ends, so that what it emitted and acked leaves. */
export const TURN_MS_MAX = 5;

/** Whether the clock is looked at after `calls`: 1, 2, 4, …, so fast calls pay nothing, and one slow call is enough. */
export function isLook(calls: number): boolean {
  return calls > 0 && (calls & (calls - 1)) === 0;
}

/** How many calls there are after `calls` to the next look, at least 1. */
export function callsToLook(calls: number): number {
  return calls === 0 ? 1 : 2 ** (32 - Math.clz32(calls)) - calls;
}
