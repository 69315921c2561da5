/**
 * The tuple as a bolt sees it. The implementation over the bytes of a batch is
 * the executor's; this file has only the interface.
 */

import type { Fields } from "./fields.ts";
import type { FieldName, FieldValue, FieldValueAt, FieldValues } from "./stream_types.ts";

/**
 * An immutable list of values with names, and where it came from. The getters
 * by position and by name throw a `RangeError` for an unknown position or name, the typed ones a
 * `TypeError` for a value of another type. `Tuple<typeof words>`, where `words` is a `Fields` with
 * types, knows its names and the types of its values: a compiler checks the names of all getters, and
 * the types of what `getValue`, `getValueByField` and `getValues` give. Whether `getStringByField`
 * and its like fit the value is seen when they are called.
 *
 * @example
 * ```ts
 * import type { Tuple } from "heron-bin";
 *
 * function describe(tuple: Tuple): string {
 *   return `${tuple.getSourceComponent()} says ${tuple.getStringByField("word")}`;
 * }
 * ```
 */
export interface Tuple<out F extends Fields = Fields> {
  /** The number of values. */
  size(): number;
  /** The position of the field `name`. */
  fieldIndex(name: FieldName<F>): number;
  /** Whether there is a field `name`. */
  contains(name: string): boolean;
  /** The value at `index`. */
  getValue<Index extends number>(index: Index): FieldValueAt<F, Index>;
  /** The value of the field `name`. */
  getValueByField<Name extends FieldName<F>>(name: Name): FieldValue<F, Name>;
  /** The string at `index`. */
  getString(index: number): string;
  /** The string of the field `name`. */
  getStringByField(name: FieldName<F>): string;
  /** The number at `index`. */
  getNumber(index: number): number;
  /** The number of the field `name`. */
  getNumberByField(name: FieldName<F>): number;
  /** The whole number at `index`, within ±(2^53 − 1). */
  getInteger(index: number): number;
  /** The whole number of the field `name`, within ±(2^53 − 1). */
  getIntegerByField(name: FieldName<F>): number;
  /** The whole number at `index`, of any size; emitted as bigint or as number. */
  getLong(index: number): bigint;
  /** The whole number of the field `name`, of any size; emitted as bigint or as number. */
  getLongByField(name: FieldName<F>): bigint;
  /** The number at `index`; Storm's name of `getNumber`. */
  getDouble(index: number): number;
  /** The number of the field `name`; Storm's name of `getNumberByField`. */
  getDoubleByField(name: FieldName<F>): number;
  /** The boolean at `index`. */
  getBoolean(index: number): boolean;
  /** The boolean of the field `name`. */
  getBooleanByField(name: FieldName<F>): boolean;
  /** The bytes at `index`. */
  getBinary(index: number): Uint8Array;
  /** The bytes of the field `name`. */
  getBinaryByField(name: FieldName<F>): Uint8Array;
  /** All values, in their order. */
  getValues(): Readonly<FieldValues<F>>;
  /** The names of the values. */
  getFields(): F;
  /** The values that `selector` names, in its order. */
  select(selector: Fields): unknown[];
  /** The component that emitted the tuple. */
  getSourceComponent(): string;
  /** The stream it was emitted to. */
  getSourceStreamId(): string;
  /** The task that emitted it. */
  getSourceTask(): number;
}
