/**
 * Keyed state over a table of byte keys: what all kinds of values share. A kind
 * says how a value lies in the two words, or the one, of its record.
 */

import type { KeyedState, KeyValue, StateKey, StateValueKind } from "../api/mod.ts";
import { type ByteBuffer, readValue, ValueReader } from "../tuples/mod.ts";
import { type KeyDefinition, KeyReader } from "./key_reader.ts";
import { KeyTable } from "./key_table.ts";

/** How a state is made. */
export interface ByteKeyedStateOptions extends KeyDefinition {
  /** The name it was asked for by. */
  readonly name: string;
  /** Most keys. @default 2^27 */
  readonly keysMax?: number;
}

/** A keyed state whose keys are bytes. */
export abstract class ByteKeyedState<Value> implements KeyedState<Value> {
  readonly name: string;
  /** What its keys are. */
  readonly definition: KeyDefinition;
  readonly table: KeyTable;
  /** What its values are. */
  abstract readonly kind: StateValueKind;
  /** Bytes of a saved value; undefined: they differ. */
  abstract readonly savedBytes: number | undefined;
  readonly #reader: KeyReader;

  /** An empty state; its values take `valueWords` words of four bytes. */
  constructor(options: ByteKeyedStateOptions, valueWords: 1 | 2) {
    const { name, label, keysMax } = options;
    this.name = name;
    this.definition = options;
    this.table = new KeyTable({
      valueWords,
      label,
      ...(keysMax === undefined ? {} : { keysMax }),
    });
    this.#reader = new KeyReader(options, this.table);
  }

  /** The value in `record`. */
  abstract valueOf(record: number): Value;
  /** Puts a value into `record`, which `check` has let pass. */
  abstract put(record: number, value: Value): void;
  /** Throws for a value that the state cannot hold. */
  protected abstract check(value: Value): void;
  /** Appends the value in `record` to what is saved. */
  abstract save(buffer: ByteBuffer, record: number): void;
  /** Reads a value that was saved. */
  abstract load(reader: ValueReader): Value;

  get size(): number {
    return this.table.size;
  }

  get(key: StateKey): Value | undefined {
    const slot = this.find(key);
    return slot < 0 ? undefined : this.valueOf(this.table.recordAt(slot));
  }

  has(key: StateKey): boolean {
    return this.find(key) >= 0;
  }

  set(key: StateKey, value: Value): void {
    this.check(value);
    this.put(this.recordOf(key), value);
  }

  delete(key: StateKey): boolean {
    const slot = this.find(key);
    if (slot < 0) return false;
    this.table.remove(slot);
    return true;
  }

  clear(): void {
    this.table.clear();
  }

  *entries(): Generator<[readonly KeyValue[], Value], undefined> {
    const { table } = this;
    const { additions } = table;
    table.iterations++;
    try {
      for (let at = table.nextRecord(0); at !== 0; at = table.nextRecord(at)) {
        yield [this.keyOf(at), this.valueOf(at)];
        if (table.additions === additions) continue;
        throw new RangeError(
          `Iterate over ${this.definition.label}: a key was added meanwhile, expected none`,
        );
      }
    } finally {
      table.iterations--;
    }
  }

  [Symbol.iterator](): Generator<[readonly KeyValue[], Value], undefined> {
    return this.entries();
  }

  /** The values that the key in `record` is made of. */
  keyOf(record: number): readonly KeyValue[] {
    const { table } = this;
    const start = table.keyStart(record);
    const bytes = new Uint8Array(table.words.buffer, start, table.keyLength(record));
    const reader = new ValueReader(bytes);
    // Only what can be grouped by has been written there.
    return this.definition.fields.map(() => readValue(reader) as KeyValue);
  }

  /** The slot of `key`; negative when there is none. */
  protected find(key: StateKey): number {
    return this.table.find(this.#reader.read(key));
  }

  /** The record of `key`, which is added with the value 0 when there is none. */
  protected recordOf(key: StateKey): number {
    const { table } = this;
    const range = this.#reader.read(key);
    const slot = table.find(range);
    return slot < 0 ? table.insert(range, slot) : table.recordAt(slot);
  }
}
