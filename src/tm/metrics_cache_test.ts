import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { expect, test } from "bun:test";
import { ForwardMetricsSchema } from "../base/gen/heron_bin/packet_pb.ts";
import { type CacheLimits, MetricsCache, WireNames } from "./metrics_cache.ts";

type Init = MessageInitShape<typeof ForwardMetricsSchema>;

function cacheOf(limits: Partial<CacheLimits> = {}) {
  const cache = new MetricsCache(limits);
  const names = new WireNames(1);
  const take = (init: Init, nowMs = 0) =>
    cache.take(names, create(ForwardMetricsSchema, init), nowMs);
  return { cache, take };
}

function source(instance: string, numbers: readonly number[], timeMs = 1000) {
  return {
    component: "word",
    instance,
    timeMs,
    names: [...numbers],
    values: numbers.map((number) => number + 10),
  };
}

test("take() knows names by the numbers of their connection", () => {
  const { cache, take } = cacheOf();
  take({ names: ["__emit-count/a", "mine"], sources: [source("w1", [0, 1])] });
  take({ names: ["other"], sources: [source("w2", [2])] });
  expect([...cache.namesOf("word")]).toEqual([
    { name: "__emit-count/a", slot: 0, isCount: true },
    { name: "mine", slot: 1, isCount: false },
    { name: "other", slot: 2, isCount: false },
  ]);
  expect([...cache.sources].map((one) => [one.instance, one.last(0), one.last(1), one.last(2)]))
    .toEqual([["w1", 10, 11, Number.NaN], ["w2", Number.NaN, Number.NaN, 12]]);
});

test("take() refuses what no metrics manager says", () => {
  const { take } = cacheOf();
  expect(() => take({ sources: [source("w1", [0])] })).toThrow("found name 0");
  expect(() => take({ names: ["a"], sources: [{ ...source("w1", [0]), values: [] }] }))
    .toThrow("1 names and 0 values");
  expect(() => take({ sources: [source("w1", [], Number.NaN)] })).toThrow("at NaN");
  expect(() => take({ names: Array.from({ length: 5000 }, (_, at) => `n${at}`) }))
    .toThrow("more than 4096 names");
});

test("MetricsCache lets go of what is over its limits, and counts it", () => {
  const { cache, take } = cacheOf({ sourcesMax: 2, namesMax: 3, cellsMax: 8 * 7 });
  const names = ["a", "b", "c", "d", "e".repeat(600)];
  take({ names, sources: [source("w1", [0, 1, 2, 3, 4])] });
  expect(cache.dropped).toBe(2);
  // There is room for eight names of one source.
  take({ sources: [source("w2", [0])] });
  expect(cache.dropped).toBe(3);
  take({ sources: [source("w3", [0, 1])] });
  expect(cache.dropped).toBe(5);
  expect([...cache.sources].map(({ instance }) => instance)).toEqual(["w1", "w2"]);
});

test("MetricsCache keeps the last exceptions, those of one place as one", () => {
  const { cache, take } = cacheOf({ exceptionsMax: 2 });
  const told = (stacktrace: string, time: string, count = 1) =>
    take({
      sources: [{
        ...source("w1", []),
        exceptions: [{ stacktrace, firsttime: time, lasttime: time, count, logging: "" }],
      }],
    });
  told("one", "t1");
  told("two", "t2");
  told("one", "t3", 4);
  const seen = () =>
    cache.exceptions.map(({ exception: { stacktrace, firsttime, lasttime, count } }) =>
      `${stacktrace} ${firsttime}-${lasttime} x${count}`
    );
  expect(seen()).toEqual(["two t2-t2 x1", "one t1-t3 x5"]);
  told("x".repeat(10_000), "t4");
  expect(cache.exceptions.map(({ exception }) => exception.stacktrace.length)).toEqual([3, 4096]);
});

test("MetricsCache holds 10,000 tasks of 24 metrics below its limit", () => {
  const { cache, take } = cacheOf();
  const names = Array.from({ length: 24 }, (_, at) => `__emit-count/${at}`);
  take({ names });
  const numbers = names.map((_, at) => at);
  for (let task = 0; task < 10_000; task++) take({ sources: [source(`w${task}`, numbers)] });
  expect(cache.dropped).toBe(0);
});

test("take() dates reports by the own clock, however the clock of the other side goes", () => {
  const { cache, take } = cacheOf();
  take({ names: ["__emit-count"] });
  const tell = (count: number, timeMs: number) => ({
    sentMs: timeMs + 400,
    sources: [{ ...source("w1", [0], timeMs), values: [count] }],
  });
  take(tell(100, 90_000), 5400);
  take(tell(200, 30_000), 6400);
  take(tell(300, 31_000), 7400);
  const [only] = cache.sources;
  expect(only?.lastMs).toBe(7000);
  expect(only?.perSecond(0, 5000)).toBe(100);
});
