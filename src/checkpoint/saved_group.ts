/**
 * One key group of a keyed state as bytes, and back: an array (format, kind,
 * key fields, keys), then each key in canonical form with its value behind it.
 * Where the bytes are stored is left to who asks.
 */

import { HeronError } from "../base/mod.ts";
import {
  type ByteBuffer,
  canonicalEnd,
  hashCanonicalBytes,
  keyGroupOf,
  readValue,
  skipValue,
  ValueReader,
  writeValue,
} from "../tuples/mod.ts";
import type { ByteKeyedState } from "./byte_keyed_state.ts";
import { AHEAD_WORDS, type KeyRange } from "./key_table.ts";

const FORMAT = 1;
/** Keys that are saved or restored together. */
const TOGETHER_MAX = 64;

/** The keys of a state in the order of their groups; good until a key is added or removed. */
export class GroupSaver {
  readonly #state: ByteKeyedState<unknown>;
  readonly #changes: number;
  /** Where the records of each group start among `#records`, and behind the last one their end. */
  readonly #starts: Int32Array;
  readonly #records: Int32Array;

  /** Looks at all keys of `state` once. */
  constructor(state: ByteKeyedState<unknown>) {
    this.#state = state;
    const { table, definition } = state;
    const { first, end } = definition.groups;
    this.#changes = table.changes;
    const groups = new Int32Array(table.size);
    const found = new Int32Array(table.size);
    const starts = new Int32Array(end - first + 1);
    let count = 0;
    table.forEach((hash, record) => {
      const group = groupOf(state, hash, record) - first;
      groups[count] = group;
      found[count++] = record;
      starts[group + 1] = starts[group + 1]! + 1;
    });
    for (let group = 1; group < starts.length; group++) {
      starts[group] = starts[group]! + starts[group - 1]!;
    }
    this.#records = new Int32Array(count);
    const next = starts.slice();
    for (let index = 0; index < count; index++) {
      const at = next[groups[index]!]!;
      this.#records[at] = found[index]!;
      next[groups[index]!] = at + 1;
    }
    this.#starts = starts;
  }

  /** The number of keys in `group`, one of the state's. */
  keysIn(group: number): number {
    const place = this.#placeOf(group);
    return this.#starts[place + 1]! - this.#starts[place]!;
  }

  /**
   * Appends `group`, one of the state's, to `buffer`.
   * @throws TypeError for a value that cannot be encoded
   */
  save(group: number, buffer: ByteBuffer): void {
    const state = this.#state;
    const { table, kind, definition } = state;
    const place = this.#placeOf(group);
    const end = this.#starts[place + 1]!;
    const start = this.#starts[place]!;
    writeValue(buffer, [FORMAT, kind, definition.fields.length, end - start]);
    const arena = new Uint8Array(table.words.buffer);
    for (let index = start; index < end; index++) {
      if ((index - start) % TOGETHER_MAX === 0) {
        table.fetchRecords(this.#records.subarray(index, Math.min(end, index + TOGETHER_MAX)));
      }
      const record = this.#records[index]!;
      const length = table.keyLength(record);
      const keyAt = table.keyStart(record);
      buffer.ensure(length);
      const { bytes } = buffer;
      for (let at = 0; at < length; at++) bytes[buffer.length + at] = arena[keyAt + at]!;
      buffer.length += length;
      state.save(buffer, record);
    }
  }

  #placeOf(group: number): number {
    const { table, definition: { label, groups: { first, end } } } = this.#state;
    if (group < first || group >= end) {
      throw new RangeError(
        `Save ${label}: found key group "${group}", expected ${first} to ${end - 1}`,
      );
    }
    if (table.changes !== this.#changes) {
      throw new RangeError(`Save ${label}: keys were added or removed meanwhile, expected none`);
    }
    return group - first;
  }
}

function groupOf(state: ByteKeyedState<unknown>, hash: number, record: number): number {
  const { table, definition: { fields, grouped, keyGroups } } = state;
  if (grouped === fields.length) return keyGroupOf(hash >>> 0, keyGroups);
  const start = table.keyStart(record);
  const bytes = new Uint8Array(table.words.buffer, start, table.keyLength(record));
  let end = 0;
  for (let field = 0; field < grouped; field++) end = endOfValue(bytes, end);
  return keyGroupOf(hashCanonicalBytes(bytes, 0, end), keyGroups);
}

/**
 * Puts the keys of groups, as `GroupSaver` saved them, into `state`; returns how many keys. Many
 * groups at a time cost less than one by one.
 * @throws HeronError "user_code" when the state now has another kind or number of key fields,
 *   "corrupt" when the bytes are no saved group
 */
