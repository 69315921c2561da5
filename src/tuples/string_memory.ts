/**
 * Strings that came before, by their bytes: the same string is given again, so
 * that a user's `Map` of words finds its key without comparing letters, and no
 * garbage is made. Where strings seldom come again it remembers none.
 */

import { hashCanonicalBytes, hashCanonicalView } from "./canonical_hash.ts";
import { decodeString } from "./strings_read.ts";

/** Longer strings (bytes) are not remembered, nor those too short to be worth it. */
const BYTES_MAX = 32;
const BYTES_MIN = 2;
const SLOTS_AT_FIRST = 256;
const SLOTS_MAX = 2 ** 18;
/** Strings remembered at most; others are decoded each time. */
const STRINGS_MAX = SLOTS_MAX * 3 / 4;
/** About what the engine takes for one of them. */
const STRING_BYTES = 64;
/** Words of a slot: hash, and number of the string + 1; 0: free. */
const SLOT_WORDS = 2;
/** Slots looked at for one string: who makes strings of one hash on purpose makes it no slower. */
const LOOKS_MAX = 32;
/** Once it is full, of so many strings it is asked how many were known. */
const WINDOW = 4096;
/** With fewer it was of no use: so many strings are decoded without a look, then twice as many. */
const KNOWN_MIN = WINDOW / 4;
const PAUSE_MIN = 2 ** 20;
const PAUSE_MAX = 2 ** 26;

/** Where the bytes of a string lie. */
export interface StringRange {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

/** Strings to be found together: `places` has start and end of each in `view`. */
export interface StringPlaces {
  readonly view: DataView;
  readonly places: Int32Array;
  /** How many there are. */
  readonly count: number;
  /** For each its number, or -1: it is not known, or only `decode` can tell. */
  readonly numbers: Int32Array;
}

/** The strings of one thread. */
export class StringMemory {
  #slots = new Int32Array(SLOT_WORDS * SLOTS_AT_FIRST);
  #mask = SLOTS_AT_FIRST - 1;
  /** By number: bytes with room for the longest, and how many; and the strings. */
  #words = new Int32Array(BYTES_MAX / 4 * SLOTS_AT_FIRST);
  #bytes = new Uint8Array(this.#words.buffer);
  #lengths = new Uint8Array(SLOTS_AT_FIRST);
  readonly #strings: string[] = [];
  #looked = 0;
  #known = 0;
  #paused = 0;
  #pause = PAUSE_MIN;
  /** Takes part in nothing, but lets no engine leave out the reads that bring memory near. */
  touched = 0;

  /** Nothing is looked up for now. */
  get isPaused(): boolean {
    return this.#paused > 0;
  }

  /** About the bytes that all of it takes. */
  get byteLength(): number {
    return this.#slots.byteLength + this.#bytes.byteLength + STRING_BYTES * this.#strings.length;
  }

  /** Whether a string of so many bytes is one to be remembered. */
  takes(byteLength: number): boolean {
    return byteLength >= BYTES_MIN && byteLength <= BYTES_MAX;
  }

