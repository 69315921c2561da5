/**
 * A keyed state of whatever a tuple can carry. Values are kept as they are, not
 * as bytes, so a change inside one is kept; they are encoded when they are saved.
 */

import type { StateKey } from "../api/mod.ts";
import {
  type ByteBuffer,
  readValue,
  ValueNotEncodable,
  type ValueReader,
  writeValue,
} from "../tuples/mod.ts";
import { ByteKeyedState, type ByteKeyedStateOptions } from "./byte_keyed_state.ts";

/** Values of all kinds. */
export class AnyState extends ByteKeyedState<unknown> {
  readonly kind = "any";
  readonly savedBytes = undefined;
  /** A record has the place of its value here; 0: none yet. */
  #values: unknown[] = [undefined];
  #free: number[] = [];

  /** An empty state. */
  constructor(options: ByteKeyedStateOptions) {
    super(options, 1);
  }

  override delete(key: StateKey): boolean {
    const slot = this.find(key);
    if (slot < 0) return false;
    const place = this.table.words[this.table.recordAt(slot)]!;
    this.#values[place] = undefined;
    this.#free.push(place);
    this.table.remove(slot);
    return true;
  }

  override clear(): void {
    super.clear();
    this.#values = [undefined];
    this.#free = [];
  }

  override valueOf(record: number): unknown {
    return this.#values[this.table.words[record]!];
  }

  override put(record: number, value: unknown): void {
    const { words } = this.table;
    if (words[record] === 0) words[record] = this.#free.pop() ?? this.#values.length;
    this.#values[words[record]!] = value;
  }

  /** What lies deeper is looked at when it is saved: looking at all of it each time would cost too much. */
  protected override check(value: unknown): void {
    if (value !== undefined && typeof value !== "function" && typeof value !== "symbol") return;
    throw new TypeError(
      `Write to ${this.definition.label}: found ${typeof value}, expected null or data`,
    );
  }

  /** @throws TypeError with the place in the value that cannot be encoded */
  override save(buffer: ByteBuffer, record: number): void {
    try {
      writeValue(buffer, this.valueOf(record));
    } catch (error) {
      if (!(error instanceof ValueNotEncodable)) throw error;
      const key = this.keyOf(record).map(String).join(", ");
      const path = error.path === "" ? "" : `at "${error.path}" `;
      throw new TypeError(
        `Save ${this.definition.label}: the value of key [${key}]: ${path}found ${error.reason}`,
        { cause: error },
      );
    }
  }

  override load(reader: ValueReader): unknown {
    return readValue(reader);
  }
}
