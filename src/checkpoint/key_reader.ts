/**
 * Reads keys: finds their canonical bytes where they lie in a batch, or writes
 * them anew where the batch has another form, and hashes them. Of tuples that
 * follow each other in a batch it reads the keys ahead, so that the table can
 * fetch what they will need.
 */

import type { Fields, KeyValue, StateKey, Tuple } from "../api/mod.ts";
import {
  ByteBuffer,
  canonicalEnd,
  hashCanonicalBytes,
  hashCanonicalView,
  type KeyGroupRange,
  scanTuples,
  skipValue,
  ValueNotEncodable,
  writeCanonical,
} from "../tuples/mod.ts";
import { AHEAD_WORDS, type KeyRange, type KeyTable } from "./key_table.ts";

/**
 * A tuple as it lies in its batch. Each batch is a Uint8Array object of its own, and its bytes never
 * change: what was read ahead is known by the object and the place in it.
 */
export interface EncodedTuple {
  readonly bytes: Uint8Array;
  /** Its encoded values. */
  readonly valuesStart: number;
  readonly valuesEnd: number;
}

/** What the keys of a state are. */
export interface KeyDefinition {
  /** Names the state in errors, such as `keyed state "counts" of "count"`. */
  readonly label: string;
  /** The fields of a key. */
  readonly fields: readonly string[];
  /** The first so many of them decide the key group. */
  readonly grouped: number;
  /** Key groups of the topology, a power of two. */
  readonly keyGroups: number;
  /** Those of this task. */
  readonly groups: KeyGroupRange;
}

/** Keys read ahead at once. */
const AHEAD_MAX = 64;
/** A table smaller than this (bytes) stays in the processor's nearest cache by itself. */
const AHEAD_TABLE_BYTES_MIN = 32 * 1024;
/** Tuples read one by one after reading ahead was of no use. */
const AHEAD_PAUSE_TUPLES = 1024;
/** A scratch that grew past this (bytes) is not kept. */
const SCRATCH_BYTES_MAX = 64 * 1024;
const NO_BYTES: Uint8Array = new Uint8Array(0);
const NO_VIEW: DataView = new DataView(new ArrayBuffer(0));

/** Where the key fields are among the fields of a stream. */
interface KeyPlace {
  readonly fields: Fields;
  readonly indexes: readonly number[];
  /** They follow each other in the order of the key. */
  readonly isRange: boolean;
}

/** A key that was read; filled anew for each. */
class Key implements KeyRange {
  bytes = NO_BYTES;
  view = NO_VIEW;
  start = 0;
  end = 0;
  hash = 0;

  lieIn(bytes: Uint8Array): void {
    if (bytes === this.bytes) return;
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }
}

/** Reads the keys of one state. */
export class KeyReader {
  readonly #definition: KeyDefinition;
  readonly #table: KeyTable;
  readonly #groupMask: number;
  /** A key that was read by itself, in a batch or in `#scratch`. */
  readonly #inBatch = new Key();
  /** Where the values of the tuple start whose key is in `#inBatch`. */
  #foundStart = -1;
  readonly #written = new Key();
  readonly #scratch = new ByteBuffer(64);
  /** Where the part of the key ends that decides its group. */
  #groupEnd = 0;
  readonly #places = new WeakMap<Fields, KeyPlace>();
  #place: KeyPlace | undefined;
  /** The key that was taken from `#ahead` last; they all lie in its bytes. */
  readonly #taken = new Key();
  /** Of each tuple read ahead: where its values start, where its key starts and ends, its hash; then -1. */
  readonly #ahead = new Int32Array(AHEAD_WORDS * (AHEAD_MAX + 1)).fill(-1);
  readonly #ranges = new Int32Array(2 * AHEAD_MAX);
  /** What was read ahead of: from the tuple in front of it, up to here. */
  #aheadFrom = 0;
  #aheadUntil = 0;
  #aheadAt = 0;
  #aheadCount = 0;
  /** Those that nobody asked for. */
  #passed = 0;
  #pausedTuples = 0;

  /** Reads keys that are to be found in `table`. */
  constructor(definition: KeyDefinition, table: KeyTable) {
    this.#definition = definition;
    this.#table = table;
    this.#groupMask = definition.keyGroups - 1;
  }

  /**
   * Reads `key`; what it returns is good until the next call.
   * @throws RangeError when it has other fields, or belongs to another task; TypeError for values
   *   that cannot be grouped by
   */
  read(key: StateKey): KeyRange {
    // Lists, and tuples that came over no wire, have no bytes.
    const { bytes, valuesStart } = key as Partial<EncodedTuple>;
    const at = this.#aheadAt;
    const taken = this.#taken;
    if (bytes !== taken.bytes || this.#ahead[at] !== valuesStart) return this.#readOther(key);
    return this.#take(at);
  }

  #take(at: number): KeyRange {
    const ahead = this.#ahead;
    const taken = this.#taken;
    taken.start = ahead[at + 1]!;
    taken.end = ahead[at + 2]!;
    taken.hash = ahead[at + 3]!;
    this.#aheadAt = at + AHEAD_WORDS;
    return taken;
  }

