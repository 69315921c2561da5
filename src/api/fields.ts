/**
 * The ordered names of a tuple's values. Which streams have which fields is
 * the topology definition's.
 */

// Of types only: says what a `Fields` carries that no code reads.
declare const VALUES: unique symbol;

/**
 * Ordered field names, each once. `of` says the types of their values, for the compiler alone.
 *
 * @example
 * ```ts
 * import { Fields } from "heron-bin";
 *
 * const fields = new Fields("word", "count").of<[string, number]>();
 * console.log(fields.fieldIndex("count")); // 1
 * ```
 */
export class Fields<
  const Names extends readonly string[] = readonly string[],
  Values extends readonly unknown[] = readonly unknown[],
> implements Iterable<Names[number]> {
  /** Never there; the types of the values are kept in it. */
  declare readonly [VALUES]?: Values;
  readonly #names: Names;
  readonly #indexes: ReadonlyMap<string, number>;

  /**
   * Makes the list of `names`.
   * @throws TypeError when a name is no string or comes twice
   */
  constructor(...names: Names);
  /**
   * Makes the list of `names`.
   * @throws TypeError when a name is no string or comes twice
   */
  constructor(names: Names);
  constructor(...names: readonly string[] | readonly [readonly string[]]) {
    const list = names.flat();
    const indexes = new Map<string, number>();
    for (const name of list) {
      if (typeof name !== "string") {
        throw new TypeError(
          `Create fields: found a name of type "${typeof name}", expected strings`,
        );
      }
      if (indexes.has(name)) {
        throw new TypeError(`Create fields: "${name}" comes twice, expected each name once`);
      }
      indexes.set(name, indexes.size);
    }
    // The names as they were given, in one list.
    this.#names = Object.freeze(list) as readonly string[] as Names;
    this.#indexes = indexes;
  }

  /**
   * These fields, with the types of their values in the order of the names. Nothing happens when it
   * is called: components and tuples typed by the result are checked by the compiler.
   */
  of<Types extends { readonly [I in keyof Names]: unknown }>(): Fields<Names, Types> {
    // What is added is never there.
    return this as Fields<Names, readonly unknown[]> as Fields<Names, Types>;
  }

  /** The number of fields. */
  size(): number {
    return this.#names.length;
  }

  /**
   * The name at `index`.
   * @throws RangeError when there is none
   */
  get(index: number): string {
    const name = this.#names[index];
    if (name === undefined) {
      throw new RangeError(`Read field name ${index}: expected 0 to ${this.size() - 1}`);
    }
    return name;
  }

  /**
   * The position of `name`.
   * @throws RangeError when it is none of the fields
   */
  fieldIndex(name: string): number {
    const index = this.#indexes.get(name);
    if (index === undefined) {
      throw new RangeError(
        `Look up field "${name}": not found, expected one of ${this.#names.join(", ") || "none"}`,
      );
    }
    return index;
  }

  /** Whether `name` is one of the fields. */
  contains(name: string): boolean {
    return this.#indexes.has(name);
  }

  /**
   * The values of `values` (in the order of these fields) that `selector` names, in its order.
   * @throws RangeError when it names an unknown field
   */
  select(selector: Fields, values: readonly unknown[]): unknown[] {
    return selector.toList().map((name) => values[this.fieldIndex(name)]);
  }

  /** The names in their order. */
  toList(): Names {
    return this.#names;
  }

  /** Iterates over the names in their order. */
  [Symbol.iterator](): Iterator<Names[number]> {
    return this.#names[Symbol.iterator]();
  }

  /** The names, separated by commas. */
  toString(): string {
    return `[${this.#names.join(", ")}]`;
  }
}
