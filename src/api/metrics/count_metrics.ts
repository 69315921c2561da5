/** Heron's counts: of one thing, of many by key, and one that is never reset. */

import type { IMetric } from "./metric.ts";

/**
 * Counts; each bucket begins at 0.
 *
 * @example
 * ```ts
 * import { CountMetric, type TopologyContext } from "heron-bin";
 *
 * function prepare(context: TopologyContext): CountMetric {
 *   return context.registerMetric("orders", new CountMetric(), 60);
 * }
 * ```
 */
export class CountMetric implements IMetric<number> {
  #value = 0;

  /** Counts one. */
  incr(): void {
    this.#value++;
  }

  /** Counts `count` at once; a negative number takes away. */
  incrBy(count: number): void {
    this.#value += count;
  }

  /** What was counted in this bucket; the next one begins at 0. */
  getValueAndReset(): number {
    const value = this.#value;
    this.#value = 0;
    return value;
  }
}

/** Counts over the life of the task: the value is never reset. */
export class CumulativeCountMetric implements IMetric<number> {
  #value = 0;

  /** Counts one. */
  incr(): void {
    this.#value++;
  }

  /** Counts `count` at once. */
  incrBy(count: number): void {
    this.#value += count;
  }

  /** What was counted so far. */
  getValueAndReset(): number {
    return this.#value;
  }
}

/**
 * Counts by key; published as `name/key`. A key stays once it was asked for, with 0 in buckets
 * without a count, so keys should be few (the metrics manager remembers 4096 names of a task).
 *
 * @example
 * ```ts
 * import { MultiCountMetric } from "heron-bin";
 *
 * const byCountry = new MultiCountMetric();
 * byCountry.scope("de").incr();
 * ```
 */
export class MultiCountMetric implements IMetric<ReadonlyMap<string, number>> {
  readonly #counts = new Map<string, CountMetric>();

  /** How many keys there are. */
  get size(): number {
    return this.#counts.size;
  }

  /** The count of `key`, made when there is none. */
  scope(key: string): CountMetric {
    let count = this.#counts.get(key);
    if (count === undefined) this.#counts.set(key, count = new CountMetric());
    return count;
  }

  /** The counts of this bucket by key. */
  getValueAndReset(): ReadonlyMap<string, number> {
    const values = new Map<string, number>();
    for (const [key, count] of this.#counts) values.set(key, count.getValueAndReset());
    return values;
  }
}
