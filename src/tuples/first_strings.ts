/**
 * The first values of tuples, where they are short strings, such as the words
 * of a word count: those of the tuples behind a tuple are looked up with its
 * own, while they are about to be asked for.
 */

import { scanTuples } from "./run_scan.ts";
import { StringMemory } from "./string_memory.ts";
import type { ValueReader } from "./values_read.ts";
import { TAG } from "./values_format.ts";

/** Tuples looked at together. */
const AHEAD_MAX = 64;
/** Tables smaller than this (bytes) stay in the processor's nearest cache by themselves. */
const AHEAD_TABLE_BYTES_MIN = 64 * 1024;
/** Tuples read one by one after looking ahead was of no use. */
const AHEAD_PAUSE_TUPLES = 1024;
/** Fewer (tuples) are not worth a view of their batch. */
const AHEAD_MIN = 8;
const NO_BYTES: Uint8Array = new Uint8Array(0);
const NO_VIEW = new DataView(NO_BYTES.buffer);

/** Reads first values; for the tuples of batches, whose bytes never change. */
export class FirstStrings {
  readonly #memory = new StringMemory();
  readonly #ranges = new Int32Array(2 * AHEAD_MAX);
  /** Where the values of each tuple looked at start; then -1. */
  readonly #starts = new Int32Array(AHEAD_MAX + 1).fill(-1);
  readonly #ahead = {
    bytes: NO_BYTES,
    view: NO_VIEW,
    places: new Int32Array(2 * AHEAD_MAX),
    count: 0,
    numbers: new Int32Array(AHEAD_MAX),
  };
  readonly #range = { bytes: NO_BYTES, start: 0, end: 0 };
  #viewed = NO_BYTES;
  #at = 0;
  #used = 0;
  #pausedTuples = 0;

  /**
   * The string at the position of `reader`, the first value of a tuple whose values end at
   * `reader.end`; the reader is moved behind it. Undefined: it is no short string, or a cut one, and
   * the reader stays.
   * @throws HeronError "corrupt" when it is not UTF-8
   */
  read(reader: ValueReader): string | undefined {
    const { bytes, at } = reader;
    const known = this.known(reader);
    if (known !== undefined) return known;
    const start = startOfString(bytes, at);
    if (start < 0) return undefined;
    const end = start + lengthOfString(bytes, at);
    if (!(end <= reader.end) || !this.#memory.takes(end - start)) return undefined;
    const range = this.#range;
    range.bytes = bytes;
    range.start = start;
    range.end = end;
    const string = this.#memory.decode(range);
    if (this.#isBehind(bytes, at)) this.lookAhead(bytes, reader.end);
    reader.at = end;
    return string;
  }

  /** Nothing was looked up behind `at`. */
  #isBehind(bytes: Uint8Array, at: number): boolean {
    const { count, bytes: looked } = this.#ahead;
    return bytes !== looked || count === 0 || at > this.#starts[count - 1]!;
  }

  /**
   * What `lookAhead` found for the tuple at the position of `reader`, which is moved behind it; undefined: nothing.
   * Tuples are asked for in their order.
   */
  known(reader: ValueReader): string | undefined {
    if (reader.bytes !== this.#ahead.bytes) return undefined;
    const starts = this.#starts;
    const { at } = reader;
    while (starts[this.#at]! >= 0 && starts[this.#at]! < at) this.#at++;
    const index = this.#at;
    if (starts[index] !== at) return undefined;
    this.#at++;
    this.#used++;
    const string = this.#memory.known(this.#ahead.numbers[index]!);
    if (string !== undefined) reader.at = this.#ahead.places[2 * index + 1]!;
    return string;
  }

  /** Looks up the first strings of tuples that start at `from` in `bytes`, where that was of use so far. */
  lookAhead(bytes: Uint8Array, from: number): void {
    if (this.#pausedTuples > 0) {
      this.#pausedTuples--;
      return;
    }
    const wasOfUse = 2 * this.#used >= this.#passed(bytes, from);
    this.#ahead.bytes = NO_BYTES;
    this.#ahead.count = this.#at = this.#used = 0;
    if (!wasOfUse) this.#pausedTuples = AHEAD_PAUSE_TUPLES;
    else if (!this.#memory.isPaused && this.#memory.byteLength >= AHEAD_TABLE_BYTES_MIN) {
      this.#note(bytes, from);
      if (this.#ahead.count > 0) this.#memory.find(this.#ahead);
    }
  }

  /** How many of those looked up lie in front of `from` in `bytes`: what is still to come was of no use yet. */
  #passed(bytes: Uint8Array, from: number): number {
    const { count, bytes: looked } = this.#ahead;
    if (bytes !== looked) return count;
    const starts = this.#starts;
    let passed = this.#at;
    while (passed < count && starts[passed]! < from) passed++;
    return passed;
  }

  /** Notes the first strings of the tuples that start at `from`. */
  #note(bytes: Uint8Array, from: number): void {
    const { places } = this.#ahead;
    const ranges = this.#ranges;
    const rangesEnd = 2 * scanTuples(bytes, from, ranges);
    let count = 0;
    for (let range = 0; range < rangesEnd; range += 2) {
      const at = ranges[range]!;
      const start = startOfString(bytes, at);
      if (start < 0) continue;
      const end = start + lengthOfString(bytes, at);
      if (end > ranges[range + 1]! || !this.#memory.takes(end - start)) continue;
      this.#starts[count] = at;
      places[2 * count] = start;
      places[2 * count + 1] = end;
      count++;
    }
    if (count < AHEAD_MIN) return;
    this.#starts[count] = -1;
    this.#ahead.count = count;
    this.#ahead.bytes = bytes;
    if (bytes !== this.#viewed) {
      this.#viewed = bytes;
      this.#ahead.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
  }
}

/** Where the bytes of the string start whose tag is at `at`; -1: it is no string of up to 255 bytes. */
function startOfString(bytes: Uint8Array, at: number): number {
  const tag = bytes[at]!;
  if (tag >= TAG.fixString && tag < TAG.nil) return at + 1;
  return tag === TAG.string8 ? at + 2 : -1;
}

/** How many bytes such a string has. */
function lengthOfString(bytes: Uint8Array, at: number): number {
  const tag = bytes[at]!;
  return tag === TAG.string8 ? bytes[at + 1]! : tag & 0x1f;
}
