/**
 * A tuple over a list in memory: tick tuples, and tests. Tuples that came over
 * the wire are the executor's.
 */

import { Fields } from "./fields.ts";
import { SYSTEM_COMPONENT, TICK_STREAM } from "./ids.ts";
import { TupleBase } from "./tuple_base.ts";

/** Where a tuple came from. */
export interface TupleSource {
  readonly component: string;
  readonly stream: string;
  readonly task: number;
}

/** A tuple of the given values. */
export class ListTuple extends TupleBase {
  readonly #fields: Fields;
  readonly #values: readonly unknown[];
  readonly #source: TupleSource;

  /** @throws RangeError when there are more or fewer values than fields */
  constructor(fields: Fields, values: readonly unknown[], source: TupleSource) {
    super();
    if (values.length !== fields.size()) {
      throw new RangeError(
        `Create a tuple: found ${values.length} values, expected ${fields.size()} for ${fields}`,
      );
    }
    this.#fields = fields;
    this.#values = Object.freeze([...values]);
    this.#source = source;
  }

  override getValue(index: number): unknown {
    if (!(index in this.#values)) {
      throw new RangeError(
        `Read value ${index} of a tuple: found ${this.#values.length} values, ${this.#fields}`,
      );
    }
    return this.#values[index];
  }

  override getValues(): readonly unknown[] {
    return this.#values;
  }

  override getFields(): Fields {
    return this.#fields;
  }

  override getSourceComponent(): string {
    return this.#source.component;
  }

  override getSourceStreamId(): string {
    return this.#source.stream;
  }

  override getSourceTask(): number {
    return this.#source.task;
  }
}

/** The task that tick tuples name as their source: none. */
const SYSTEM_TASK = -1;

const TICK_SOURCE: TupleSource = Object.freeze({
  component: SYSTEM_COMPONENT,
  stream: TICK_STREAM,
  task: SYSTEM_TASK,
});

/** A new tick tuple; it has no values. */
export function createTickTuple(): ListTuple {
  return new ListTuple(new Fields(), [], TICK_SOURCE);
}
