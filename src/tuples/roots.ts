/**
 * The roots that a tuple carries: which tuple trees it belongs to, and its key
 * in each. Read and written in place, in the form of `packet.proto`; no object
 * is made for a root.
 */

import { ByteBuffer } from "./byte_buffer.ts";
import { TAG } from "./tags.ts";
import { fixed32At, VarintCursor, writeFixed32, writeVarint } from "./varint.ts";

/** One tuple tree: a spout task's life, and a generation of one of its slots. */
export interface RootId {
  readonly task: number;
  readonly epoch: number;
  readonly counter: number;
  readonly slot: number;
  readonly generation: number;
}

/** Longest encoded root: tag, length, five varints and two keys, each with a tag. */
const ROOT_BYTES_MAX = 1 + 1 + 5 * (1 + 5) + 2 * (1 + 4);
/** Where the upper half of a key begins, behind the lower one: each is a tag and four bytes. */
const KEY_HIGH_AT = 1 + 4;
/** Both halves of a root's key with their tags: they come last. */
export const KEY_BYTES: number = 2 * KEY_HIGH_AT;
/** Tag, length, and a slot and a generation of one byte each. */
const USUAL_BYTES_MIN = 2 + 2 * 2;
const NOBODY = Object.freeze({ task: 0, epoch: 0, counter: 0 });
/** In place of where a root's key lies. */
const KEYLESS = -1;
/** Lengths up to here have a view of their own kept. */
const KEPT_VIEWS = 256;

/** Where the roots of a tuple lie, as a BatchReader says. */
export interface RootRange {
  readonly bytes: Uint8Array;
  readonly rootsStart: number;
  readonly rootsEnd: number;
}

/** Whose roots those are that do not say it: the source of the batch. */
export interface RootSource {
  readonly task: number;
  readonly epoch: number;
  readonly counter: number;
}

/** A cursor over the roots of one tuple; `open` makes it reusable. */
export class RootReader implements RootId {
  task = 0;
  epoch = 0;
  counter = 0;
  slot = 0;
  generation = 0;
  /** Halves of the key, as int32; both 0: the tuple came without one, and the spout knows it. */
  keyLow = 0;
  keyHigh = 0;
  readonly #cursor = new VarintCursor(new Uint8Array(0), 0, 0);
  #end = 0;
  #source: RootSource = NOBODY;

  /** Begins before the roots of a tuple that `source` sent. */
  open({ bytes, rootsStart, rootsEnd }: RootRange, source: RootSource): void {
    this.#cursor.bytes = bytes;
    this.#cursor.at = rootsStart;
    this.#cursor.end = this.#end = rootsEnd;
    this.#source = source;
  }

