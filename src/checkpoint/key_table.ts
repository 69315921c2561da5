/**
 * Keys as bytes: an open addressing table over typed arrays. A slot has a hash
 * and the place of a record, a record its value and its key, one after the
 * other in an arena, so a key found costs two loads from memory. What the
 * values mean is left to the states.
 */

import { HeronError } from "../base/mod.ts";

/** Most keys of one table: 2^27. */
const KEYS_MAX = 2 ** 27;
/** Most words of four bytes in the arena: 2 GiB. */
const ARENA_WORDS_MAX = 2 ** 29;
const SLOTS_MIN = 64;
/** Free words at the arena's end; a record of this size mostly lies in two lines of the cache. */
const SPARE_WORDS = 7;
const ARENA_WORDS_MIN = 256;
/** Spreads hashes over slots by their upper bits: the lower ones, the key group, are alike in a task. */
const SPREAD = 0x9e3779b1 | 0;
/** Words of a key that is to be fetched; the last one is its hash. */
export const AHEAD_WORDS = 4;

/** Canonical bytes of a key and their hash. */
export interface KeyRange {
  readonly bytes: Uint8Array;
  /** The same bytes, to be read by words. */
  readonly view: DataView;
  readonly start: number;
  readonly end: number;
  /** As an int32. */
  readonly hash: number;
}

/** What a table is made of. */
export interface KeyTableOptions {
  /** Words of four bytes that a value takes, 1 or 2; records begin at multiples of it. */
  readonly valueWords: 1 | 2;
  /** Names the table in errors, such as `keyed state "counts" of "count"`. */
  readonly label: string;
  /** @default 2^27 */
  readonly keysMax?: number;
}

/** Finds, adds and removes keys. A record is told by the index of its first word, where its value lies. */
export class KeyTable {
  /** The arena; replaced when it grows, so never keep it across `insert` and `remove`. */
  words: Int32Array<ArrayBuffer>;
  /** Iterations under way: nothing is moved for a key that is removed meanwhile. */
  iterations = 0;
  readonly #label: string;
  readonly #keysMax: number;
  readonly #valueWords: number;
  /** Hash, record, hash, record, …; record 0: free. */
  #slots: Int32Array;
  #shift: number;
  #used = 0;
  /** Words in use by records, also by removed ones. */
  #end: number;
  #deadWords = 0;
  #additions = 0;
  #changes = 0;
  #fetched = 0;

  /** An empty table. */
  constructor(options: KeyTableOptions) {
    this.#label = options.label;
    this.#keysMax = options.keysMax ?? KEYS_MAX;
    this.#valueWords = this.#end = options.valueWords;
    this.words = new Int32Array(ARENA_WORDS_MIN);
    this.#slots = new Int32Array(2 * SLOTS_MIN);
    this.#shift = shiftOf(this.#slots);
  }

  /** The number of keys. */
  get size(): number {
    return this.#used;
  }

  /** Counts the keys added. */
  get additions(): number {
    return this.#additions;
  }

  /** Counts all that changes which records there are or where they lie. */
  get changes(): number {
    return this.#changes;
  }

  /** Bytes of memory. */
  get byteLength(): number {
    return this.#slots.byteLength + this.words.byteLength;
  }

