/**
 * Tick tuples: what a bolt with a tick frequency gets besides its input.
 * They come from component `__system` on stream `__tick` and have no values.
 */

import { SYSTEM_COMPONENT, TICK_STREAM } from "./ids.ts";
import type { Tuple } from "./tuple.ts";

/**
 * Whether `tuple` is a tick.
 *
 * @example
 * ```ts
 * import { type BasicOutputCollector, type IBasicBolt, isTick, type Tuple } from "heron-bin";
 *
 * class Rate implements IBasicBolt {
 *   #count = 0;
 *   execute(tuple: Tuple, collector: BasicOutputCollector): void {
 *     if (!isTick(tuple)) this.#count++;
 *     else collector.emit([this.#count]);
 *   }
 * }
 * ```
 */
export function isTick(tuple: Tuple): boolean {
  return tuple.getSourceStreamId() === TICK_STREAM &&
    tuple.getSourceComponent() === SYSTEM_COMPONENT;
}

/**
 * Storm's home of `isTick`.
 *
 * @example
 * ```ts
 * import { type Tuple, TupleUtils } from "heron-bin";
 *
 * function isData(tuple: Tuple): boolean {
 *   return !TupleUtils.isTick(tuple);
 * }
 * ```
 */
export const TupleUtils: { readonly isTick: typeof isTick } = Object.freeze({ isTick });