  /**
   * Moves to the next root; false behind the last one.
   * @throws HeronError "protocol" when the bytes are no roots
   */
  next(): boolean {
    if (this.#readUsual()) return true;
    const cursor = this.#cursor;
    while (cursor.at < this.#end) {
      const tag = cursor.next();
      if (tag !== TAG.tupleRoots) {
        cursor.skip(tag);
        continue;
      }
      const length = cursor.nextLength();
      cursor.end = cursor.at + length;
      this.#readRoot();
      cursor.end = this.#end;
      return true;
    }
    return false;
  }

  /** The most usual roots, as written here: the source's own without a key, or with all fields. */
  #readUsual(): boolean {
    const cursor = this.#cursor;
    const { bytes, at } = cursor;
    if (at + USUAL_BYTES_MIN > this.#end || bytes[at] !== TAG.tupleRoots) return false;
    const end = at + 2 + bytes[at + 1]!;
    if (bytes[at + 1]! >= 0x80 || end > this.#end) return false;
    if (bytes[at + 2] === TAG.rootSlot) {
      cursor.at = at + 3;
      if (this.#readSole(end)) return true;
    } else if (bytes[at + 2] === TAG.rootTask) {
      cursor.at = at + 3;
      if (this.#readFields(end - KEY_BYTES) && this.#readKeys(end - KEY_BYTES)) return true;
    }
    cursor.at = at;
    return false;
  }

  /** The slot and a generation up to `end`; false: something else. */
  #readSole(end: number): boolean {
    const cursor = this.#cursor;
    this.slot = cursor.next();
    if (cursor.bytes[cursor.at] !== TAG.rootGeneration) return false;
    cursor.at++;
    this.generation = cursor.next();
    this.keyLow = this.keyHigh = 0;
    this.#takeSource();
    return cursor.at === end;
  }

  #takeSource(): void {
    const { task, epoch, counter } = this.#source;
    this.task = task;
    this.epoch = epoch;
    this.counter = counter;
  }

  /** False: what lies between the task's tag and `keysAt` is something else. */
  #readFields(keysAt: number): boolean {
    const cursor = this.#cursor;
    const { bytes } = cursor;
    this.task = cursor.next();
    if (this.task === 0 || bytes[cursor.at] !== TAG.rootEpoch) return false;
    cursor.at++;
    this.epoch = cursor.next();
    if (bytes[cursor.at] !== TAG.rootCounter) return false;
    cursor.at++;
    this.counter = cursor.next();
    if (bytes[cursor.at] !== TAG.rootSlot) return false;
    cursor.at++;
    this.slot = cursor.next();
    if (bytes[cursor.at] !== TAG.rootGeneration) return false;
    cursor.at++;
    this.generation = cursor.next();
    return cursor.at === keysAt;
  }

  #readRoot(): void {
    const cursor = this.#cursor;
    this.task =
      this.epoch =
      this.counter =
      this.slot =
      this.generation =
        0;
    this.keyLow = this.keyHigh = 0;
    while (cursor.at < cursor.end) {
      const tag = cursor.next();
      switch (tag) {
        case TAG.rootTask:
          this.task = cursor.next();
          break;
        case TAG.rootEpoch:
          this.epoch = cursor.next();
          break;
        case TAG.rootCounter:
          this.counter = cursor.next();
          break;
        case TAG.rootSlot:
          this.slot = cursor.next();
          break;
        case TAG.rootGeneration:
          this.generation = cursor.next();
          break;
        case TAG.rootKeyLow:
          this.keyLow = cursor.nextFixed32();
          break;
        case TAG.rootKeyHigh:
          this.keyHigh = cursor.nextFixed32();
          break;
        default:
          cursor.skip(tag);
      }
    }
    if (this.task === 0) this.#takeSource();
  }

  #readKeys(at: number): boolean {
    const { bytes } = this.#cursor;
    if (bytes[at] !== TAG.rootKeyLow || bytes[at + 5] !== TAG.rootKeyHigh) return false;
    this.keyLow = fixed32At(bytes, at + 1);
    this.keyHigh = fixed32At(bytes, at + 6);
    this.#cursor.at = at + KEY_BYTES;
    return true;
  }
}

/**
 * Collects the roots of one tuple to be emitted; fields 1 to 3 of 0 stand for the source of its
 * batch. Keys are as long whatever they are, so `setKey` makes the roots of the next copy in place.
 * A key of 0: the tuple came without one, or stands in the place of one that did.
 */
export class RootWriter {
  readonly #buffer = new ByteBuffer(4 * ROOT_BYTES_MAX);
  /** Where the keys of each root lie. */
  #keyPlaces = new Int32Array(4);
  #count = 0;
  #views: (Uint8Array | undefined)[] = [];

  /** Roots so far. */
  get count(): number {
    return this.#count;
  }

  /** What is encoded so far; a view, valid until the next change. */
  get bytes(): Uint8Array {
    const { length } = this.#buffer;
    const kept = this.#views[length];
    if (kept !== undefined) return kept;
    const view = this.#buffer.bytes.subarray(0, length);
    if (length <= KEPT_VIEWS) this.#views[length] = view;
    return view;
  }

  /** Begins the roots of another tuple. */
  clear(): void {
    this.#buffer.length = 0;
    this.#count = 0;
  }

