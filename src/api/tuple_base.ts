/**
 * The part of a tuple that does not depend on how its values are kept: getters
 * by name and by type. Implementations add the values and the source.
 */

import type { Fields } from "./fields.ts";
import type { Tuple } from "./tuple.ts";

/** Base of the implementations of `Tuple`. */
export abstract class TupleBase implements Tuple {
  /** The value at `index`; throws a `RangeError` when there is none. */
  abstract getValue(index: number): unknown;
  abstract getFields(): Fields;
  abstract getSourceComponent(): string;
  abstract getSourceStreamId(): string;
  abstract getSourceTask(): number;

  size(): number {
    return this.getFields().size();
  }

  fieldIndex(name: string): number {
    return this.getFields().fieldIndex(name);
  }

  contains(name: string): boolean {
    return this.getFields().contains(name);
  }

  getValueByField(name: string): unknown {
    return this.getValue(this.fieldIndex(name));
  }

  getString(index: number): string {
    const value = this.getValue(index);
    return typeof value === "string" ? value : this.#refuse(index, value, "a string");
  }

  getStringByField(name: string): string {
    return this.getString(this.fieldIndex(name));
  }

  getNumber(index: number): number {
    const value = this.getValue(index);
    return typeof value === "number" ? value : this.#refuse(index, value, "a number");
  }

  getNumberByField(name: string): number {
    return this.getNumber(this.fieldIndex(name));
  }

  getInteger(index: number): number {
    const value = this.getValue(index);
    if (typeof value === "number" && Number.isSafeInteger(value)) return value;
    return this.#refuse(index, value, "a whole number within ±(2^53 - 1)");
  }

  getIntegerByField(name: string): number {
    return this.getInteger(this.fieldIndex(name));
  }

  getLong(index: number): bigint {
    const value = this.getValue(index);
    if (typeof value === "bigint") return value;
    if (typeof value === "number" && Number.isInteger(value)) return BigInt(value);
    return this.#refuse(index, value, "a whole number");
  }

  getLongByField(name: string): bigint {
    return this.getLong(this.fieldIndex(name));
  }

  getDouble(index: number): number {
    return this.getNumber(index);
  }

  getDoubleByField(name: string): number {
    return this.getNumberByField(name);
  }

  getBoolean(index: number): boolean {
    const value = this.getValue(index);
    return typeof value === "boolean" ? value : this.#refuse(index, value, "a boolean");
  }

  getBooleanByField(name: string): boolean {
    return this.getBoolean(this.fieldIndex(name));
  }

  getBinary(index: number): Uint8Array {
    const value = this.getValue(index);
    return value instanceof Uint8Array ? value : this.#refuse(index, value, "bytes");
  }

  getBinaryByField(name: string): Uint8Array {
    return this.getBinary(this.fieldIndex(name));
  }

  getValues(): readonly unknown[] {
    return Array.from({ length: this.size() }, (_, index) => this.getValue(index));
  }

  select(selector: Fields): unknown[] {
    return selector.toList().map((name) => this.getValueByField(name));
  }

  /** The text form, as of `tupleText`. */
  toString(): string {
    return tupleText(this);
  }

  #refuse(index: number, value: unknown, expected: string): never {
    const field = this.getFields().get(index);
    const found = value === null ? "null" : `${typeof value} "${valueText(value)}"`;
    throw new TypeError(
      `Read field "${field}" of stream "${this.getSourceStreamId()}" from "${this.getSourceComponent()}": ` +
        `found ${found}, expected ${expected}`,
    );
  }
}

/** Longest text of one value in `tupleText`, in characters. */
const VALUE_TEXT_LENGTH_MAX = 200;

/**
 * A tuple in one line for logs: `source: split, stream: default, [the, 1]`; long values are cut.
 *
 * @example
 * ```ts
 * import { tupleText, type Tuple } from "heron-bin";
 *
 * function execute(tuple: Tuple): void {
 *   console.log(tupleText(tuple));
 * }
 * ```
 */
export function tupleText(tuple: Tuple): string {
  const values = valuesText(tuple.getValues());
  return `source: ${tuple.getSourceComponent()}, stream: ${tuple.getSourceStreamId()}, ${values}`;
}

/** Values of a tuple in one line: `[the, 1]`; long ones are cut. */
export function valuesText(values: readonly unknown[]): string {
  return `[${values.map(valueText).join(", ")}]`;
}

function valueText(value: unknown): string {
  const text = value instanceof Uint8Array ? `${value.length} bytes` : plainText(value);
  if (text.length <= VALUE_TEXT_LENGTH_MAX) return text;
  return `${text.slice(0, VALUE_TEXT_LENGTH_MAX)}…`;
}

function plainText(value: unknown): string {
  if (value instanceof Map) return `Map ${plainText([...value])}`;
  if (value instanceof Set) return `Set ${plainText([...value])}`;
  if (typeof value !== "object" || value === null) return String(value);
  // Values of tuples have no cycles; a bigint within is the one thing JSON refuses.
  return JSON.stringify(value, (_, part) => typeof part === "bigint" ? `${part}n` : part);
}
