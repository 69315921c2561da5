/**
 * A growing byte array that the encoders of the tuple path write into.
 * Writers call `ensure` once for what they are about to write, then store into
 * `bytes` and move `length`; to undo a write, set `length` back.
 */

import type { ClassCodecs } from "./class_codecs.ts";

/** Default bound of a buffer: 256 MiB, in bytes. */
const BUFFER_BYTES_MAX = 256 * 1024 * 1024;

/** A buffer would pass its bound. */
export class BufferFull extends RangeError {
  override readonly name = "BufferFull";
}

/** Bytes with room to grow; `bytes` is replaced when it grows, so never keep it across `ensure`. */
export class ByteBuffer {
  /** The storage; its first `length` bytes are what was written. */
  bytes: Uint8Array<ArrayBuffer>;
  /** How many bytes have been written. */
  length = 0;
  /** The user's own classes that may be written; absent: none. */
  classes: ClassCodecs | undefined;
  readonly #bytesMax: number;

  /**
   * @param capacityBytes room taken at once
   * @param bytesMax most bytes it may ever hold, @default 256 MiB
   */
  constructor(capacityBytes: number, bytesMax: number = BUFFER_BYTES_MAX) {
    if (!(capacityBytes >= 0 && capacityBytes <= bytesMax)) {
      throw new RangeError(
        `Create a byte buffer: capacity "${capacityBytes}" B, expected 0 to ${bytesMax} B`,
      );
    }
    this.bytes = new Uint8Array(capacityBytes);
    this.#bytesMax = bytesMax;
  }

  /**
   * Makes room for `extraBytes` behind `length`, by doubling.
   * @throws BufferFull when the buffer would pass its bound; nothing is changed then
   */
  ensure(extraBytes: number): void {
    if (this.length + extraBytes > this.bytes.length) this.#grow(this.length + extraBytes);
  }

  #grow(neededBytes: number): void {
    if (neededBytes > this.#bytesMax) {
      throw new BufferFull(
        `Grow a byte buffer: "${neededBytes}" B needed, expected at most ${this.#bytesMax} B`,
      );
    }
    const doubled = Math.max(this.bytes.length * 2, 64);
    const grown = new Uint8Array(Math.min(this.#bytesMax, Math.max(doubled, neededBytes)));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }
}