  /**
   * Adds a root with the tuple's key in it.
   * @throws RangeError when one half of the key is 0
   */
  add(root: RootId, keyLow: number, keyHigh: number): void {
    checkKey(keyLow, keyHigh);
    const buffer = this.#buffer;
    if (buffer.length + ROOT_BYTES_MAX > buffer.bytes.length) this.#grow();
    const start = buffer.length;
    buffer.length += 2;
    this.#writeField(TAG.rootTask, root.task);
    this.#writeField(TAG.rootEpoch, root.epoch);
    this.#writeField(TAG.rootCounter, root.counter);
    this.#writeField(TAG.rootSlot, root.slot);
    this.#writeField(TAG.rootGeneration, root.generation);
    const { bytes, length: at } = buffer;
    this.#keepPlace(at);
    bytes[at] = TAG.rootKeyLow;
    bytes[at + KEY_HIGH_AT] = TAG.rootKeyHigh;
    changeKey(bytes, at, { keyLow, keyHigh });
    buffer.length += KEY_BYTES;
    bytes[start] = TAG.tupleRoots;
    // Below 128: one byte.
    bytes[start + 1] = buffer.length - start - 2;
  }

  /** Adds a root of the batch's source, of which the tuple is the only copy: its key stays there. */
  addSole(slot: number, generation: number): void {
    const buffer = this.#buffer;
    if (buffer.length + ROOT_BYTES_MAX > buffer.bytes.length) this.#grow();
    const start = buffer.length;
    buffer.length += 2;
    this.#writeField(TAG.rootSlot, slot);
    this.#writeField(TAG.rootGeneration, generation);
    buffer.bytes[start] = TAG.tupleRoots;
    buffer.bytes[start + 1] = buffer.length - start - 2;
    this.#keepPlace(KEYLESS);
  }

  /**
   * Gives root `index` another key, for the next copy of the same tuple; `bytes` stays as long.
   * @throws RangeError when one half of the key is 0, or there is no such root with a key
   */
  setKey(index: number, keyLow: number, keyHigh: number): void {
    checkKey(keyLow, keyHigh);
    const place = index < this.#count ? this.#keyPlaces[index] ?? KEYLESS : KEYLESS;
    if (place === KEYLESS) {
      throw new RangeError(
        `Set a root's key: found root ${index}, expected one with a key below ${this.#count}`,
      );
    }
    changeKey(this.#buffer.bytes, place, { keyLow, keyHigh });
  }

  /** A field of 0 is left out, as proto3 wants. */
  #writeField(tag: number, value: number): void {
    if (value === 0) return;
    const { bytes, length } = this.#buffer;
    bytes[length] = tag;
    this.#buffer.length = writeVarint(bytes, length + 1, value);
  }

  #keepPlace(at: number): void {
    if (this.#count === this.#keyPlaces.length) {
      const grown = new Int32Array(2 * this.#count);
      grown.set(this.#keyPlaces);
      this.#keyPlaces = grown;
    }
    this.#keyPlaces[this.#count++] = at;
  }

  #grow(): void {
    this.#buffer.ensure(ROOT_BYTES_MAX);
    // They are views of the memory before.
    this.#views = [];
  }
}

/** Whether what lies at `start` are both halves of a key of 0. */
export function isNoKey(bytes: Uint8Array, start: number): boolean {
  return bytes[start] === TAG.rootKeyLow && bytes[start + KEY_HIGH_AT] === TAG.rootKeyHigh &&
    (fixed32At(bytes, start + 1) | fixed32At(bytes, start + KEY_HIGH_AT + 1)) === 0;
}

function checkKey(keyLow: number, keyHigh: number): void {
  if (((keyLow | 0) === 0) === ((keyHigh | 0) === 0)) return;
  throw new RangeError(
    `Key a root: found halves ${keyLow} and ${keyHigh}, expected that both are 0 or none`,
  );
}

/** Writes both halves of another key behind their tags, of which the first is at `start`. */
export function changeKey(
  bytes: Uint8Array,
  start: number,
  { keyLow, keyHigh }: { readonly keyLow: number; readonly keyHigh: number },
): void {
  writeFixed32(bytes, start + 1, keyLow);
  writeFixed32(bytes, start + KEY_HIGH_AT + 1, keyHigh);
}
