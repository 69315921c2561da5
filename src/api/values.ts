/**
 * Storm's way to write the values of a tuple; a plain array does as well.
 * What kinds of values there may be is the encoder's.
 */

/**
 * The values of a tuple, in the order of the stream's fields.
 *
 * @example
 * ```ts
 * import { Values } from "heron-bin";
 *
 * const values = new Values("the", 1);
 * console.log(values.length); // 2
 * ```
 */
export class Values extends Array<unknown> {
  /** What `map`, `slice` and the like return: plain arrays. */
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }

  /** Makes the list of `values`; a single number is a value too, not a length. */
  constructor(...values: readonly unknown[]) {
    super();
    this.push(...values);
  }
}
