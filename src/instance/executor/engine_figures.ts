/**
 * What the engine of an executor's own thread tells of itself: which thread it
 * is, and how large its heap. Written by the executor into the counters; who shares the gateway's thread has nothing to tell.
 */

import { heapUsedBytes, threadIdHere } from "../../metrics/mod.ts";
import { COUNTER } from "../bridge.ts";

/** How often the figures are written at most, in milliseconds. */
const PERIOD_MS = 1000;

/** The figures of one thread. */
export class EngineFigures {
  readonly #words: Float64Array;
  #dueAtMs = -Infinity;

  /** Writes into `words` which thread this is. */
  constructor(words: Float64Array) {
    this.#words = words;
    words[COUNTER.threadId] = threadIdHere() ?? 0;
  }

  /** Writes them when the last time is a while ago. */
  turn(nowMs: number): void {
    if (nowMs < this.#dueAtMs) return;
    this.#dueAtMs = nowMs + PERIOD_MS;
    this.show();
  }

  /** Writes them. */
  show(): void {
    this.#words[COUNTER.heapBytes] = heapUsedBytes();
  }
}