  /** The slot of `key`, or `~slot` of the free one where it belongs. */
  find(key: KeyRange): number {
    const slots = this.#slots;
    const mask = slots.length - 2;
    const { hash, start } = key;
    const length = key.end - start;
    for (let slot = homeOf(hash, this.#shift);; slot = (slot + 2) & mask) {
      const record = slots[slot + 1]!;
      if (record === 0) return ~slot;
      if (slots[slot] === hash && this.#hasKey(record, key, length)) return slot;
    }
  }

  #hasKey(record: number, { bytes, view, start }: KeyRange, length: number): boolean {
    const words = this.words;
    let word = record + this.#valueWords;
    if (words[word] !== length) return false;
    const end = start + length;
    let at = start;
    for (const last = end - 3; at < last; at += 4) {
      if (words[++word] !== view.getInt32(at, true)) return false;
    }
    return at === end || words[word + 1] === lastWord(bytes, at, end);
  }

  /** The record of a slot that was found; good until the next `insert` or `remove`. */
  recordAt(slot: number): number {
    return this.#slots[slot + 1]!;
  }

  /**
   * Adds `key`, for which `find` told the free slot `~slot`, with the value 0; returns its record.
   * @throws HeronError "limit" when there is no room for more keys
   */
  insert(key: KeyRange, slot: number): number {
    const needed = this.#recordWords(key.end - key.start);
    let free = ~slot;
    if (
      this.#used * 8 >= this.#slots.length * 3 ||
      this.#end + needed + SPARE_WORDS > this.words.length
    ) {
      this.#makeRoom(needed);
      free = ~this.find(key);
    }
    const record = this.#end;
    const words = this.words;
    words[record] = 0;
    if (this.#valueWords === 2) words[record + 1] = 0;
    const { bytes, view, start, end } = key;
    let word = record + this.#valueWords;
    words[word] = end - start;
    let at = start;
    for (; at + 3 < end; at += 4) words[++word] = view.getInt32(at, true);
    if (at < end) words[word + 1] = lastWord(bytes, at, end);
    this.#slots[free] = key.hash;
    this.#slots[free + 1] = record;
    this.#end += needed;
    this.#used++;
    this.#additions++;
    this.#changes++;
    return record;
  }

  /** Removes the key in `slot`; keys behind it move up, so that no search ends early. */
  remove(slot: number): void {
    const slots = this.#slots;
    const mask = slots.length - 2;
    const lengthAt = slots[slot + 1]! + this.#valueWords;
    const length = this.words[lengthAt]!;
    this.words[lengthAt] = ~length;
    let hole = slot;
    for (let at = (slot + 2) & mask; slots[at + 1] !== 0; at = (at + 2) & mask) {
      const home = homeOf(slots[at]!, this.#shift);
      if (((at - home) & mask) < ((at - hole) & mask)) continue;
      slots[hole] = slots[at]!;
      slots[hole + 1] = slots[at + 1]!;
      hole = at;
    }
    slots[hole + 1] = 0;
    this.#used--;
    this.#changes++;
    this.#deadWords += this.#recordWords(length);
    if (this.#deadWords * 2 > this.#end && this.iterations === 0 && this.#end > ARENA_WORDS_MIN) {
      this.#rebuild(0);
    }
  }

  /** Removes all keys and gives their memory back. */
  clear(): void {
    this.words = new Int32Array(ARENA_WORDS_MIN);
    this.#slots = new Int32Array(2 * SLOTS_MIN);
    this.#shift = shiftOf(this.#slots);
    this.#used = this.#deadWords = 0;
    this.#end = this.#valueWords;
    this.#changes++;
  }

  /**
   * Makes room for more keys at once.
   * @throws HeronError "limit" when there is none
   */
  reserve(keys: number, keyBytes: number): void {
    const words = keys * (this.#recordWords(0) + this.#valueWords) + Math.ceil(keyBytes / 4);
    if (this.#end + words + SPARE_WORDS > this.words.length) this.#growArena(words);
    while ((this.#used + keys) * 8 > this.#slots.length * 3) this.#growSlots();
  }

  /**
   * Loads the slots and then the records of the `count` keys in `ahead`, which are to be found soon:
   * loads in a row overlap, where one by one each is waited for.
   */
  fetch(ahead: Int32Array, count: number): void {
    const slots = this.#slots;
    const mask = slots.length - 2;
    const words = this.words;
    const shift = this.#shift;
    const end = count * AHEAD_WORDS;
    let seen = 0;
    for (let at = AHEAD_WORDS - 1; at < end; at += AHEAD_WORDS) {
      seen ^= slots[homeOf(ahead[at]!, shift)]!;
    }
    for (let at = AHEAD_WORDS - 1; at < end; at += AHEAD_WORDS) {
      const hash = ahead[at]!;
      let slot = homeOf(hash, shift);
      while (slots[slot] !== hash && slots[slot + 1] !== 0) slot = (slot + 2) & mask;
      const record = slots[slot + 1]!;
      seen ^= words[record]! ^ words[record + SPARE_WORDS]!;
    }
    // Kept, or the loads would be left out as needless.
    this.#fetched = seen;
  }

  /** Loads records that are to be read soon. */
  fetchRecords(records: Int32Array): void {
    const words = this.words;
    let seen = 0;
    for (let at = 0; at < records.length; at++) {
      seen ^= words[records[at]!]! ^ words[records[at]! + SPARE_WORDS]!;
    }
    this.#fetched = seen;
  }

  /** What `fetch` saw; of no meaning. */
  get fetched(): number {
    return this.#fetched;
  }

  /** The next record behind `record` (0: the first of all) in the order of the arena; 0: none. */
  nextRecord(record: number): number {
    let next = record === 0 ? this.#valueWords : record + this.#recordWords(this.keyLength(record));
    while (next < this.#end) {
      const length = this.words[next + this.#valueWords]!;
      if (length >= 0) return next;
      next += this.#recordWords(~length);
    }
    return 0;
  }

  /** Calls `visit` with the hash and the record of each key, in the order of the slots. */
  forEach(visit: (hash: number, record: number) => void): void {
    const slots = this.#slots;
    for (let slot = 0; slot < slots.length; slot += 2) {
      const record = slots[slot + 1]!;
      if (record !== 0) visit(slots[slot]!, record);
    }
  }

  /** Bytes of the key of a record, also of a removed one. */
  keyLength(record: number): number {
    const length = this.words[record + this.#valueWords]!;
    return length < 0 ? ~length : length;
  }

  /** Where the key of a record starts in the bytes of the arena. */
  keyStart(record: number): number {
    return (record + this.#valueWords + 1) * 4;
  }

  #recordWords(keyBytes: number): number {
    const words = this.#valueWords + 1 + ((keyBytes + 3) >> 2);
    return this.#valueWords === 2 ? words + (words & 1) : words;
  }

  #makeRoom(neededWords: number): void {
    if (this.#used >= this.#keysMax) {
      throw this.#full(`${this.#used} keys`, `at most ${this.#keysMax}`);
    }
    if (this.#end + neededWords + SPARE_WORDS > this.words.length) {
      if (this.#deadWords * 2 > this.#end) this.#rebuild(neededWords);
      else this.#growArena(neededWords);
    }
    if (this.#used * 8 >= this.#slots.length * 3) this.#growSlots();
  }

  #growArena(neededWords: number): void {
    const least = this.#end + neededWords + SPARE_WORDS;
    if (least > ARENA_WORDS_MAX) {
      throw this.#full(`${this.#end * 4} B of keys`, `at most ${ARENA_WORDS_MAX * 4} B`);
    }
    const grown = new Int32Array(
      Math.min(ARENA_WORDS_MAX, Math.max(least, this.words.length * 2)),
    );
    grown.set(this.words.subarray(0, this.#end));
    this.words = grown;
  }

  /** Keys keep their order: a slot's keys go to the two that take its place. */
  #growSlots(): void {
    const old = this.#slots;
    this.#slots = new Int32Array(old.length * 2);
    this.#shift = shiftOf(this.#slots);
    for (let slot = 0; slot < old.length; slot += 2) {
      const record = old[slot + 1]!;
      if (record !== 0) this.#place(old[slot]!, record);
    }
  }

  #place(hash: number, record: number): void {
    const slots = this.#slots;
    const mask = slots.length - 2;
    let slot = homeOf(hash, this.#shift);
    while (slots[slot + 1] !== 0) slot = (slot + 2) & mask;
    slots[slot] = hash;
    slots[slot + 1] = record;
  }

  /** Leaves the removed records behind, and gives back memory that they took. */
  #rebuild(neededWords: number): void {
    const old = this.words;
    const oldSlots = this.#slots;
    const liveWords = this.#end - this.#deadWords + neededWords + SPARE_WORDS;
    const words = new Int32Array(Math.max(ARENA_WORDS_MIN, liveWords + (liveWords >> 1)));
    const slotCount = Math.max(SLOTS_MIN, 2 ** Math.ceil(Math.log2(this.#used * 2 + 1)));
    this.#slots = new Int32Array(2 * slotCount);
    this.#shift = shiftOf(this.#slots);
    let end = this.#valueWords;
    for (let slot = 0; slot < oldSlots.length; slot += 2) {
      const record = oldSlots[slot + 1]!;
      if (record === 0) continue;
      const size = this.#recordWords(old[record + this.#valueWords]!);
      for (let word = 0; word < size; word++) words[end + word] = old[record + word]!;
      this.#place(oldSlots[slot]!, end);
      end += size;
    }
    this.words = words;
    this.#end = end;
    this.#deadWords = 0;
    this.#changes++;
  }

  #full(found: string, expected: string): HeronError {
    return new HeronError(
      "limit",
      `Add a key to ${this.#label}: found ${found}, expected ${expected}`,
    );
  }
}

/** The slot where the search for a hash begins. */
function homeOf(hash: number, shift: number): number {
  return (Math.imul(hash, SPREAD) >>> shift) << 1;
}

/** Leaves as many upper bits of a hash as there are bits in a slot's number. */
function shiftOf(slots: Int32Array): number {
  return Math.clz32(slots.length >> 1) + 1;
}

/** The one to three bytes from `at` to `end`, filled up with zeros. */
function lastWord(bytes: Uint8Array, at: number, end: number): number {
  let word = bytes[at]!;
  if (at + 1 < end) word |= bytes[at + 1]! << 8;
  if (at + 2 < end) word |= bytes[at + 2]! << 16;
  return word;
}
