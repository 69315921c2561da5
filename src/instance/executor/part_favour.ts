/**
 * Which source may send a tuple in parts past its window. One at a time, from
 * its first part until the tuple is handled, so that a task holds one such tuple
 * however many sources send some. Who falls silent in the middle makes way.
 */

import type { InChannel } from "../../tuples/mod.ts";
import type { QueuedBatch } from "./queued_batch.ts";

/** What a favour is made of. */
export interface PartFavourOptions {
  /** A source that brings nothing of its tuple for this long makes way for others. */
  readonly silenceMs: number;
  /** `channel` is favoured from now on: a grant may be due. */
  onFavoured(channel: InChannel): void;
}

/** The favour of one task. */
export class PartFavour {
  readonly #options: PartFavourOptions;
  #favoured: InChannel | undefined;
  /** The tuple of the favoured source, once it is whole. */
  #batch: QueuedBatch | undefined;
  #waiting: InChannel[] = [];
  #seenBytes = 0;
  #seenMs: number | undefined;

  /** Nobody is favoured. */
  constructor(options: PartFavourOptions) {
    this.#options = options;
  }

  /** A part came on `channel`, whose tuple is not whole yet. */
  came(channel: InChannel): void {
    const isServed = this.#favoured === channel && this.#batch === undefined;
    if (isServed || this.#waiting.includes(channel)) return;
    this.#waiting.push(channel);
    if (this.#favoured === undefined) this.#next();
  }

  /** The tuple of `channel` is whole and waits to be handled. */
  whole(channel: InChannel, batch: QueuedBatch): void {
    if (this.#favoured === channel && this.#batch === undefined) {
      this.#batch = batch;
      channel.isFavoured = false;
    } else this.#forget(channel);
  }

  /** A tuple that came in parts was handled. */
  handled(batch: QueuedBatch): void {
    if (this.#batch === batch) this.#next();
  }

  /** Something of the tuple of `channel` was lost. */
  cut(channel: InChannel): void {
    if (this.#favoured === channel && this.#batch === undefined) this.#next();
    else this.#forget(channel);
  }

  /** Lets another source have its turn when the favoured one is silent; returns when to look again. */
  tend(nowMs: number): number | undefined {
    const bytes = this.#favoured?.partial?.creditBytes;
    if (bytes === undefined || this.#batch !== undefined || this.#waiting.length === 0) {
      this.#seenMs = undefined;
      return undefined;
    }
    if (this.#seenMs === undefined || bytes !== this.#seenBytes) {
      this.#seenMs = nowMs;
      this.#seenBytes = bytes;
    } else if (nowMs >= this.#seenMs + this.#options.silenceMs) {
      this.#seenMs = undefined;
      if (this.#favoured !== undefined) this.#waiting.push(this.#favoured);
      this.#next();
      return this.tend(nowMs);
    }
    return this.#seenMs + this.#options.silenceMs;
  }

  #forget(channel: InChannel): void {
    this.#waiting = this.#waiting.filter((one) => one !== channel);
  }

  #next(): void {
    if (this.#favoured !== undefined) this.#favoured.isFavoured = false;
    this.#favoured = this.#waiting.shift();
    this.#batch = undefined;
    if (this.#favoured === undefined) return;
    this.#favoured.isFavoured = true;
    this.#options.onFavoured(this.#favoured);
  }
}
