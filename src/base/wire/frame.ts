/**
 * Frames: varint length, then one packet. The decoder takes chunks of any cut and keeps
 * at most one partial frame; a frame that lies whole in a chunk is not copied.
 */

import { HeronError } from "../mod.ts";
import { encodePacket, type PacketInit } from "./packet.ts";
import {
  packedSize,
  packedValue,
  readVarint,
  VARINT_INCOMPLETE,
  VARINT_MALFORMED,
  varintSize,
  writeVarint,
} from "./varint.ts";

// A partial frame gets room for all of it up to here, and beyond by doubling: a peer
// that only claims a length takes no memory with it.
const FIRST_ROOM_BYTES = 64 * 1024;

/** The whole frame of a packet: its length, then its bytes. */
export function encodeFrame(packet: PacketInit): Uint8Array<ArrayBuffer> {
  const bytes = encodePacket(packet);
  const size = varintSize(bytes.length);
  const frame = new Uint8Array(size + bytes.length);
  writeVarint(frame, 0, bytes.length);
  frame.set(bytes, size);
  return frame;
}

/** Where a frame lies in the bytes it came in; one object serves a whole decoder. */
export interface FrameBounds {
  /** Where the length begins. */
  readonly start: number;
  /** Where the packet begins, behind the length. */
  readonly packetStart: number;
  /** Where packet and frame end. */
  readonly end: number;
}

/** Takes frames. The bytes are never written again, but keeping a view keeps its whole chunk in memory. */
export interface FrameSink {
  /** Takes one frame; returns false to end the running `feed` behind it. */
  frame(bytes: Uint8Array, bounds: FrameBounds): boolean;
}

/** Cuts a stream of bytes into frames. After a throw it must not be fed again. */
export class FrameDecoder {
  #limitBytes: number;
  // The partial frame: `#held[0, #heldBytes)`, of `#frameBytes` with its length (0: not known yet).
  #held = new Uint8Array(0);
  #heldBytes = 0;
  #frameBytes = 0;
  readonly #bounds = { start: 0, packetStart: 0, end: 0 };

  /** @param limitBytes longest packet that is taken */
  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** Changes the limit, for frames whose length was not read yet. */
  set limitBytes(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** Bytes of the partial frame that is kept. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Bytes of memory taken for the partial frame. */
  get roomBytes(): number {
    return this.#held.length;
  }

  /**
   * Takes `chunk` from `at` on and gives `sink` each frame that is whole now. Returns where it
   * ended: the chunk's length, or behind the frame at which the sink said so.
   * @throws HeronError `protocol` for a bad length or one over the limit, before memory is taken for it
   */
  feed(chunk: Uint8Array, at: number, sink: FrameSink): number {
    if (this.#heldBytes > 0) {
      at = this.#complete(chunk, at);
      if (this.#frameBytes === 0 || this.#heldBytes < this.#frameBytes) return at;
      if (!this.#giveHeld(sink)) return at;
    }
    const bounds = this.#bounds;
    while (at < chunk.length) {
      const packed = readVarint(chunk, at, chunk.length);
      if (packed === VARINT_INCOMPLETE) return this.#hold(chunk, at);
      const packetStart = at + packedSize(packed);
      const end = packetStart + this.#checkedLength(packed);
      if (end > chunk.length) {
        this.#frameBytes = end - at;
        return this.#hold(chunk, at);
      }
      bounds.start = at;
      bounds.packetStart = packetStart;
      bounds.end = at = end;
      if (!sink.frame(chunk, bounds)) return at;
    }
    return at;
  }

  #checkedLength(packed: number): number {
    if (packed === VARINT_MALFORMED) {
      throw new HeronError(
        "protocol",
        "Read a frame: found a length of more than 32 bits, expected a varint",
      );
    }
    const length = packedValue(packed);
    if (length > this.#limitBytes) {
      throw new HeronError(
        "protocol",
        `Read a frame: found a length of ${length} B, expected at most ${this.#limitBytes} B`,
      );
    }
    return length;
  }

  #hold(chunk: Uint8Array, at: number): number {
    this.#append(chunk, at, chunk.length);
    return chunk.length;
  }

  /** Adds to the partial frame what of it is in `chunk`; returns where its part ends. */
  #complete(chunk: Uint8Array, at: number): number {
    while (this.#frameBytes === 0) {
      if (at >= chunk.length) return at;
      this.#append(chunk, at, ++at);
      const packed = readVarint(this.#held, 0, this.#heldBytes);
      if (packed === VARINT_INCOMPLETE) continue;
      this.#frameBytes = packedSize(packed) + this.#checkedLength(packed);
    }
    const end = Math.min(chunk.length, at + this.#frameBytes - this.#heldBytes);
    this.#append(chunk, at, end);
    return end;
  }

  #append(chunk: Uint8Array, start: number, end: number): void {
    const needed = this.#heldBytes + end - start;
    if (needed > this.#held.length) {
      const doubled = Math.max(this.#held.length * 2, FIRST_ROOM_BYTES, needed);
      const grown = new Uint8Array(
        Math.min(doubled, this.#frameBytes === 0 ? 8 : this.#frameBytes),
      );
      grown.set(this.#held.subarray(0, this.#heldBytes));
      this.#held = grown;
    }
    this.#held.set(chunk.subarray(start, end), this.#heldBytes);
    this.#heldBytes = needed;
  }

  #giveHeld(sink: FrameSink): boolean {
    const bytes = this.#held;
    const bounds = this.#bounds;
    bounds.start = 0;
    bounds.packetStart = packedSize(readVarint(bytes, 0, bytes.length));
    bounds.end = this.#frameBytes;
    // A new array for each partial frame: decoded packets may hold views on the old one.
    this.#held = new Uint8Array(0);
    this.#heldBytes = 0;
    this.#frameBytes = 0;
    return sink.frame(bytes, bounds);
  }
}
