/** Frames that wait until it is known where they go. */

import type { FrameView } from "./outlet.ts";

/** One of them: the number of its body, and the frame. */
export interface KeptFrame {
  readonly body: number;
  readonly frame: FrameView;
}

/** Copies of frames, in the order in which they came. */
export class KeptFrames {
  #frames: KeptFrame[] = [];
  #bytes = 0;

  /** What they take. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Keeps a copy of a frame, whose bytes are only lent. */
  keep(body: number, { bytes, start, bodyStart, end }: FrameView): void {
    const kept = bytes.slice(start, end);
    const frame = { bytes: kept, start: 0, bodyStart: bodyStart - start, end: kept.length };
    this.#frames.push({ body, frame });
    this.#bytes += kept.length;
  }

  /** Gives all of them away. */
  take(): readonly KeptFrame[] {
    const frames = this.#frames;
    this.#frames = [];
    this.#bytes = 0;
    return frames;
  }
}
