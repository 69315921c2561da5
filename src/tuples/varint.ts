/**
 * Varints as the tuple path needs them: written forwards, backwards and
 * measured; unsigned up to 2^53, the offsets of channels.
 */

import { HeronError } from "../base/mod.ts";

/** How many bytes the minimal varint of `value` takes; `value` is an integer in [0, 2^53). */
export function varintLength(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  if (value < 0x200000) return 3;
  if (value < 0x10000000) return 4;
  if (value < 0x800000000) return 5;
  if (value < 0x40000000000) return 6;
  return value < 0x2000000000000 ? 7 : 8;
}

/** Writes `value` at `at` and returns the position behind it. */
export function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  let rest = value;
  while (rest >= 0x10000000) {
    bytes[at++] = (rest % 0x80) | 0x80;
    rest = Math.floor(rest / 0x80);
  }
  while (rest >= 0x80) {
    bytes[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  bytes[at++] = rest;
  return at;
}

/** Writes `value` so that it ends at `end`, and returns where it starts. */
export function writeVarintBefore(bytes: Uint8Array, end: number, value: number): number {
  const start = end - varintLength(value);
  writeVarint(bytes, start, value);
  return start;
}

/** Writes 32 bits at `at`, the lowest byte first, and returns the position behind them. */
export function writeFixed32(bytes: Uint8Array, at: number, value: number): number {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
  bytes[at + 2] = value >>> 16;
  bytes[at + 3] = value >>> 24;
  return at + 4;
}

/** The 32 bits at `at`, the lowest byte first, as an int32. */
export function fixed32At(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}

/** A position in bytes that reads varints and refuses to pass `end`. */
export class VarintCursor {
  bytes: Uint8Array;
  at: number;
  end: number;

  /** Reads from `bytes` between `at` and `end`. */
  constructor(bytes: Uint8Array, at: number, end: number) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  /**
   * The next varint, below 2^53.
   * @throws HeronError "protocol" when it is cut or too long
   */
  next(): number {
    const { bytes, at } = this;
    if (at < this.end) {
      const first = bytes[at]!;
      if (first < 0x80) {
        this.at = at + 1;
        return first;
      }
      // Slots and generations mostly take two or three bytes.
      if (at + 1 < this.end) {
        const second = bytes[at + 1]!;
        if (second < 0x80) {
          this.at = at + 2;
          return (first & 0x7f) | (second << 7);
        }
        const third = at + 2 < this.end ? bytes[at + 2]! : 0x80;
        if (third < 0x80) {
          this.at = at + 3;
          return (first & 0x7f) | ((second & 0x7f) << 7) | (third << 14);
        }
      }
    }
    return this.#nextLong();
  }

  #nextLong(): number {
    let value = 0;
    let scale = 1;
    while (this.at < this.end && scale < 2 ** 53) {
      const byte = this.bytes[this.at++]!;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        if (value <= Number.MAX_SAFE_INTEGER) return value;
        break;
      }
      scale *= 0x80;
    }
    throw new HeronError(
      "protocol",
      `Read a varint: found "${value}" cut or too large at byte ${this.at} of ${this.end}, expected less than 2^53`,
    );
  }

  /**
   * The next 32 bits, the lowest byte first, as an int32.
   * @throws HeronError "protocol" when they are cut
   */
  nextFixed32(): number {
    const { bytes, at } = this;
    this.#advance(4);
    return fixed32At(bytes, at);
  }

  /** The next length, checked to stay inside `end`. */
  nextLength(): number {
    const length = this.next();
    if (length > this.end - this.at) {
      throw new HeronError(
        "protocol",
        `Read a length: found "${length}" at byte ${this.at}, expected at most ${
          this.end - this.at
        }`,
      );
    }
    return length;
  }

  /** Skips one field whose tag was just read. */
  skip(tag: number): void {
    switch (tag & 7) {
      case 0:
        this.next();
        return;
      case 1:
        this.#advance(8);
        return;
      case 2:
        this.#advance(this.nextLength());
        return;
      case 5:
        this.#advance(4);
        return;
      default:
        throw new HeronError(
          "protocol",
          `Skip a field: found wire type "${tag & 7}", expected 0, 1, 2 or 5`,
        );
    }
  }

  #advance(count: number): void {
    if (count > this.end - this.at) {
      throw new HeronError("protocol", `Skip a field: found it cut at byte ${this.end}`);
    }
    this.at += count;
  }
}
