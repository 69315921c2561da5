import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { expect, test } from "bun:test";
import { MetricPublisherPublishMessageSchema } from "../base/gen/heron/metrics_pb.ts";
import { MetricBodies } from "./metric_body.ts";

type Init = MessageInitShape<typeof MetricPublisherPublishMessageSchema>;

function bodyOf(init: Init): Uint8Array {
  return toBinary(
    MetricPublisherPublishMessageSchema,
    create(MetricPublisherPublishMessageSchema, init),
  );
}

const EXCEPTION = { stacktrace: "at a", lasttime: "2", firsttime: "1", count: 3, logging: "bad" };

test("MetricBodies.read() reads what the library writes, whatever came before", () => {
  const bodies = new MetricBodies();
  const long = "é€".repeat(100);
  const publications: Init[] = [
    {},
    { metrics: [{ name: "a", value: "1" }, { name: "b/c", value: "-2.5" }] },
    { metrics: [{ name: "a", value: "10" }, { name: "b/d", value: "" }] },
    {
      metrics: [{ name: "b/d", value: "3" }, { name: "", value: "4" }, { name: long, value: "5" }],
    },
    { metrics: [{ name: "b", value: "3" }, { name: "", value: "4" }, { name: long, value: "6" }] },
    { metrics: [{ name: `${long}x`, value: "9".repeat(300) }], exceptions: [EXCEPTION] },
    { exceptions: [EXCEPTION] },
    { metrics: Array.from({ length: 5000 }, (_, at) => ({ name: `n${at}`, value: `${at}` })) },
  ];
  for (const init of [...publications, ...publications]) {
    const { metrics, exceptions } = bodies.read(bodyOf(init));
    expect(metrics.map(({ name, value }) => ({ name, value }))).toEqual(
      (init.metrics ?? []).map(({ name = "", value = "" }) => ({ name, value })),
    );
    expect(exceptions.map(({ logging, count }) => [logging, count])).toEqual(
      (init.exceptions ?? []).map(({ logging = "", count = 0 }) => [logging, count]),
    );
  }
});

test("MetricBodies.read() keeps nothing of the bytes that it has read", () => {
  const bodies = new MetricBodies();
  const bytes = bodyOf({ metrics: [{ name: "name", value: "17" }] });
  const { metrics } = bodies.read(bytes);
  bytes.fill(0);
  expect(metrics).toEqual([{ name: "name", value: "17" }]);
});

test("MetricBodies.read() refuses what is cut short anywhere, and what is no publication", () => {
  const bodies = new MetricBodies();
  const whole = bodyOf({ metrics: [{ name: "name", value: "17" }] });
  for (let length = 1; length < whole.length; length++) {
    expect(() => bodies.read(whole.subarray(0, length))).toThrow(/Read published metrics of \d+ B/);
  }
});

test("MetricBodies.read() reads it as another writer may write it", () => {
  const bodies = new MetricBodies();
  const name = [0x0a, 1, 0x61];
  const value = [0x12, 1, 0x35];
  const unknown = [0x18, 7];
  const inOrder = [...name, ...value];
  for (
    const metric of [
      [...value, ...name],
      [...inOrder.slice(0, -1), 0x34, ...value],
      [...inOrder, ...unknown],
    ]
  ) {
    const body = Uint8Array.from([0x0a, metric.length, ...metric]);
    expect(bodies.read(body).metrics).toMatchObject([{ name: "a", value: "5" }]);
  }
  const beside = Uint8Array.from([0x0a, inOrder.length, ...inOrder, ...unknown]);
  expect(bodies.read(beside).metrics).toMatchObject([{ name: "a", value: "5" }]);
});
