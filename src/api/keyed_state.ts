/**
 * State by key: what a task knows of each key of its fields grouping. Interface
 * only; the binary keeps keys and numbers as bytes, without an object a key.
 */

import type { FieldNames } from "./output_fields_declarer.ts";
import type { Tuple } from "./tuple.ts";

/** A value that can be grouped by, and so be part of a key. */
export type KeyValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly KeyValue[];

/**
 * A key: a tuple, whose key fields are read where they lie in its batch, or the values themselves.
 * Keys are equal as in fields grouping: 1 = 1n = 1.0, -0 = 0, NaN = NaN.
 */
export type StateKey = Tuple | readonly KeyValue[];

/** What the values of a keyed state are; see `KeyedStateOptions`. */
export type StateValueKind = "int32" | "float64" | "int64" | "any";

/** How a keyed state is made. */
export interface KeyedStateOptions<Kind extends StateValueKind = StateValueKind> {
  /**
   * The fields of the key. They begin with the fields of a fields grouping of this component, which
   * say in which task a key lies; more may follow.
   * @default the fields of the component's fields grouping
   */
  readonly key?: FieldNames;
  /**
   * The values: `"int32"` whole numbers within 32 bits, `"float64"` any numbers, `"int64"` bigints
   * within 64 bits, `"any"` whatever a tuple can carry.
   */
  readonly value: Kind;
}

/**
 * A map from keys to values, from `context.keyedState`. A task holds the keys that fields grouping
 * sends to it; any other key is an error.
 */
export interface KeyedState<Value> extends Iterable<[readonly KeyValue[], Value]> {
  /** The name it was asked for by. */
  readonly name: string;
  /** The number of keys. */
  readonly size: number;
  /**
   * The value of `key`; undefined when there is none. Of kind `"any"` it is the very value that was
   * set, so a change inside it is kept.
   */
  get(key: StateKey): Value | undefined;
  /** Whether `key` has a value. */
  has(key: StateKey): boolean;
  /**
   * Gives `key` a value.
   * @throws RangeError when a number does not fit the kind of the values, TypeError when it is none
   */
  set(key: StateKey, value: Value): void;
  /** Removes `key`; false when it had no value. */
  delete(key: StateKey): boolean;
  /** Removes all keys. */
  clear(): void;
  /**
   * All keys, as the values they are made of, with their values, in no particular order. Meanwhile
   * values may be set and keys deleted; a new key ends the iteration with an error. Whole numbers in
   * keys come back as number where that is exact, else as bigint.
   */
  entries(): IterableIterator<[readonly KeyValue[], Value]>;
}

/** A keyed state of numbers. */
export interface NumericKeyedState<Value extends number | bigint> extends KeyedState<Value> {
  /**
   * Adds `by` to the value of `key`, which begins at 0, and returns the sum.
   * @throws RangeError when the sum does not fit the kind of the values; nothing is changed then
   *
   * @example
   * ```ts
   * import { BaseBasicBolt, type NumericKeyedState, type Tuple } from "heron-bin";
   * import type { ConfigMap, TopologyContext } from "heron-bin";
   *
   * class Count extends BaseBasicBolt {
   *   #counts?: NumericKeyedState<number>;
   *
   *   override prepare(_config: ConfigMap, context: TopologyContext): void {
   *     this.#counts = context.keyedState("counts", { key: ["word"], value: "int32" });
   *   }
   *   execute(tuple: Tuple): void {
   *     this.#counts?.add(tuple, 1);
   *   }
   * }
   * ```
   */
  add(key: StateKey, by: Value): Value;
}
