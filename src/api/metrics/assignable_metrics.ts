/** Heron's assignable metrics: whatever value was set last, not reset by a bucket. */

import type { IMetric } from "./metric.ts";

/**
 * Holds the value that was set last; a bucket does not reset it.
 *
 * @example
 * ```ts
 * import { AssignableMetric } from "heron-bin";
 *
 * const depth = new AssignableMetric(0);
 * depth.setValue(17);
 * ```
 */
export class AssignableMetric<Value = unknown> implements IMetric<Value> {
  #value: Value;

  /** Begins with `value`. */
  constructor(value: Value) {
    this.#value = value;
  }

  /** Sets the value. */
  setValue(value: Value): void {
    this.#value = value;
  }

  /** The value that was set last. */
  getValueAndReset(): Value {
    return this.#value;
  }
}

/** Assignable metrics by key; published as `name/key`. */
export class MultiAssignableMetric<Value = unknown> implements IMetric<ReadonlyMap<string, Value>> {
  readonly #metrics = new Map<string, AssignableMetric<Value>>();
  readonly #initial: Value;

  /** Each key begins with `initial`. */
  constructor(initial: Value) {
    this.#initial = initial;
  }

  /** The metric of `key`, made when there is none. */
  scope(key: string): AssignableMetric<Value> {
    let metric = this.#metrics.get(key);
    if (metric === undefined) {
      this.#metrics.set(key, metric = new AssignableMetric(this.#initial));
    }
    return metric;
  }

  /** The values set last, by key. */
  getValueAndReset(): ReadonlyMap<string, Value> {
    const values = new Map<string, Value>();
    for (const [key, metric] of this.#metrics) values.set(key, metric.getValueAndReset());
    return values;
  }
}
