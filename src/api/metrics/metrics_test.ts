import { expect, test } from "bun:test";
import { AssignableMetric, MultiAssignableMetric } from "./assignable_metrics.ts";
import { CountMetric, CumulativeCountMetric, MultiCountMetric } from "./count_metrics.ts";
import { isMetric } from "./metric.ts";
import {
  CombinedMetric,
  MeanReducer,
  MultiReducedMetric,
  ReducedMetric,
} from "./reduced_metrics.ts";

test("CountMetric begins each bucket at 0, CumulativeCountMetric does not", () => {
  for (
    const [metric, next] of [[new CountMetric(), 0], [new CumulativeCountMetric(), 6]] as const
  ) {
    metric.incr();
    metric.incrBy(5);
    expect([metric.getValueAndReset(), metric.getValueAndReset()]).toEqual([6, next]);
  }
});

test("MultiCountMetric keeps a key, with 0, and gives the same count for it", () => {
  const counts = new MultiCountMetric();
  counts.scope("a").incr();
  expect(counts.scope("a")).toBe(counts.scope("a"));
  counts.scope("b").incrBy(2);
  expect(counts.getValueAndReset()).toEqual(new Map([["a", 1], ["b", 2]]));
  expect(counts.getValueAndReset()).toEqual(new Map([["a", 0], ["b", 0]]));
});

test("AssignableMetric keeps its value over buckets, by key too", () => {
  const metric = new AssignableMetric<number | string>(1);
  metric.setValue("two");
  expect([metric.getValueAndReset(), metric.getValueAndReset()]).toEqual(["two", "two"]);
  const byKey = new MultiAssignableMetric(0);
  byKey.scope("a").setValue(3);
  byKey.scope("b");
  byKey.getValueAndReset();
  expect(byKey.getValueAndReset()).toEqual(new Map([["a", 3], ["b", 0]]));
});

test("ReducedMetric gives the mean of a bucket, and none for one without updates", () => {
  const mean = new ReducedMetric(new MeanReducer());
  for (const value of [1, 2, 6]) mean.update(value);
  expect([mean.getValueAndReset(), mean.getValueAndReset()]).toEqual([3, undefined]);
  // The caller's mistake that the types refuse.
  expect(() => mean.update("7" as unknown as number)).toThrow('found string "7"');
});

test("MultiReducedMetric leaves keys without a result out", () => {
  const means = new MultiReducedMetric(new MeanReducer());
  means.scope("a").update(4);
  means.scope("b");
  expect(means.getValueAndReset()).toEqual(new Map([["a", 4]]));
  expect(means.getValueAndReset()).toEqual(new Map());
});

test("CombinedMetric begins each bucket with the identity", () => {
  const largest = new CombinedMetric({ identity: () => -Infinity, combine: Math.max });
  for (const value of [2, 9, 4]) largest.update(value);
  expect([largest.getValueAndReset(), largest.getValueAndReset()]).toEqual([9, -Infinity]);
});

test("isMetric() knows what has the method", () => {
  expect([new CountMetric(), { getValueAndReset: () => 1 }].map(isMetric)).toEqual([true, true]);
  expect([undefined, null, 1, {}, { getValueAndReset: 1 }].some(isMetric)).toBe(false);
});
