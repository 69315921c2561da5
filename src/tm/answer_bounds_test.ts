import { create, toBinary } from "@bufbuild/protobuf";
import { expect, test } from "bun:test";
import { type MetricsAnswer, MetricsAnswerSchema } from "../base/gen/heron_bin/packet_pb.ts";
import { boundAnswer } from "./answer_bounds.ts";

/** Groups that have every one of the names, and exceptions. */
function answerOf(counts: { names: number; groups: number; exceptions: number }): MetricsAnswer {
  const names = Array.from({ length: counts.names }, (_, at) => `metric-${at}`);
  const text = "x".repeat(1000);
  return create(MetricsAnswerSchema, {
    names,
    groups: Array.from({ length: counts.groups }, (_, at) => ({
      component: `c${at}`,
      container: 2 ** 31,
      sources: 2 ** 31,
      names: names.keys().toArray(),
      counts: names.map(() => 2 ** 31),
      sums: names.map(() => at),
      perSecond: names.map(() => at),
    })),
    exceptions: Array.from({ length: counts.exceptions }, (_, at) => ({
      component: `c${at}`,
      instance: `i${at}`,
      exception: { stacktrace: text, firsttime: text, lasttime: text, logging: text, count: 1 },
    })),
  });
}

function shapeOf({ names, groups, exceptions, truncated }: MetricsAnswer) {
  return [names.length, groups.length, exceptions.length, truncated];
}

test("boundAnswer() leaves what fits as it is", () => {
  const answer = answerOf({ names: 10, groups: 10, exceptions: 5 });
  expect(boundAnswer(answer, 64 * 1024)).toBe(answer);
});

test("boundAnswer() cuts exceptions first, then groups, then names with their values", () => {
  const max = 64 * 1024;
  const exceptions = answerOf({ names: 10, groups: 10, exceptions: 50 });
  expect(shapeOf(boundAnswer(exceptions, max))).toEqual([10, 10, 15, true]);
  const groups = answerOf({ names: 100, groups: 100, exceptions: 1 });
  expect(shapeOf(boundAnswer(groups, max))).toEqual([100, 23, 0, true]);
  const names = boundAnswer(answerOf({ names: 9000, groups: 3, exceptions: 1 }), max);
  expect(shapeOf(names)).toEqual([915, 2, 0, true]);
  expect(names.groups.every((group) => group.sums.length === names.names.length)).toBe(true);
});

test("boundAnswer() never lets an answer be longer than it may", () => {
  for (const counts of [[3000, 3, 40], [1, 5000, 50], [200, 40, 50], [3000, 50, 0]] as const) {
    const [names, groups, exceptions] = counts;
    for (const max of [64 * 1024, 100_000, 1_000_000]) {
      const bounded = boundAnswer(answerOf({ names, groups, exceptions }), max);
      expect(toBinary(MetricsAnswerSchema, bounded).length).toBeLessThan(max);
    }
  }
});
