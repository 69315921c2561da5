import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { expect, test } from "bun:test";
import {
  ForwardMetricsSchema,
  MetricGrouping,
  MetricsRequestSchema,
} from "../base/gen/heron_bin/packet_pb.ts";
import { MetricsCache, WireNames } from "./metrics_cache.ts";
import { answerMetrics } from "./metrics_query.ts";

/** Two tasks of "word", each in a container, and one of "sink": at second 1 and 2. */
function filledCache(): MetricsCache {
  const cache = new MetricsCache();
  const tasks = [["word", "w1", 1, 100], ["word", "w2", 2, 10], ["sink", "s1", 2, 7]] as const;
  for (const [component, instance, container, step] of tasks) {
    const names = new WireNames(container);
    for (const second of [1, 2]) {
      const value = {
        names: second === 1 ? ["__emit-count/a", "__emit-count-like", "__execute-latency"] : [],
        sentMs: second * 1000,
        sources: [{
          component,
          instance,
          timeMs: second * 1000,
          names: [0, 1, 2],
          values: [second * step, 1, step],
          exceptions: second === 1
            ? [{ stacktrace: instance, firsttime: "", lasttime: "", logging: "", count: 1 }]
            : [],
        }],
      };
      cache.take(names, create(ForwardMetricsSchema, value), second * 1000);
    }
  }
  return cache;
}

function ask(
  init: MessageInitShape<typeof MetricsRequestSchema>,
  { nowMs = 2500, exportMs = 1000 } = {},
) {
  const request = create(MetricsRequestSchema, init);
  const answer = answerMetrics(filledCache(), request, { nowMs, exportMs });
  const groups = answer.groups.map((group) => {
    const who = `${group.component}/${group.instance}/${group.container}`;
    const values = group.names.map((
      number,
      at,
    ) => [
      answer.names[number],
      group.counts[at],
      group.sums[at],
      group.perSecond[at],
    ]);
    return [who, group.sources, ...values];
  });
  return { answer, groups };
}

test("answerMetrics() sums by component, with the rate", () => {
  const { groups } = ask({ names: ["__emit-count", "__execute-latency"] });
  expect(groups).toEqual([
    ["word//0", 2, ["__emit-count/a", 2, 220, 110], ["__execute-latency", 2, 110, 0]],
    ["sink//0", 1, ["__emit-count/a", 1, 14, 7], ["__execute-latency", 1, 7, 0]],
  ]);
});

test("answerMetrics() groups by container and by instance", () => {
  const names = ["__emit-count/a"];
  expect(ask({ names, grouping: MetricGrouping.CONTAINER }).groups).toEqual([
    ["//1", 1, ["__emit-count/a", 1, 200, 100]],
    ["//2", 2, ["__emit-count/a", 2, 34, 17]],
  ]);
  const { groups, answer } = ask({ names, grouping: MetricGrouping.INSTANCE, groupsMax: 2 });
  expect(groups).toEqual([
    ["word/w1/1", 1, ["__emit-count/a", 1, 200, 100]],
    ["word/w2/2", 1, ["__emit-count/a", 1, 20, 10]],
  ]);
  expect(answer.truncated).toBe(true);
});

test("answerMetrics() tells of those alone that were asked for, all names if none is given", () => {
  const { groups, answer } = ask({ components: ["sink"], exceptions: true });
  expect(groups.map(([who]) => who)).toEqual(["sink//0"]);
  expect(answer.names).toEqual(["__emit-count/a", "__emit-count-like", "__execute-latency"]);
  expect(answer.exceptions.map(({ instance }) => instance)).toEqual(["s1"]);
  expect(ask({ components: ["word"], names: ["x"] }).groups).toEqual([["word//0", 2]]);
  expect(ask({}).answer.exceptions).toEqual([]);
});

test("answerMetrics() takes rates of who is quiet for 0, and drops values of who is gone", () => {
  const quiet = ask({ components: ["sink"] }, { nowMs: 6000 }).groups;
  expect(quiet[0]?.slice(2)).toContainEqual(["__emit-count/a", 1, 14, 0]);
  expect(quiet[0]?.[1]).toBe(1);
  const gone = ask({ components: ["sink"] }, { nowMs: 30_000 }).groups;
  expect(gone).toEqual([
    ["sink//0", 0, ["__emit-count/a", 1, 14, 0], ["__emit-count-like", 1, 1, 0]],
  ]);
});

test("answerMetrics() waits for who exports seldom before it takes it for gone", () => {
  const sourcesAt = (nowMs: number) =>
    ask({ components: ["sink"] }, { nowMs, exportMs: 10_000 }).groups[0]?.[1];
  expect(sourcesAt(252_000)).toBe(1);
  expect(sourcesAt(252_001)).toBe(0);
});