  /**
   * The string in `range`.
   * @throws HeronError "corrupt" when it is not UTF-8
   */
  decode(range: StringRange): string {
    const { bytes, start, end } = range;
    if (this.#paused > 0 || !this.takes(end - start)) {
      if (this.#paused > 0) this.#paused--;
      return decodeString(bytes, start, end);
    }
    const hash = hashCanonicalBytes(bytes, start, end) | 0;
    const known = this.#strings[this.#find(hash, range)];
    const string = known ?? decodeString(bytes, start, end);
    if (known === undefined) this.#add(hash, range, string);
    this.#judge(1, known === undefined ? 0 : 1);
    return string;
  }

  /** The string of a number that the last `find` gave; undefined: it was not known, or was forgotten since. */
  known(number: number): string | undefined {
    return this.#strings[number];
  }

  /**
   * Finds many at once. Each look into memory far away is a loop of its own, and a short one: a
   * processor waits for as many of them together as it has instructions in sight.
   */
  find(asked: StringPlaces): void {
    const { view, places, count, numbers } = asked;
    for (let index = 0; index < count; index++) {
      numbers[index] = hashCanonicalView(view, places[2 * index]!, places[2 * index + 1]!);
    }
    const slots = this.#slots;
    const mask = this.#mask;
    let touched = 0;
    for (let index = 0; index < count; index++) {
      touched ^= slots[SLOT_WORDS * (numbers[index]! & mask)]!;
    }
    const words = this.#words;
    const strings = this.#strings;
    for (let index = 0; index < count; index++) {
      const number = this.#firstOf(numbers[index]!);
      numbers[index] = number;
      if (number >= 0) touched ^= words[BYTES_MAX / 4 * number]!;
    }
    for (let index = 0; index < count; index++) {
      if (numbers[index]! >= 0) touched ^= strings[numbers[index]!]!.length;
    }
    let known = 0;
    for (let index = 0; index < count; index++) {
      const number = numbers[index]!;
      if (number < 0) continue;
      if (this.#isAt(number, asked, 2 * index)) known++;
      else numbers[index] = -1;
    }
    this.touched ^= touched;
    // Those that are not known are counted where they are decoded.
    this.#judge(known, known);
  }

  /** The number of the first string of that hash; -1: there is none. */
  #firstOf(hash: number): number {
    const slots = this.#slots;
    const mask = this.#mask;
    let slot = hash & mask;
    for (let looks = 0; looks < LOOKS_MAX; looks++) {
      const number = slots[SLOT_WORDS * slot + 1]! - 1;
      if (number < 0 || slots[SLOT_WORDS * slot] === hash) return number;
      slot = (slot + 1) & mask;
    }
    return -1;
  }

  /** Whether the string of that number is the one at `place`. */
  #isAt(number: number, { view, places }: StringPlaces, place: number): boolean {
    const start = places[place]!;
    const length = places[place + 1]! - start;
    if (this.#lengths[number] !== length) return false;
    const words = this.#words;
    const first = BYTES_MAX / 4 * number;
    const whole = length >> 2;
    for (let index = 0; index < whole; index++) {
      if (words[first + index] !== view.getInt32(start + 4 * index, true)) return false;
    }
    const bytes = this.#bytes;
    for (let index = 4 * whole; index < length; index++) {
      if (bytes[BYTES_MAX * number + index] !== view.getUint8(start + index)) return false;
    }
    return true;
  }

  /** The number of the string in `range`; -1: it is not known. */
  #find(hash: number, range: StringRange): number {
    const slots = this.#slots;
    const mask = this.#mask;
    let slot = hash & mask;
    for (let looks = 0; looks < LOOKS_MAX; looks++) {
      const number = slots[SLOT_WORDS * slot + 1]! - 1;
      if (number < 0) return -1;
      if (slots[SLOT_WORDS * slot] === hash && this.#isIn(number, range)) return number;
      slot = (slot + 1) & mask;
    }
    return -1;
  }

  #isIn(number: number, { bytes, start, end }: StringRange): boolean {
    const length = end - start;
    if (this.#lengths[number] !== length) return false;
    const kept = this.#bytes;
    const at = BYTES_MAX * number;
    for (let index = 0; index < length; index++) {
      if (kept[at + index] !== bytes[start + index]) return false;
    }
    return true;
  }

  #add(hash: number, { bytes, start, end }: StringRange, string: string): void {
    const number = this.#strings.length;
    if (number === STRINGS_MAX) return;
    if (2 * number >= this.#mask && this.#mask < SLOTS_MAX - 1) this.#grow();
    if (number === this.#lengths.length) this.#growStrings();
    if (!this.#put(hash, number)) return;
    this.#strings.push(string);
    this.#lengths[number] = end - start;
    for (let at = start; at < end; at++) this.#bytes[BYTES_MAX * number + at - start] = bytes[at]!;
  }

  /** False: there is no place for it where it would be looked for. */
  #put(hash: number, number: number): boolean {
    const slots = this.#slots;
    let slot = hash & this.#mask;
    for (let looks = 0; looks < LOOKS_MAX; looks++) {
      if (slots[SLOT_WORDS * slot + 1] === 0) {
        slots[SLOT_WORDS * slot] = hash;
        slots[SLOT_WORDS * slot + 1] = number + 1;
        return true;
      }
      slot = (slot + 1) & this.#mask;
    }
    return false;
  }

  #grow(): void {
    const before = this.#slots;
    this.#slots = new Int32Array(2 * before.length);
    this.#mask = 2 * this.#mask + 1;
    for (let at = 0; at < before.length; at += SLOT_WORDS) {
      if (before[at + 1] !== 0) this.#put(before[at]!, before[at + 1]! - 1);
    }
  }

  #growStrings(): void {
    const [bytes, lengths] = [this.#bytes, this.#lengths];
    const room = Math.min(2 * lengths.length, STRINGS_MAX);
    this.#words = new Int32Array(BYTES_MAX / 4 * room);
    this.#bytes = new Uint8Array(this.#words.buffer);
    this.#bytes.set(bytes);
    this.#lengths = new Uint8Array(room);
    this.#lengths.set(lengths);
  }

  /** While there is room it learns. */
  #judge(looked: number, known: number): void {
    if (this.#strings.length < STRINGS_MAX) return;
    this.#looked += looked;
    this.#known += known;
    if (this.#looked < WINDOW) return;
    if (this.#known < KNOWN_MIN) {
      this.#forget();
      this.#paused = this.#pause;
      this.#pause = Math.min(2 * this.#pause, PAUSE_MAX);
    }
    this.#looked = this.#known = 0;
  }

  #forget(): void {
    this.#slots = new Int32Array(SLOT_WORDS * SLOTS_AT_FIRST);
    this.#mask = SLOTS_AT_FIRST - 1;
    this.#words = new Int32Array(BYTES_MAX / 4 * SLOTS_AT_FIRST);
    this.#bytes = new Uint8Array(this.#words.buffer);
    this.#lengths = new Uint8Array(SLOTS_AT_FIRST);
    this.#strings.length = 0;
  }
}
