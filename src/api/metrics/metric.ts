/**
 * What a user's metric is: a value that is read once a time bucket. The classes
 * beside this file are Heron's; any object with the one method will do.
 */

/**
 * A metric for `TopologyContext.registerMetric`. Once a bucket its value is read on the thread of user
 * code, between two calls. A `Map` or plain object is published as `name/key` for each entry, an array
 * as `name/index`; `null` and `undefined` are left out; the rest is published as text.
 *
 * @example A metric of one's own
 * ```ts
 * import type { IMetric } from "heron-bin";
 *
 * class Largest implements IMetric<number | undefined> {
 *   #largest?: number;
 *
 *   update(value: number): void {
 *     this.#largest = Math.max(this.#largest ?? value, value);
 *   }
 *   getValueAndReset(): number | undefined {
 *     const largest = this.#largest;
 *     this.#largest = undefined;
 *     return largest;
 *   }
 * }
 * ```
 */
export interface IMetric<Value = unknown> {
  /** The value of the bucket that ends; the next one begins. What it throws ends the task. */
  getValueAndReset(): Value;
}

/** Whether `value` can be registered as a metric. */
export function isMetric(value: unknown): value is IMetric {
  return typeof value === "object" && value !== null && "getValueAndReset" in value &&
    typeof value.getValueAndReset === "function";
}
