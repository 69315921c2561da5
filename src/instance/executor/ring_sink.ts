/** A task's packets into the data-out ring; what finds no room waits here, in order. */

import { Fifo } from "../../base/mod.ts";
import type { RingWriter } from "../../tuples/mod.ts";
import type { DrainedSink } from "./executor.ts";

/** The sink of an executor. */
export class RingSink implements DrainedSink {
  readonly #ring: RingWriter;
  readonly #waiting = new Fifo<Uint8Array>();

  /** Writes to `ring`. */
  constructor(ring: RingWriter) {
    this.#ring = ring;
  }

  write(bytes: Uint8Array, start: number, end: number): void {
    if (this.#waiting.length === 0 && this.#ring.put(bytes, start, end)) return;
    this.#waiting.push(bytes.slice(start, end));
  }

  hasRoom(): boolean {
    return this.#waiting.length === 0;
  }

  /** Puts what waits. True when nothing waits any more. */
  drain(): boolean {
    for (let frame = this.#waiting.first; frame !== undefined; frame = this.#waiting.first) {
      if (!this.#ring.put(frame, 0, frame.length)) return false;
      this.#waiting.shift();
    }
    return true;
  }
}
