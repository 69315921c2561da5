import { create } from "@bufbuild/protobuf";
import { expect, test } from "bun:test";
import {
  MetricPublisherPublishMessageSchema,
  MetricPublisherSchema,
} from "../base/gen/heron/metrics_pb.ts";
import { createRecord, filterRecord, sizeOf, sourceOf } from "./metric_record.ts";

const EXCEPTION = { stacktrace: "s", firsttime: "f", lasttime: "l", logging: "g", count: 2 };
const MESSAGE = create(MetricPublisherPublishMessageSchema, {
  metrics: [{ name: "__emit-count/default", value: "1" }, { name: "mine", value: "2" }],
  exceptions: [EXCEPTION],
});

test("sourceOf() names host, port, component and instance", () => {
  const publisher = create(MetricPublisherSchema, {
    hostname: "h",
    port: 3,
    componentName: "word",
    instanceId: "container_1_word_3",
    instanceIndex: 0,
  });
  expect(sourceOf(publisher)).toBe("h:3/word/container_1_word_3");
});

test("filterRecord() keeps metrics by the beginning of their name, and all exceptions", () => {
  const record = createRecord("h:1/a/b", MESSAGE, 5);
  expect(record).toMatchObject({ timestampMs: 5, source: "h:1/a/b", exceptions: [EXCEPTION] });
  expect(filterRecord(record, ["__emit-count", "x"]).metrics.map(({ name }) => name))
    .toEqual(["__emit-count/default"]);
  expect(filterRecord(record, []).exceptions).toMatchObject([EXCEPTION]);
});

test("sizeOf() grows with names, values and stack traces", () => {
  const small = createRecord("a", { metrics: [], exceptions: [] }, 0);
  const large = createRecord("a", MESSAGE, 0);
  expect(sizeOf(large)).toBeGreaterThan(sizeOf(small));
  const exceptions = [{ ...EXCEPTION, stacktrace: "x".repeat(1000) }];
  expect(sizeOf({ ...large, exceptions })).toBe(sizeOf(large) + 999);
});
