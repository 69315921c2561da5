/**
 * How long a spout that emitted nothing waits before it is asked again: the
 * longer it has had nothing, the longer, up to a limit. Input that comes after a
 * time of nothing is seen later by a sixteenth of that time at most.
 */

const SHARE = 16;

/** The limits of a wait, in milliseconds. */
export interface IdleWaitLimits {
  readonly minMs: number;
  /** A smaller one than the least has no effect. */
  readonly maxMs: number;
}

/** The waits of one spout. */
export class IdleWait {
  readonly #limits: IdleWaitLimits;
  #idleSinceMs: number | undefined;

  /** It has not been idle yet. */
  constructor(limits: IdleWaitLimits) {
    this.#limits = limits;
  }

  /** There was nothing at `nowMs`: how long to wait, in milliseconds. */
  next(nowMs: number): number {
    this.#idleSinceMs ??= nowMs;
    const { minMs, maxMs } = this.#limits;
    return Math.max(minMs, Math.min(maxMs, (nowMs - this.#idleSinceMs) / SHARE));
  }

  /** There was something: the next wait is the shortest again. */
  end(): void {
    this.#idleSinceMs = undefined;
  }
}