  #readOther(key: StateKey): KeyRange {
    // Array.isArray does not tell a read-only array from a tuple.
    if (Array.isArray(key)) return this.#readValues(key as readonly KeyValue[]);
    // What is no list is a tuple.
    const tuple = key as Tuple & Partial<EncodedTuple>;
    const place = this.#placeIn(tuple);
    if (!isEncoded(tuple)) {
      return this.#readValues(place.indexes.map((index) => tuple.getValue(index)));
    }
    const { bytes, valuesStart } = tuple;
    const found = this.#inBatch;
    if (bytes === found.bytes && valuesStart === this.#foundStart) return found;
    const at = this.#findAhead(tuple);
    if (at >= 0) return this.#take(at);
    if (this.#table.byteLength >= AHEAD_TABLE_BYTES_MIN) this.#readAhead(tuple, place);
    if (!place.isRange) return this.#rewrite(tuple, place);
    this.#foundStart = -1;
    found.lieIn(bytes);
    found.start = found.end = startOfKey(tuple, place);
    for (let field = 1; field <= this.#definition.fields.length; field++) {
      found.end = canonicalEnd(bytes, found.end, tuple.valuesEnd);
      if (found.end < 0) return this.#rewrite(tuple, place);
      if (field === this.#definition.grouped) this.#groupEnd = found.end;
    }
    this.#hash(found);
    this.#foundStart = valuesStart;
    return found;
  }

  /** The tuple that was taken last, once more, or one behind others that nobody asked for; -1: neither. */
  #findAhead({ bytes, valuesStart }: EncodedTuple): number {
    if (bytes !== this.#taken.bytes) return -1;
    const ahead = this.#ahead;
    let at = this.#aheadAt;
    if (at > 0 && ahead[at - AHEAD_WORDS] === valuesStart) return at - AHEAD_WORDS;
    while (ahead[at]! >= 0 && ahead[at]! < valuesStart) {
      at += AHEAD_WORDS;
      this.#passed++;
    }
    this.#aheadAt = at;
    return ahead[at] === valuesStart ? at : -1;
  }

  /** Reads the keys of the tuples behind `tuple`, if that was of use the last time. */
  #readAhead(tuple: EncodedTuple, place: KeyPlace): void {
    if (this.#pausedTuples > 0) {
      this.#pausedTuples--;
      return;
    }
    const { bytes, valuesStart, valuesEnd } = tuple;
    const isWithin = valuesStart >= this.#aheadFrom && valuesStart < this.#aheadUntil;
    // One that was passed over, or that is asked for again.
    if (isWithin && bytes === this.#taken.bytes) return;
    const unused = this.#aheadCount - this.#aheadAt / AHEAD_WORDS + this.#passed;
    this.#aheadAt = this.#passed = 0;
    if (unused * 2 > this.#aheadCount) {
      this.#pausedTuples = AHEAD_PAUSE_TUPLES;
      this.#aheadCount = 0;
    } else {
      this.#taken.lieIn(bytes);
      this.#aheadFrom = valuesStart;
      this.#aheadUntil = valuesEnd;
      this.#aheadCount = this.#noteAhead(tuple, place);
      this.#table.fetch(this.#ahead, this.#aheadCount);
    }
    this.#ahead[this.#aheadCount * AHEAD_WORDS] = -1;
  }

  /** Notes the keys behind `tuple`, in the bytes that keys are taken of, and returns how many; others wait for their own call. */
  #noteAhead({ bytes, valuesEnd: behind }: EncodedTuple, place: KeyPlace): number {
    const { groups: { first: firstGroup, end: endGroup }, grouped, fields } = this.#definition;
    const groupMask = this.#groupMask;
    const ahead = this.#ahead;
    const { view } = this.#taken;
    const ranges = this.#ranges;
    const rangesEnd = place.isRange ? 2 * scanTuples(bytes, behind, ranges) : 0;
    const skipped = place.indexes[0] ?? 0;
    const keyFields = fields.length;
    if (rangesEnd > 0) this.#aheadUntil = ranges[rangesEnd - 1]!;
    let at = 0;
    for (let range = 0; range < rangesEnd; range += 2) {
      const end = ranges[range + 1]!;
      let start = ranges[range]!;
      ahead[at] = start;
      for (let field = 0; field < skipped && start >= 0; field++) {
        start = canonicalEnd(bytes, start, end);
      }
      let keyEnd = start;
      let groupEnd = start;
      for (let field = 1; field <= keyFields && keyEnd >= 0; field++) {
        keyEnd = canonicalEnd(bytes, keyEnd, end);
        if (field === grouped) groupEnd = keyEnd;
      }
      if (keyEnd < 0) continue;
      const hash = hashCanonicalView(view, start, keyEnd);
      const group = groupMask &
        (groupEnd === keyEnd ? hash : hashCanonicalView(view, start, groupEnd));
      if (group < firstGroup || group >= endGroup) continue;
      ahead[at + 1] = start;
      ahead[at + 2] = keyEnd;
      ahead[at + 3] = hash;
      at += AHEAD_WORDS;
    }
    return at / AHEAD_WORDS;
  }

  /** Writes the key of `tuple` anew: its fields in their order, each in canonical form. */
  #rewrite(tuple: Tuple & EncodedTuple, place: KeyPlace): KeyRange {
    const { bytes, valuesStart, valuesEnd } = tuple;
    const starts = [valuesStart];
    const scratch = this.#openScratch();
    place.indexes.forEach((index, field) => {
      for (let known = starts.length; known <= index; known++) {
        starts.push(endOfValue(bytes, starts[known - 1] ?? valuesEnd, valuesEnd));
      }
      const start = starts[index] ?? valuesEnd;
      const end = canonicalEnd(bytes, start, valuesEnd);
      if (end < 0) return this.#write(tuple.getValue(index), field);
      scratch.ensure(end - start);
      scratch.bytes.set(bytes.subarray(start, end), scratch.length);
      scratch.length += end - start;
      this.#noteGroupEnd(field);
    });
    return this.#hashWritten();
  }

