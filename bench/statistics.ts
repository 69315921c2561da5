/** Medians and the like of few figures, and what a count was between two readings. Pure. */

import type { Percentiles } from "./histogram.ts";
import type { Count } from "./line_formats.ts";

/** The middle of figures and how far they are spread. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/**
 * The middle of `values`, of an even number the mean of the two in the middle.
 * @throws RangeError without values
 */
export function median(values: readonly number[]): number {
  return (quantile(values, 0.5, "lower") + quantile(values, 0.5, "upper")) / 2;
}

/**
 * The value that a share of `values` does not exceed, always one of them.
 * @throws RangeError without values
 */
export function percentile(values: readonly number[], share: number): number {
  return quantile(values, share, "lower");
}

function quantile(values: readonly number[], share: number, side: "lower" | "upper"): number {
  const sorted = [...values].sort((a, b) => a - b);
  const exact = sorted.length * share;
  const index = side === "lower" ? Math.ceil(exact) - 1 : Math.floor(exact);
  const value = sorted[Math.min(Math.max(index, 0), sorted.length - 1)];
  if (value === undefined) throw new RangeError("Find a percentile: found no values");
  return value;
}

/**
 * Median, least and most.
 * @throws RangeError without values
 */
export function spreadOf(values: readonly number[]): Spread {
  return { median: median(values), least: Math.min(...values), most: Math.max(...values) };
}

/** By how much the larger of two figures is above the smaller: 0.15 is 15 %. */
export function difference(a: number, b: number): number {
  const smaller = Math.min(a, b);
  return smaller > 0 ? Math.max(a, b) / smaller - 1 : Infinity;
}

/**
 * The count at `atMs`, between the two readings around it; undefined when there is none before or
 * none after. `counts` are in the order of time.
 */
export function countAt(counts: readonly Count[], atMs: number): number | undefined {
  const index = counts.findIndex((one) => one.atMs >= atMs);
  const after = counts[index];
  if (after === undefined) return undefined;
  if (after.atMs === atMs) return after.tuples;
  const before = counts[index - 1];
  if (before === undefined) return undefined;
  const share = (atMs - before.atMs) / (after.atMs - before.atMs);
  return before.tuples + (after.tuples - before.tuples) * share;
}

/**
 * The percentiles of few exact times in milliseconds.
 * @throws RangeError without values
 */
export function percentilesOf(timesMs: readonly number[]): Percentiles {
  const at = (share: number): number => percentile(timesMs, share);
  return { p50: at(0.5), p99: at(0.99), p999: at(0.999), max: at(1), samples: timesMs.length };
}
