/** A task's packets into the data-out ring; what finds no room waits here, in order. */

import type { RingWriter } from "../../tuples/mod.ts";
import type { DrainedSink } from "./executor.ts";

/** The sink of an executor. */
export class RingSink implements DrainedSink {
  readonly #ring: RingWriter;
  #waiting: Uint8Array[] = [];

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
    let sent = 0;
    for (const frame of this.#waiting) {
      if (!this.#ring.put(frame, 0, frame.length)) break;
      sent++;
    }
    if (sent > 0) this.#waiting = this.#waiting.slice(sent);
    return this.hasRoom();
  }
}
