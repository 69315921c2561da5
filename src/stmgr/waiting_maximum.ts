/**
 * The most bytes that have waited in a stream manager, for people: looked at now and then, and only
 * while there is traffic, so that an idle stream manager is not woken for it. Between two looks credit
 * bounds what waits all the same.
 */

import type { Clock, Timer } from "../base/mod.ts";

/** How often what waits is looked at, in milliseconds. */
const LOOK_MS = 100;

/** The maximum of one stream manager. */
export class WaitingMaximum {
  readonly #clock: Clock;
  readonly #waitingBytes: () => number;
  #bytesMax = 0;
  #timer: Timer | undefined;
  #hasTraffic = false;

  /** Looks at what `waitingBytes` returns. */
  constructor(clock: Clock, waitingBytes: () => number) {
    this.#clock = clock;
    this.#waitingBytes = waitingBytes;
  }

  /** The most there was at any look. */
  get bytesMax(): number {
    return this.#bytesMax;
  }

  /** A frame came: it may have to wait. */
  frameCame(): void {
    this.#hasTraffic = true;
    this.#timer ??= this.#clock.every(LOOK_MS, () => this.#look());
  }

  #look(): void {
    const bytes = this.#waitingBytes();
    this.#bytesMax = Math.max(this.#bytesMax, bytes);
    if (!this.#hasTraffic && bytes === 0) {
      this.#timer?.cancel();
      this.#timer = undefined;
    }
    this.#hasTraffic = false;
  }
}
