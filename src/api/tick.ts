/**
 * Tick tuples: what a bolt with a tick frequency gets besides its input.
 * They come from component `__system` on stream `__tick` and have no values.
 */

import { Config, isConfig } from "./config.ts";
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

function putTickFrequencyIntoComponentConfig(config: ConfigMap, seconds: number): ConfigMap;
function putTickFrequencyIntoComponentConfig(config: Config, seconds: number): Config;
function putTickFrequencyIntoComponentConfig(
  config: ConfigMap | Config,
  seconds: number,
): ConfigMap | Config {
  const key = Config.TOPOLOGY_TICK_TUPLE_FREQ_SECS;
  if (isConfig(config)) return new Config().putAll(config).put(key, seconds);
  return { ...config, [key]: seconds };
}

/** Storm's helpers for tuples. */
export interface TupleUtils {
  /** Whether a tuple is a tick. */
  isTick(tuple: Tuple): boolean;
  /**
   * A copy of a component's configuration with so many seconds between tick tuples, 0: none; for
   * `getComponentConfiguration`. `BoltDeclarer.setTickTupleFrequency` does the same from outside.
   */
  putTickFrequencyIntoComponentConfig(config: ConfigMap, seconds: number): ConfigMap;
  /** The same of a `Config`, whose copy is one too. */
  putTickFrequencyIntoComponentConfig(config: Config, seconds: number): Config;
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
