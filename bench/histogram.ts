/**
 * A histogram of times whose buckets grow with the value: exact to a microsecond below 256 µs and
 * to less than 1 % above. Buckets of several are added up, so a second of one can travel as text.
 */

import type { Bucket } from "./line_formats.ts";

/** Values below this have a bucket each. */
const EXACT = 256;
/** Buckets that each doubling of the value has. */
const PER_DOUBLING = EXACT / 2;
const DOUBLINGS_MAX = 40;

/** Percentiles of times, in milliseconds. */
export interface Percentiles {
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
  readonly samples: number;
}

/** A histogram of whole microseconds. */
export class Histogram {
  readonly #counts = new Float64Array(EXACT + PER_DOUBLING * DOUBLINGS_MAX);
  #samples = 0;

  /** Values so far. */
  get samples(): number {
    return this.#samples;
  }

  /** Adds a value in microseconds; one below 0, which only clocks that differ make, is taken for 0. */
  add(micros: number): void {
    const index = bucketOf(Math.max(0, Math.floor(micros)));
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    this.#samples++;
  }

  /** Adds the buckets of another. */
  merge(buckets: readonly Bucket[]): void {
    for (const [index, count] of buckets) {
      this.#counts[index] = (this.#counts[index] ?? 0) + count;
      this.#samples += count;
    }
  }

  /** The buckets that are not empty; it is empty after. */
  take(): Bucket[] {
    const buckets: Bucket[] = [];
    for (const [index, count] of this.#counts.entries()) {
      if (count > 0) buckets.push([index, count]);
    }
    this.#counts.fill(0);
    this.#samples = 0;
    return buckets;
  }

  /** The percentiles, each the upper edge of its bucket; undefined without values. */
  percentiles(): Percentiles | undefined {
    if (this.#samples === 0) return undefined;
    return {
      p50: this.#valueAt(0.5),
      p99: this.#valueAt(0.99),
      p999: this.#valueAt(0.999),
      max: this.#valueAt(1),
      samples: this.#samples,
    };
  }

  /** The smallest value, in milliseconds, that so large a share of all values does not exceed. */
  #valueAt(share: number): number {
    let left = Math.ceil(this.#samples * share);
    for (const [index, count] of this.#counts.entries()) {
      left -= count;
      if (left <= 0) return upperEdgeOf(index) / 1000;
    }
    return NaN;
  }
}

/** The bucket of a whole number of microseconds. */
function bucketOf(micros: number): number {
  if (micros < EXACT) return micros;
  const doublings = Math.min(Math.floor(Math.log2(micros / EXACT)), DOUBLINGS_MAX - 1);
  const within = Math.floor(micros / 2 ** (doublings + 1)) - PER_DOUBLING;
  return EXACT + doublings * PER_DOUBLING + Math.min(within, PER_DOUBLING - 1);
}

/** The end of a bucket, in microseconds. */
function upperEdgeOf(index: number): number {
  if (index < EXACT) return index;
  const doublings = Math.floor((index - EXACT) / PER_DOUBLING);
  const within = (index - EXACT) % PER_DOUBLING;
  return (PER_DOUBLING + within + 1) * 2 ** (doublings + 1);
}