export function restoreGroups(
  state: ByteKeyedState<unknown>,
  saved: Iterable<readonly [group: number, bytes: Uint8Array]>,
): number {
  const restorers = Array.from(saved, ([group, bytes]) => new GroupRestorer(state, group, bytes));
  const keys = restorers.reduce((sum, { count }) => sum + count, 0);
  state.table.reserve(keys, restorers.reduce((sum, { keyBytes }) => sum + keyBytes, 0));
  const ahead = new Int32Array(AHEAD_WORDS * TOGETHER_MAX);
  for (const restorer of restorers) restorer.restore(ahead);
  return keys;
}

/** Reads keys of saved bytes, some at a time, and is the key that is put into the state. */
class GroupRestorer implements KeyRange {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  start = 0;
  end = 0;
  hash = 0;
  /** Keys that there are. */
  readonly count: number;
  /** Bytes of all keys, at most. */
  readonly keyBytes: number;
  readonly #state: ByteKeyedState<unknown>;
  readonly #group: number;
  readonly #reader: ValueReader;

  constructor(state: ByteKeyedState<unknown>, group: number, bytes: Uint8Array) {
    this.#state = state;
    this.#group = group;
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#reader = new ValueReader(bytes);
    this.count = this.#readHeader();
    this.keyBytes = bytes.length - this.#reader.at - this.count * (state.savedBytes ?? 1);
    // A key takes a byte at least: a count from outside takes no memory by itself.
    if (this.keyBytes < this.count) throw this.#corrupt(`${this.count} keys`);
  }

  /** `ahead` takes of each key: where its value starts, where it starts and ends, its hash. */
  restore(ahead: Int32Array): void {
    const { count } = this;
    const { table } = this.#state;
    for (let done = 0; done < count; done += TOGETHER_MAX) {
      const together = Math.min(TOGETHER_MAX, count - done);
      for (let index = 0; index < together; index++) this.#readKey(ahead, index * AHEAD_WORDS);
      table.fetch(ahead, together);
      for (let index = 0; index < together; index++) this.#putKey(ahead, index * AHEAD_WORDS);
    }
    if (this.#reader.at !== this.bytes.length) throw this.#corrupt("more than its keys");
  }

  #readHeader(): number {
    const { kind, definition: { label, fields } } = this.#state;
    const header = readValue(this.#reader);
    if (!Array.isArray(header) || header.length !== 4 || header[0] !== FORMAT) {
      throw this.#corrupt("another format");
    }
    const count: unknown = header[3];
    if (typeof count !== "number" || !(count >= 0)) throw this.#corrupt(`"${count}" keys`);
    if (header[1] === kind && header[2] === fields.length) return count;
    throw new HeronError(
      "user_code",
      `Restore ${label}: found values "${header[1]}" and keys of ${header[2]} fields saved, ` +
        `expected "${kind}" and ${fields.length} as the state has now`,
    );
  }

  #readKey(ahead: Int32Array, at: number): void {
    const { savedBytes, definition: { fields, grouped, keyGroups } } = this.#state;
    const { bytes } = this;
    const start = this.#reader.at;
    let end = start;
    let groupEnd = start;
    for (let field = 1; field <= fields.length; field++) {
      end = endOfValue(bytes, end);
      if (field === grouped) groupEnd = end;
    }
    const hash = hashCanonicalBytes(bytes, start, end);
    const groupHash = groupEnd === end ? hash : hashCanonicalBytes(bytes, start, groupEnd);
    if (keyGroupOf(groupHash, keyGroups) !== this.#group) throw this.#corrupt("a key of another");
    const next = savedBytes === undefined ? skipValue(bytes, end) : end + savedBytes;
    if (next > bytes.length) throw this.#corrupt("a value cut off");
    this.#reader.at = next;
    ahead[at] = end;
    ahead[at + 1] = start;
    ahead[at + 2] = end;
    ahead[at + 3] = hash;
  }

  #putKey(ahead: Int32Array, at: number): void {
    const state = this.#state;
    const { table } = state;
    this.start = ahead[at + 1]!;
    this.end = ahead[at + 2]!;
    this.hash = ahead[at + 3]!;
    const slot = table.find(this);
    const record = slot < 0 ? table.insert(this, slot) : table.recordAt(slot);
    const reader = this.#reader;
    const next = reader.at;
    reader.at = this.end;
    state.put(record, state.load(reader));
    reader.at = next;
  }

  #corrupt(found: string): HeronError {
    return new HeronError(
      "corrupt",
      `Restore ${this.#state.definition.label}: key group "${this.#group}" has ${found}, expected a group as it was saved`,
    );
  }
}

function endOfValue(bytes: Uint8Array, at: number): number {
  const next = canonicalEnd(bytes, at, bytes.length);
  return next < 0 ? skipValue(bytes, at) : next;
}
