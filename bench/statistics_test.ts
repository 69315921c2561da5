/** Medians, percentiles and interpolated counts on small known lists. */

import { expect, test } from "bun:test";
import { countAt, difference, median, percentile, percentilesOf, spreadOf } from "./statistics.ts";

test("median() is the middle, or the mean of the two in the middle", () => {
  expect(median([5])).toBe(5);
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(() => median([])).toThrow(RangeError);
});

test("percentile() is always one of the values", () => {
  const values = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect([0, 0.5, 0.99, 1].map((share) => percentile(values, share))).toEqual([1, 50, 99, 100]);
  expect(percentile([7], 0.99)).toBe(7);
});

test("percentilesOf() tells how many values there were", () => {
  expect(percentilesOf([1, 2, 3])).toEqual({ p50: 2, p99: 3, p999: 3, max: 3, samples: 3 });
});

test("spreadOf() has the ends too", () => {
  expect(spreadOf([3, 9, 6])).toEqual({ median: 6, least: 3, most: 9 });
});

test("difference() is the same both ways", () => {
  expect(difference(100, 115)).toBeCloseTo(0.15);
  expect(difference(115, 100)).toBeCloseTo(0.15);
  expect(difference(0, 1)).toBe(Infinity);
});

test("countAt() interpolates between two readings and guesses nothing outside", () => {
  const counts = [{ tuples: 0, atMs: 100 }, { tuples: 50, atMs: 200 }, { tuples: 250, atMs: 300 }];
  expect([100, 150, 200, 225, 300].map((atMs) => countAt(counts, atMs))).toEqual(
    [0, 25, 50, 100, 250],
  );
  expect(countAt(counts, 99)).toBeUndefined();
  expect(countAt(counts, 301)).toBeUndefined();
  expect(countAt([], 1)).toBeUndefined();
});
