/**
 * Growing, jittered delays between attempts: pure, with chance handed in.
 * Who waits them out, and on which clock, is the caller.
 */

import type { Random } from "./random.ts";

/** How delays grow; each is drawn from [bound / 2, bound]. */
export interface BackoffOptions {
  /** Bound of the first delay, in milliseconds. @default 10 */
  readonly firstMs?: number;
  /** Bound that the delays grow to, in milliseconds. @default 1000 */
  readonly maxMs?: number;
  /** Each bound is the one before times this. @default 2 */
  readonly factor?: number;
}

/** The delays of one series of attempts. */
export class Backoff {
  readonly #random: Random;
  readonly #firstMs: number;
  readonly #maxMs: number;
  readonly #factor: number;
  #boundMs: number;
  #attempts = 0;

  /** @throws RangeError unless 0 < firstMs <= maxMs and factor >= 1 */
  constructor(random: Random, options: BackoffOptions = {}) {
    const { firstMs = 10, maxMs = 1000, factor = 2 } = options;
    if (!(firstMs > 0 && maxMs >= firstMs && factor >= 1)) {
      throw new RangeError(
        `Create a backoff: first "${firstMs}" ms, max "${maxMs}" ms, factor "${factor}", ` +
          "expected 0 < first <= max and factor >= 1",
      );
    }
    this.#random = random;
    this.#firstMs = firstMs;
    this.#maxMs = maxMs;
    this.#factor = factor;
    this.#boundMs = firstMs;
  }

  /** How many delays were given since the start or the last `reset`. */
  get attempts(): number {
    return this.#attempts;
  }

  /** The bound of all delays, in milliseconds. */
  get maxMs(): number {
    return this.#maxMs;
  }

  /** The next delay in milliseconds. */
  next(): number {
    const boundMs = this.#boundMs;
    this.#attempts++;
    this.#boundMs = Math.min(this.#maxMs, boundMs * this.#factor);
    return boundMs * (0.5 + this.#random.unit() / 2);
  }

  /** Starts again with the first delay. */
  reset(): void {
    this.#boundMs = this.#firstMs;
    this.#attempts = 0;
  }
}
