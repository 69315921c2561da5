import { expect, test } from "bun:test";
import { ManualClock } from "../base/mod.ts";
import { MetricRegistry } from "./metric_registry.ts";

function collected(registry: MetricRegistry): Record<string, string> {
  return Object.fromEntries(registry.collect().map(({ name, value }) => [name, value]));
}

test("collect() exports counters and times once and gauges each time", () => {
  const clock = new ManualClock();
  const registry = new MetricRegistry(clock);
  registry.counter("__emit-count/default").add(3);
  registry.counter("__emit-count/default").add(4);
  registry.time("__pause").start();
  let held = 5;
  registry.gauge("held", () => held);
  clock.jump(20);
  expect(collected(registry)).toEqual({ "__emit-count/default": "7", __pause: "20", held: "5" });
  held = 6;
  expect(collected(registry)).toEqual({ "__emit-count/default": "0", __pause: "0", held: "6" });
});

test("collect() exports by how much totals grew", () => {
  const registry = new MetricRegistry(new ManualClock());
  let total = 10;
  registry.total("bytes", () => total);
  expect(collected(registry)).toEqual({ bytes: "10" });
  expect(collected(registry)).toEqual({ bytes: "0" });
  total = 25;
  expect(collected(registry)).toEqual({ bytes: "15" });
  total = 4;
  expect(collected(registry)).toEqual({ bytes: "4" });
});

test("collect() follows names that come and go", () => {
  const registry = new MetricRegistry(new ManualClock());
  const totals = new Map<string, number>();
  const gauges = new Map([["b", 1.5]]);
  registry.totals(() => totals);
  registry.gauges(() => gauges);
  expect(collected(registry)).toEqual({ b: "1.5" });
  totals.set("a", 2);
  gauges.delete("b");
  expect(collected(registry)).toEqual({ a: "2" });
  totals.delete("a");
  expect(collected(registry)).toEqual({});
  totals.set("a", 5);
  expect(collected(registry)).toEqual({ a: "5" });
});

test("collect() leaves numbers out that are not finite, and counts on from the last that was", () => {
  const registry = new MetricRegistry(new ManualClock());
  let total = Number.NaN;
  registry.gauge("mean", () => Number.POSITIVE_INFINITY);
  registry.total("sum", () => total);
  expect(registry.collect()).toEqual([]);
  const exported = [3, Number.NaN, 5].map((next) => {
    total = next;
    return collected(registry);
  });
  expect(exported).toEqual([{ sum: "3" }, {}, { sum: "2" }]);
});

test("collectNews() is undefined when it would say nothing that the collection before did not", () => {
  const clock = new ManualClock();
  const registry = new MetricRegistry(clock);
  const news = () => registry.collectNews() !== undefined;
  let [total, held, ageMs] = [0, 1, 0];
  registry.total("bytes", () => total);
  registry.gauge("held", () => held);
  registry.restlessGauges(() => [["age", ageMs++]]);
  expect([news(), news(), news()]).toEqual([true, false, false]);
  const changes = [
    () => total += 5,
    () => registry.counter("n").add(2),
    () => registry.time("t").start(),
  ];
  for (const change of changes) {
    change();
    clock.jump(10);
    // That it counts no more is news as well.
    expect(news()).toBe(true);
    registry.time("t").stop();
    expect([news(), news()]).toEqual([true, false]);
  }
  held = 2;
  expect([news(), news()]).toEqual([true, false]);
});

test("collect() exports the mean of what was added to a sum, and none where nothing was", () => {
  const registry = new MetricRegistry(new ManualClock());
  let [sum, count] = [30, 3];
  registry.means(() => [["latency", sum, count]]);
  expect(collected(registry)).toEqual({ latency: "10" });
  expect(collected(registry)).toEqual({});
  [sum, count] = [35, 5];
  expect(collected(registry)).toEqual({ latency: "3" });
  [sum, count] = [8, 2];
  expect(collected(registry)).toEqual({ latency: "4" });
});

test("A mean is of all that was counted since the last export, with exports left out between", () => {
  const registry = new MetricRegistry(new ManualClock());
  let calls = 0;
  registry.restlessTotals(() => [["calls", calls]]);
  registry.means(() => [["latency", 10 * calls * calls, calls]]);
  calls = 1;
  expect(collected(registry)).toEqual({ calls: "1", latency: "10" });
  expect(registry.collectNews()).toBeUndefined();
  calls = 2;
  expect(registry.collectNews()).toBeUndefined();
  calls = 3;
  expect(collected(registry)).toEqual({ calls: "2", latency: "40" });
});
