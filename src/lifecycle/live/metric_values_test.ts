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
];

function valuesOf(): MetricValues {
  const group = create(MetricGroupSchema, {
    names: [0, 1, 2, 3, 4, 5],
    counts: [2, 2, 2, 2, 2, 1],
    sums: [10, 20, 10, 8, 500, 6],
    perSecond: [1, 2, 1, 0, 0, 3],
  });
  return new MetricValues(NAMES, group);
}

test("MetricValues puts the streams of a metric together, each counted once", () => {
  const values = valuesOf();
  expect(values.sum("__execute-count")).toBe(30);
  expect(values.perSecond("__execute-count")).toBe(3);
  expect(values.sum("__ack-count")).toBe(6);
  expect(values.mean("__execute-latency")).toBe(4);
});

test("MetricValues tells the parts of a name, and nothing of what is not there", () => {
  const values = valuesOf();
  expect(values.part("__process", "__mem_used_bytes")).toMatchObject({ sum: 500, count: 2 });
  expect([...values.parts("__execute-count")]).toEqual([["a", 1], ["b", 2], ["word/a", 1]]);
  expect([values.sum("x"), values.perSecond("x"), values.mean("x"), values.part("__process", "x")])
    .toEqual([undefined, undefined, undefined, undefined]);
});
