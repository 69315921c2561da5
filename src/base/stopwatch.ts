/** How long something was so, in milliseconds, over all times that it was. */

/** A stopwatch that is told when what it measures begins and ends. */
export class Stopwatch {
  #sinceMs: number | undefined;
  #doneMs = 0;

  /** Says whether it is so from `nowMs` on; saying the same again changes nothing. */
  set(isSo: boolean, nowMs: number): void {
    if (isSo) this.#sinceMs ??= nowMs;
    else {
      this.#doneMs = this.totalMs(nowMs);
      this.#sinceMs = undefined;
    }
  }

  /** All times together, the one that lasts included. */
  totalMs(nowMs: number): number {
    return this.#doneMs + (this.#sinceMs === undefined ? 0 : Math.max(0, nowMs - this.#sinceMs));
  }
}
