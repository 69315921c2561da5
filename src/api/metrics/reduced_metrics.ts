/** Heron's reduced and combined metrics: many updates in a bucket become one value. */

import type { IMetric } from "./metric.ts";

/** Makes one value of many. */
export interface IReducer<Input, State, Result> {
  /** The state of a bucket before its first update. */
  init(): State;
  /** The state after `input`; it may be the same object. */
  reduce(state: State, input: Input): State;
  /** The value of the bucket; null or undefined: it has none, and nothing is published. */
  extractResult(state: State): Result;
}

/**
 * Reduces what it is updated with; each bucket begins anew.
 *
 * @example The mean of what was seen in a bucket
 * ```ts
 * import { MeanReducer, ReducedMetric } from "heron-bin";
 *
 * const bytes = new ReducedMetric(new MeanReducer());
 * bytes.update(1200);
 * ```
 */
export class ReducedMetric<Input, State, Result> implements IMetric<Result> {
  readonly #reducer: IReducer<Input, State, Result>;
  #state: State;

  /** Reduces by `reducer`. */
  constructor(reducer: IReducer<Input, State, Result>) {
    this.#reducer = reducer;
    this.#state = reducer.init();
  }

  /** Takes `value` into this bucket. */
  update(value: Input): void {
    this.#state = this.#reducer.reduce(this.#state, value);
  }

  /** The result of this bucket; the next one begins anew. */
  getValueAndReset(): Result {
    const result = this.#reducer.extractResult(this.#state);
    this.#state = this.#reducer.init();
    return result;
  }
}

/** Reduced metrics by key, published as `name/key`; a key without a result in a bucket is left out. */
export class MultiReducedMetric<Input, State, Result>
  implements IMetric<ReadonlyMap<string, Result>> {
  readonly #metrics = new Map<string, ReducedMetric<Input, State, Result>>();
  readonly #reducer: IReducer<Input, State, Result>;

  /** Reduces each key by `reducer`. */
  constructor(reducer: IReducer<Input, State, Result>) {
    this.#reducer = reducer;
  }

  /** The metric of `key`, made when there is none. */
  scope(key: string): ReducedMetric<Input, State, Result> {
    let metric = this.#metrics.get(key);
    if (metric === undefined) this.#metrics.set(key, metric = new ReducedMetric(this.#reducer));
    return metric;
  }

  /** The results of this bucket by key. */
  getValueAndReset(): ReadonlyMap<string, Result> {
    const results = new Map<string, Result>();
    for (const [key, metric] of this.#metrics) {
      const result = metric.getValueAndReset();
      if (result !== null && result !== undefined) results.set(key, result);
    }
    return results;
  }
}

/** What a `MeanReducer` has seen in a bucket. */
export interface MeanReducerState {
  /** Updates. */
  count: number;
  /** Their sum. */
  sum: number;
}

/** The mean of numbers; undefined for a bucket without any. */
export class MeanReducer implements IReducer<number, MeanReducerState, number | undefined> {
  /** Nothing was seen. */
  init(): MeanReducerState {
    return { count: 0, sum: 0 };
  }

  /**
   * Takes a number in.
   * @throws TypeError for what is no number
   */
  reduce(state: MeanReducerState, input: number): MeanReducerState {
    if (typeof input !== "number") {
      throw new TypeError(`Update a mean: found ${typeof input} "${input}", expected a number`);
    }
    state.count++;
    state.sum += input;
    return state;
  }

  /** The mean so far. */
  extractResult(state: MeanReducerState): number | undefined {
    return state.count === 0 ? undefined : state.sum / state.count;
  }
}

/** Puts two values together: addition with 0, the larger with -Infinity, … */
export interface ICombiner<Value> {
  /** The value that changes no other. */
  identity(): Value;
  /** Both together. */
  combine(first: Value, second: Value): Value;
}

/** Combines what it is updated with; each bucket begins with the combiner's identity. */
export class CombinedMetric<Value> implements IMetric<Value> {
  readonly #combiner: ICombiner<Value>;
  #value: Value;

  /** Combines by `combiner`. */
  constructor(combiner: ICombiner<Value>) {
    this.#combiner = combiner;
    this.#value = combiner.identity();
  }

  /** Takes `value` into this bucket. */
  update(value: Value): void {
    this.#value = this.#combiner.combine(this.#value, value);
  }

  /** What this bucket came to. */
  getValueAndReset(): Value {
    const value = this.#value;
    this.#value = this.#combiner.identity();
    return value;
  }
}
