/** Heron's counts that need no registration; published as `__auto__/<name>` once a minute. */

import { MultiCountMetric } from "./count_metrics.ts";

const COUNTS = new MultiCountMetric();

function count(name: string, times: number): void {
  COUNTS.scope(name).incrBy(times);
}

/**
 * Counts of a task by name, from wherever its code is, without a context.
 *
 * @example
 * ```ts
 * import { GlobalMetrics } from "heron-bin";
 *
 * function parse(text: string): unknown {
 *   GlobalMetrics.incr("parsed");
 *   return JSON.parse(text);
 * }
 * ```
 */
export const GlobalMetrics: GlobalMetrics = Object.freeze({
  incr: (name: string) => count(name, 1),
  incrBy: count,
  safeIncr: (name: string) => count(name, 1),
  safeIncrBy: count,
});

/** What `GlobalMetrics` can do. */
export interface GlobalMetrics {
  /** Counts one under `name`. */
  incr(name: string): void;
  /** Counts `count` under `name`. */
  incrBy(name: string, count: number): void;
  /** The same as `incr`, which here is safe before a task runs too. */
  safeIncr(name: string): void;
  /** The same as `incrBy`. */
  safeIncrBy(name: string, count: number): void;
}

/** All of these counts, for the executor; undefined while there is none. */
export function globalCounts(): MultiCountMetric | undefined {
  return COUNTS.size === 0 ? undefined : COUNTS;
}
