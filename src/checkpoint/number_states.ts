/** Keyed states of numbers: each value lies in its record, no object is made for it. */

import type { NumericKeyedState, StateKey } from "../api/mod.ts";
import type { ByteBuffer, ValueReader } from "../tuples/mod.ts";
import { ByteKeyedState, type ByteKeyedStateOptions } from "./byte_keyed_state.ts";

/** Whole numbers within 32 bits. */
export class Int32State extends ByteKeyedState<number> implements NumericKeyedState<number> {
  readonly kind = "int32";
  readonly savedBytes = 4;

  /** An empty state. */
  constructor(options: ByteKeyedStateOptions) {
    super(options, 1);
  }

  add(key: StateKey, by: number): number {
    if ((by | 0) !== by) throw this.#misfit("Add to", by);
    const record = this.recordOf(key);
    const { words } = this.table;
    const sum = words[record]! + by;
    if ((sum | 0) !== sum) throw this.#misfit("Add to", sum);
    words[record] = sum;
    return sum;
  }

  override valueOf(record: number): number {
    return this.table.words[record]!;
  }

  override put(record: number, value: number): void {
    this.table.words[record] = value;
  }

  protected override check(value: number): void {
    if ((value | 0) !== value) throw this.#misfit("Write to", value);
  }

  override save(buffer: ByteBuffer, record: number): void {
    saveWords(buffer, this.table.words, { first: record, count: 1 });
  }

  override load(reader: ValueReader): number {
    return loadWord(reader);
  }

  #misfit(attempted: string, found: unknown): RangeError {
    return misfit(attempted, this.definition.label, {
      found,
      expected: "a whole number within 32 bits",
    });
  }
}

/** Any numbers. */
export class Float64State extends ByteKeyedState<number> implements NumericKeyedState<number> {
  readonly kind = "float64";
  readonly savedBytes = 8;
  #values = new Float64Array(0);

  /** An empty state. */
  constructor(options: ByteKeyedStateOptions) {
    super(options, 2);
  }

  add(key: StateKey, by: number): number {
    this.check(by, "Add to");
    const record = this.recordOf(key);
    const values = this.#view();
    return values[record >> 1] = values[record >> 1]! + by;
  }

  override valueOf(record: number): number {
    return this.#view()[record >> 1]!;
  }

  override put(record: number, value: number): void {
    this.#view()[record >> 1] = value;
  }

  protected override check(value: number, attempted = "Write to"): void {
    if (typeof value === "number") return;
    const found = `${typeof value} "${String(value)}"`;
    throw misfit(attempted, this.definition.label, { found, expected: "a number" });
  }

  override save(buffer: ByteBuffer, record: number): void {
    saveWords(buffer, this.table.words, { first: record, count: 2 });
  }

  override load(reader: ValueReader): number {
    pair[0] = loadWord(reader);
    pair[1] = loadWord(reader);
    return float64Pair[0]!;
  }

  /** The arena as it is now. */
  #view(): Float64Array {
    const { buffer } = this.table.words;
    if (this.#values.buffer !== buffer) this.#values = new Float64Array(buffer);
    return this.#values;
  }
}

/** Whole numbers within 64 bits, as bigints. */
export class Int64State extends ByteKeyedState<bigint> implements NumericKeyedState<bigint> {
  readonly kind = "int64";
  readonly savedBytes = 8;
  #values = new BigInt64Array(0);

  /** An empty state. */
  constructor(options: ByteKeyedStateOptions) {
    super(options, 2);
  }

  add(key: StateKey, by: bigint): bigint {
    this.check(by, "Add to");
    const record = this.recordOf(key);
    const sum = this.valueOf(record) + by;
    if (BigInt.asIntN(64, sum) !== sum) throw this.#misfit("Add to", sum);
    this.put(record, sum);
    return sum;
  }

  override valueOf(record: number): bigint {
    return this.#view()[record >> 1]!;
  }

  override put(record: number, value: bigint): void {
    this.#view()[record >> 1] = value;
  }

  protected override check(value: bigint, attempted = "Write to"): void {
    if (typeof value !== "bigint" || BigInt.asIntN(64, value) !== value) {
      throw this.#misfit(attempted, value);
    }
  }

  override save(buffer: ByteBuffer, record: number): void {
    saveWords(buffer, this.table.words, { first: record, count: 2 });
  }

  override load(reader: ValueReader): bigint {
    pair[0] = loadWord(reader);
    pair[1] = loadWord(reader);
    return int64Pair[0]!;
  }

  /** The arena as it is now. */
  #view(): BigInt64Array {
    const { buffer } = this.table.words;
    if (this.#values.buffer !== buffer) this.#values = new BigInt64Array(buffer);
    return this.#values;
  }

  #misfit(attempted: string, found: unknown): RangeError {
    return misfit(attempted, this.definition.label, { found, expected: "a bigint within 64 bits" });
  }
}

/** 64 bits seen three ways (little-endian, as every host of Bun is): filled and read at once. */
const pair = new Int32Array(2);
const float64Pair = new Float64Array(pair.buffer);
const int64Pair = new BigInt64Array(pair.buffer);

function misfit(
  attempted: string,
  label: string,
  { found, expected }: { readonly found: unknown; readonly expected: string },
): RangeError {
  const text = typeof found === "string" ? found : `${typeof found} "${String(found)}"`;
  return new RangeError(`${attempted} ${label}: found ${text}, expected ${expected}`);
}

/** Appends words, least significant byte first. */
function saveWords(
  buffer: ByteBuffer,
  words: Int32Array,
  { first, count }: { readonly first: number; readonly count: number },
): void {
  buffer.ensure(4 * count);
  const { bytes, length } = buffer;
  for (let index = 0; index < count; index++) {
    const word = words[first + index]!;
    const at = length + 4 * index;
    bytes[at] = word;
    bytes[at + 1] = word >> 8;
    bytes[at + 2] = word >> 16;
    bytes[at + 3] = word >> 24;
  }
  buffer.length = length + 4 * count;
}

/** Reads one; who calls has seen that there are enough bytes. */
function loadWord(reader: ValueReader): number {
  const { bytes, at } = reader;
  reader.at = at + 4;
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}
