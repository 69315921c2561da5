import { expect, test } from "bun:test";
import { CachedSource } from "./cached_source.ts";

/** A report of counts. */
function report(source: CachedSource, timeMs: number, values: readonly number[]): void {
  source.begin(timeMs);
  for (const [slot, value] of values.entries()) source.put(slot, value, true);
}

test("CachedSource keeps the last value, and NaN for what was never told", () => {
  const source = new CachedSource("word", "w1", 1);
  report(source, 1000, [7]);
  expect(source.last(0)).toBe(7);
  expect(source.last(1)).toBeNaN();
  expect(source.last(100)).toBeNaN();
  // What is not told again is as it was, also when names are added.
  source.begin(2000);
  source.put(20, 5, true);
  expect([source.last(0), source.last(20)]).toEqual([7, 5]);
  expect(source.cellsFor(20)).toBe(0);
  expect(source.cellsFor(24)).toBe(8 * 7);
});

test("perSecond() is taken over the reports of the window, two at least", () => {
  const source = new CachedSource("word", "w1", 1);
  report(source, 1000, [100]);
  expect(source.perSecond(0, 5000)).toBeNaN();
  report(source, 2000, [300]);
  expect(source.perSecond(0, 5000)).toBe(200);
  report(source, 4000, [300]);
  expect(source.perSecond(0, 5000)).toBeCloseTo(200 / 3);
  expect(source.perSecond(0, 2000)).toBe(0);
  // However long ago the one before was.
  report(source, 14_000, [1300]);
  expect(source.perSecond(0, 5000)).toBe(100);
});

test("perSecond() goes round: only the newest reports are kept", () => {
  const source = new CachedSource("word", "w1", 1);
  for (let second = 1; second <= 20; second++) report(source, second * 1000, [second * second]);
  expect(source.last(0)).toBe(400);
  expect(source.perSecond(0, 60_000)).toBe((400 - 225) / 5);
});

test("put() goes on with a count that begins anew, and takes other values as they are", () => {
  const source = new CachedSource("word", "w1", 1);
  report(source, 1000, [100]);
  report(source, 2000, [40]);
  expect(source.last(0)).toBe(140);
  report(source, 3000, [60]);
  expect(source.last(0)).toBe(160);
  report(source, 4000, [10]);
  expect(source.last(0)).toBe(170);
  const gauge = new CachedSource("word", "w2", 1);
  for (const [timeMs, value] of [[1000, 100], [2000, 40]] as const) {
    gauge.begin(timeMs);
    gauge.put(0, value, false);
  }
  expect(gauge.last(0)).toBe(40);
});

test("perSecond() counts a value that shrank from 0: the process began anew", () => {
  const source = new CachedSource("word", "w1", 1);
  for (const [timeMs, value] of [[1000, 900], [2000, 1000], [3000, 40], [4000, 140]] as const) {
    source.begin(timeMs);
    source.put(0, value, false);
  }
  expect(source.perSecond(0, 5000)).toBe((100 + 40 + 100) / 3);
});

test("begin() goes on with the report of the same told time, and lets no other clock set the time", () => {
  const source = new CachedSource("word", "w1", 1);
  const reports = [
    [1000, 80_000, 0, 100],
    [1002, 80_000, 1, 7000],
    [2000, 20_000, 0, 300],
    [2001, 20_000, 1, 7000],
  ] as const;
  for (const [timeMs, toldMs, slot, value] of reports) {
    source.begin(timeMs, toldMs);
    source.put(slot, value, true);
  }
  expect(source.lastMs).toBe(2000);
  expect([source.perSecond(0, 5000), source.perSecond(1, 5000)]).toEqual([200, 0]);
});

test("isQuiet() is said after some intervals without a report", () => {
  const source = new CachedSource("word", "w1", 1);
  expect(source.isQuiet(0)).toBe(true);
  report(source, 1000, [1]);
  expect(source.isQuiet(4000)).toBe(false);
  expect(source.isQuiet(4001)).toBe(true);
  report(source, 5000, [2]);
  expect(source.isQuiet(15_000)).toBe(false);
  expect(source.isQuiet(15_001)).toBe(true);
});
