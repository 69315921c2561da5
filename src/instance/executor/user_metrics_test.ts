import { expect, test } from "bun:test";
import {
  AssignableMetric,
  CountMetric,
  GlobalMetrics,
  MeanReducer,
  MultiCountMetric,
  ReducedMetric,
} from "../../api/mod.ts";
import type { PostedMetric } from "../bridge.ts";
import { type Registrable, UserMetrics } from "./user_metrics.ts";

function create() {
  const published: Record<string, string>[] = [];
  let turns = 0;
  const metrics = new UserMetrics(
    (values: readonly PostedMetric[]) => {
      // The counts of other tests of this process are 0.
      const own = values.filter(({ name, value }) =>
        !name.startsWith("__auto__/") || value !== "0"
      );
      published.push(Object.fromEntries(own.map(({ name, value }) => [name, value])));
    },
    () => turns++,
  );
  return { metrics, take: () => published.splice(0), turns: () => turns };
}

test("UserMetrics publishes each bucket size by itself, and resets what it has read", () => {
  const { metrics, take, turns } = create();
  const count = new CountMetric();
  expect(metrics.register("fast", count, 1)).toBe(count);
  metrics.register("slow", new AssignableMetric("x"), 2.5);
  expect(turns()).toBe(2);
  count.incrBy(3);
  expect(metrics.tend(1000)).toBe(2000);
  expect(metrics.tend(1999)).toBe(2000);
  expect(take()).toEqual([]);
  expect(metrics.tend(2000)).toBe(3000);
  expect(take()).toEqual([{ "fast": "3", "__collector-collection-count": "1" }]);
  expect(metrics.tend(3500)).toBe(4000);
  expect(take()).toEqual([
    { "fast": "0", "__collector-collection-count": "1" },
    { "slow": "x", "__collector-collection-count": "1" },
  ]);
});

test("UserMetrics makes one of the buckets that user code has blocked", () => {
  const { metrics, take } = create();
  metrics.register("count", new CountMetric(), 1);
  metrics.tend(0);
  expect(metrics.tend(5300)).toBe(6000);
  expect(take().length).toBe(1);
});

test("UserMetrics publishes maps by key and lists by index, and leaves out what is nothing", () => {
  const { metrics, take } = create();
  const counts = new MultiCountMetric();
  counts.scope("a").incr();
  metrics.register("counts", counts, 1);
  metrics.register("list", { getValueAndReset: () => [5, null, 7n] }, 1);
  metrics.register("object", { getValueAndReset: () => ({ on: true, deep: { x: 1 } }) }, 1);
  metrics.register("nothing", { getValueAndReset: () => null }, 1);
  metrics.register("mean", new ReducedMetric(new MeanReducer()), 1);
  metrics.end();
  expect(take()).toEqual([{
    "counts/a": "1",
    "list/0": "5",
    "list/2": "7",
    "object/on": "true",
    "object/deep": '{"x":1}',
    "__collector-collection-count": "1",
  }]);
});

test("UserMetrics makes metrics of reducers and combiners", () => {
  const { metrics, take } = create();
  // Any state and input.
  const mean = metrics.register("mean", new MeanReducer() as Registrable, 1);
  // What a reducer makes is a reduced metric.
  (mean as ReducedMetric<number, unknown, unknown>).update(4);
  const sum = { identity: () => 0, combine: (a: number, b: number) => a + b };
  // A combiner of numbers alone.
  metrics.register("sum", sum as Registrable, 1);
  metrics.end();
  expect(take()).toEqual([{ mean: "4", sum: "0", "__collector-collection-count": "1" }]);
});

test("UserMetrics refuses a second metric of a name, names of heron-bin, and what is no metric", () => {
  const { metrics } = create();
  metrics.register("count", new CountMetric(), 1);
  expect(() => metrics.register("count", new CountMetric(), 5)).toThrow(
    'Register metric "count": the task has one of that name',
  );
  for (const name of ["", "__emit-count"]) {
    expect(() => metrics.register(name, new CountMetric(), 1)).toThrow("expected one of its own");
  }
  for (const seconds of [0, -1, NaN, Infinity, 0.01]) {
    expect(() => metrics.register("other", new CountMetric(), seconds)).toThrow(RangeError);
  }
  // The caller's mistake that the types refuse.
  for (const given of [undefined, null, 5, {}] as unknown as Registrable[]) {
    expect(() => metrics.register("other", given, 1)).toThrow(TypeError);
  }
});

test("UserMetrics publishes the counts of GlobalMetrics each minute", () => {
  const { metrics, take } = create();
  GlobalMetrics.incr("parsed");
  GlobalMetrics.incrBy("parsed", 2);
  expect(metrics.tend(0)).toBe(60_000);
  metrics.tend(60_000);
  expect(take()).toEqual([{ "__auto__/parsed": "3", "__collector-collection-count": "1" }]);
});
