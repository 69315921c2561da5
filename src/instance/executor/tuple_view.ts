/**
 * A tuple as user code sees it: a range of its batch until a value is asked
 * for. The batch's bytes live as long as one of its tuples does.
 */

import { type Fields, TupleBase } from "../../api/mod.ts";
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
export class TupleView extends TupleBase {
  readonly #origin: TupleOrigin;
  readonly #bytes: Uint8Array;
  readonly #start: number;
  readonly #end: number;
  #values: unknown[] | undefined;

  /** A view on encoded values. */
  constructor(origin: TupleOrigin, range: ValueRange) {
    super();
    this.#origin = origin;
    this.#bytes = range.bytes;
    this.#start = range.start;
    this.#end = range.end;
  }

  override getValues(): readonly unknown[] {
    this.#values ??= this.#decode();
    return this.#values;
  }

  #decode(): unknown[] {
    const { component, stream, fields } = this.#origin;
    const reader = new ValueReader(this.#bytes, this.#start, this.#end);
    const values: unknown[] = [];
    for (let index = 0; index < fields.size(); index++) values.push(readValue(reader));
    if (reader.at !== this.#end) {
      throw new HeronError(
        "corrupt",
        `Read a tuple of "${component}", stream "${stream}": found ${this.#end - reader.at} B ` +
          `behind its ${values.length} values, expected none`,
      );
    }
    return values;
  }

  override getValue(index: number): unknown {
    const values = this.getValues();
    if (index >= 0 && index < values.length) return values[index];
    throw new RangeError(
      `Read value ${index} of a tuple: not found, expected 0 to ${values.length - 1}`,
    );
  }

  override getFields(): Fields {
    return this.#origin.fields;
  }

  override getSourceComponent(): string {
    return this.#origin.component;
  }

  override getSourceStreamId(): string {
    return this.#origin.stream;
  }

  override getSourceTask(): number {
    return this.#origin.task;
  }
}
