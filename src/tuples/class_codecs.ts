/**
 * The classes of user code whose instances a topology's tuples carry: found by
 * prototype when they are written, by index when they are read. The index is the
 * place among the names in order, which the plan records, so both sides agree.
 */

import type { RegisteredSerialization } from "../api/mod.ts";

/** The class codecs of one topology. */
export class ClassCodecs {
  readonly #codecs: readonly RegisteredSerialization[];
  readonly #indexes: ReadonlyMap<unknown, number>;

  /** `codecs` in the order of their names. */
  constructor(codecs: readonly RegisteredSerialization[]) {
    this.#codecs = codecs;
    this.#indexes = new Map(codecs.map(({ prototype }, index) => [prototype, index]));
  }

  /** The index of the class with `prototype`; undefined: it is not registered. */
  indexOf(prototype: unknown): number | undefined {
    return this.#indexes.get(prototype);
  }

  /** The codec of a class; undefined: there is none. */
  at(index: unknown): RegisteredSerialization | undefined {
    return typeof index === "number" ? this.#codecs[index] : undefined;
  }
}
