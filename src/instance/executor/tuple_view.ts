/**
 * A tuple as user code sees it: a range of its batch until a value is asked
 * for. The batch's bytes live as long as one of its tuples does.
 */

import type { Fields, Tuple } from "../../api/mod.ts";
import { HeronError } from "../../base/mod.ts";
import { readValue, ValueReader } from "../../tuples/mod.ts";

/** Where a tuple came from and what its values are called; shared by all tuples of a stream's source. */
export interface TupleOrigin {
  readonly component: string;
  readonly stream: string;
  readonly task: number;
  readonly fields: Fields;
}

/** The range of a tuple's encoded values. */
export interface ValueRange {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

/** A lazily decoded tuple. */
export class TupleView implements Tuple {
  readonly #origin: TupleOrigin;
  readonly #bytes: Uint8Array;
  readonly #start: number;
  readonly #end: number;
  #values: unknown[] | undefined;

  /** A view on encoded values. */
  constructor(origin: TupleOrigin, range: ValueRange) {
    this.#origin = origin;
    this.#bytes = range.bytes;
    this.#start = range.start;
    this.#end = range.end;
  }

  /** All values, decoded once. */
  getValues(): readonly unknown[] {
    if (this.#values === undefined) this.#values = this.#decode();
    return this.#values;
  }

  #decode(): unknown[] {
    const reader = new ValueReader(this.#bytes, this.#start);
    const values: unknown[] = [];
    for (let index = 0; index < this.#origin.fields.size(); index++) values.push(readValue(reader));
    if (reader.at !== this.#end) {
      throw new HeronError(
        "corrupt",
        `Read a tuple of "${this.#origin.component}": found ${this.#end - this.#start} B, ` +
          `expected ${reader.at - this.#start} B for ${values.length} values`,
      );
    }
    return values;
  }

  size(): number {
    return this.#origin.fields.size();
  }

  fieldIndex(name: string): number {
    return this.#origin.fields.fieldIndex(name);
  }

  contains(name: string): boolean {
    return this.#origin.fields.contains(name);
  }

  getValue(index: number): unknown {
    const values = this.getValues();
    if (!(index >= 0 && index < values.length)) {
      throw new RangeError(
        `Read value ${index} of a tuple: not found, expected 0 to ${values.length - 1}`,
      );
    }
    return values[index];
  }

  getValueByField(name: string): unknown {
    return this.getValue(this.fieldIndex(name));
  }

  #mismatch(index: number, expected: string): TypeError {
    const value = this.getValue(index);
    const found = value === null ? "null" : typeof value;
    return new TypeError(
      `Read field "${
        this.#origin.fields.get(index)
      }" of a tuple from "${this.#origin.component}": found ${found}, expected ${expected}`,
    );
  }

  getString(index: number): string {
    const value = this.getValue(index);
    if (typeof value !== "string") throw this.#mismatch(index, "string");
    return value;
  }

  getStringByField(name: string): string {
    return this.getString(this.fieldIndex(name));
  }

  getNumber(index: number): number {
    const value = this.getValue(index);
    if (typeof value !== "number") throw this.#mismatch(index, "number");
    return value;
  }

  getNumberByField(name: string): number {
    return this.getNumber(this.fieldIndex(name));
  }

  getInteger(index: number): number {
    const value = this.getValue(index);
    if (!Number.isSafeInteger(value)) throw this.#mismatch(index, "a safe integer");
    return this.getNumber(index);
  }

  getIntegerByField(name: string): number {
    return this.getInteger(this.fieldIndex(name));
  }

  getLong(index: number): bigint {
    const value = this.getValue(index);
    if (typeof value === "bigint") return value;
    if (typeof value === "number" && Number.isSafeInteger(value)) return BigInt(value);
    throw this.#mismatch(index, "an integer or bigint");
  }

  getLongByField(name: string): bigint {
    return this.getLong(this.fieldIndex(name));
  }

  getDouble(index: number): number {
    return this.getNumber(index);
  }

  getDoubleByField(name: string): number {
    return this.getNumber(this.fieldIndex(name));
  }

  getBoolean(index: number): boolean {
    const value = this.getValue(index);
    if (typeof value !== "boolean") throw this.#mismatch(index, "boolean");
    return value;
  }

  getBooleanByField(name: string): boolean {
    return this.getBoolean(this.fieldIndex(name));
  }

  getBinary(index: number): Uint8Array {
    const value = this.getValue(index);
    if (!(value instanceof Uint8Array)) throw this.#mismatch(index, "bytes");
    return value;
  }

  getBinaryByField(name: string): Uint8Array {
    return this.getBinary(this.fieldIndex(name));
  }

  getFields(): Fields {
    return this.#origin.fields;
  }

  select(selector: Fields): unknown[] {
    return [...selector].map((name) => this.getValueByField(name));
  }

  getSourceComponent(): string {
    return this.#origin.component;
  }

  getSourceStreamId(): string {
    return this.#origin.stream;
  }

  getSourceTask(): number {
    return this.#origin.task;
  }

  /** Storm's form: source, stream, values. */
  toString(): string {
    const { component, task, stream } = this.#origin;
    return `source: ${component}:${task}, stream: ${stream}, [${this.getValues().join(", ")}]`;
  }
}