  #readValues(values: readonly unknown[]): KeyRange {
    const { fields, label } = this.#definition;
    if (values.length !== fields.length) {
      throw new RangeError(
        `Find a key of ${label}: found ${values.length} values, expected ${fields.length}, [${
          fields.join(", ")
        }]`,
      );
    }
    this.#openScratch();
    for (let field = 0; field < values.length; field++) this.#write(values[field], field);
    return this.#hashWritten();
  }

  #openScratch(): ByteBuffer {
    const scratch = this.#scratch;
    scratch.length = 0;
    if (scratch.bytes.length > SCRATCH_BYTES_MAX) scratch.bytes = new Uint8Array(64);
    return scratch;
  }

  #write(value: unknown, field: number): void {
    try {
      writeCanonical(this.#scratch, value);
    } catch (error) {
      if (!(error instanceof ValueNotEncodable)) throw error;
      const { fields, label } = this.#definition;
      const path = error.path === "" ? "" : `at "${error.path}" `;
      throw new TypeError(
        `Find a key of ${label}: field "${fields[field]}": ${path}found ${error.reason}`,
        { cause: error },
      );
    }
    this.#noteGroupEnd(field);
  }

  #noteGroupEnd(field: number): void {
    if (field + 1 === this.#definition.grouped) this.#groupEnd = this.#scratch.length;
  }

  #hashWritten(): KeyRange {
    const written = this.#written;
    written.lieIn(this.#scratch.bytes);
    written.end = this.#scratch.length;
    return this.#hash(written);
  }

  #hash(key: Key): KeyRange {
    const { groups, label } = this.#definition;
    const hash = hashCanonicalBytes(key.bytes, key.start, key.end);
    const group = this.#groupMask &
      (this.#groupEnd === key.end
        ? hash
        : hashCanonicalBytes(key.bytes, key.start, this.#groupEnd));
    if (group < groups.first || group >= groups.end) {
      throw new RangeError(
        `Find a key of ${label}: key group "${group}" is another task's, expected ${groups.first} ` +
          `to ${groups.end - 1}: keys that fields grouping sends to this task`,
      );
    }
    key.hash = hash | 0;
    return key;
  }

  #placeIn(tuple: Tuple): KeyPlace {
    const fields = tuple.getFields();
    if (this.#place?.fields === fields) return this.#place;
    const known = this.#places.get(fields) ?? this.#findPlace(tuple, fields);
    this.#places.set(fields, known);
    return this.#place = known;
  }

  #findPlace(tuple: Tuple, fields: Fields): KeyPlace {
    const { label, fields: names } = this.#definition;
    const indexes = names.map((name) => {
      if (fields.contains(name)) return fields.fieldIndex(name);
      throw new RangeError(
        `Find a key of ${label}: a tuple of "${tuple.getSourceComponent()}", stream "${tuple.getSourceStreamId()}", ` +
          `has no field "${name}", expected one of ${fields}`,
      );
    });
    const isRange = indexes.every((index, place) => index === (indexes[0] ?? 0) + place);
    return { fields, indexes, isRange };
  }
}

function isEncoded<T>(tuple: T & Partial<EncodedTuple>): tuple is T & EncodedTuple {
  return tuple.bytes !== undefined;
}

function startOfKey({ bytes, valuesStart, valuesEnd }: EncodedTuple, place: KeyPlace): number {
  let at = valuesStart;
  const skipped = place.indexes[0] ?? 0;
  for (let index = 0; index < skipped; index++) at = endOfValue(bytes, at, valuesEnd);
  return at;
}

function endOfValue(bytes: Uint8Array, at: number, end: number): number {
  const next = canonicalEnd(bytes, at, end);
  return next < 0 ? skipValue(bytes, at, end) : next;
}
