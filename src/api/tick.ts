/**
 * Tick tuples: what a bolt with a tick frequency gets besides its input.
 * They come from component `__system` on stream `__tick` and have no values.
 */

import { Config } from "./config.ts";
import type { ConfigMap } from "./definition.ts";
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

function putTickFrequencyIntoComponentConfig(config: ConfigMap, seconds: number): ConfigMap {
  return { ...config, [Config.TOPOLOGY_TICK_TUPLE_FREQ_SECS]: seconds };
}

/** Storm's helpers for tuples. */
export interface TupleUtils {
  /** Whether a tuple is a tick. */
  isTick(tuple: Tuple): boolean;
  /**
   * A copy of a component's configuration with so many seconds between tick tuples, above 0; for
   * `getComponentConfiguration`. `BoltDeclarer.setTickTupleFrequency` does the same from outside.
   */
  putTickFrequencyIntoComponentConfig(config: ConfigMap, seconds: number): ConfigMap;
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
export const TupleUtils: TupleUtils = Object.freeze({
  isTick,
  putTickFrequencyIntoComponentConfig,
});
