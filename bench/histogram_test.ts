/** Buckets are exact below 256 µs and near above; histograms add up. */

import { expect, test } from "bun:test";
import { Histogram } from "./histogram.ts";

test("percentiles() is exact to the microsecond for small values", () => {
  const histogram = new Histogram();
  for (let micros = 1; micros <= 200; micros++) histogram.add(micros);
  expect(histogram.percentiles()).toEqual(
    { p50: 0.1, p99: 0.198, p999: 0.2, max: 0.2, samples: 200 },
  );
});

test("percentiles() is within 1 % above, and never below the value", () => {
  for (const micros of [256, 257, 300, 511, 512, 1000, 12_345, 1_000_000, 60_000_000]) {
    const histogram = new Histogram();
    histogram.add(micros);
    const max = (histogram.percentiles()?.max ?? NaN) * 1000;
    expect(max).toBeGreaterThanOrEqual(micros);
    expect(max / micros).toBeLessThan(1.01);
  }
});

test("percentiles() of nothing is undefined, and a value below 0 counts as 0", () => {
  const histogram = new Histogram();
  expect(histogram.percentiles()).toBeUndefined();
  histogram.add(-5);
  expect(histogram.percentiles()?.max).toBe(0);
});

test("add() has room for the largest values", () => {
  const histogram = new Histogram();
  histogram.add(Number.MAX_SAFE_INTEGER);
  expect(histogram.percentiles()?.samples).toBe(1);
});

test("merge() adds what take() took", () => {
  const [whole, part, sum] = [new Histogram(), new Histogram(), new Histogram()];
  for (let value = 1; value < 100_000; value = Math.ceil(value * 1.3)) {
    whole.add(value);
    part.add(value);
    if (value % 2 === 0) sum.merge(part.take());
  }
  sum.merge(part.take());
  expect(part.samples).toBe(0);
  expect(sum.percentiles()).toEqual(whole.percentiles());
});
