import { create } from "@bufbuild/protobuf";
import { expect, test } from "bun:test";
import { MetricGroupSchema } from "../../base/gen/heron_bin/packet_pb.ts";
import { MetricValues } from "./metric_values.ts";

const NAMES = [
  "__execute-count/a",
  "__execute-count/b",
  "__execute-count/word/a",
  "__execute-latency/a",
  "__process/__mem_used_bytes",
  "__ack-count",
  "__execute-latency/b",
  "__execute-latency/word/a",
  "__process-latency/a",
];

function valuesOf(): MetricValues {
  const group = create(MetricGroupSchema, {
    names: [0, 1, 2, 3, 4, 5, 6, 7, 8],
    counts: [2, 2, 2, 2, 2, 1, 1, 2, 2],
    sums: [10, 20, 10, 8, 500, 6, 7, 8, 9],
    perSecond: [1, 2, 1, 0, 0, 3, 0, 0, 0],
  });
  return new MetricValues(NAMES, group);
}

test("MetricValues puts the streams of a metric together, each counted once", () => {
  const values = valuesOf();
  expect(values.sum("__execute-count")).toBe(30);
  expect(values.perSecond("__execute-count")).toBe(3);
  expect(values.sum("__ack-count")).toBe(6);
  // 4 of one tuple, 7 of two.
  expect(values.mean("__execute-latency", "__execute-count")).toBe(6);
});

test("MetricValues tells the parts of a name, and nothing of what is not there", () => {
  const values = valuesOf();
  expect(values.part("__process", "__mem_used_bytes")).toMatchObject({ sum: 500, count: 2 });
  expect([...values.parts("__execute-count")]).toEqual([["a", 1], ["b", 2], ["word/a", 1]]);
  expect([
    values.sum("x"),
    values.perSecond("x"),
    values.mean("x", "x"),
    values.part("__process", "x"),
  ])
    .toEqual([undefined, undefined, undefined, undefined]);
});

test("mean() is of what was counted of late: without tuples there is none", () => {
  const values = valuesOf();
  expect(values.mean("__process-latency", "__execute-count")).toBe(4.5);
  expect(values.mean("__process-latency", "__ack-count")).toBeUndefined();
  expect(values.mean("__execute-latency", "__execute-latency")).toBeUndefined();
});
