import { expect, test } from "bun:test";
import { type MetricRecord, sizeOf } from "./metric_record.ts";
import { RecordQueue } from "./record_queue.ts";

function record(timestampMs: number, value = "1"): MetricRecord {
  return { timestampMs, source: "s", metrics: [{ name: "n", value }], exceptions: [] };
}

const BYTES = sizeOf(record(0));

test("RecordQueue gives back what it took, in order", () => {
  const queue = new RecordQueue(10 * BYTES);
  for (const at of [1, 2, 3]) queue.offer(record(at));
  expect([queue.length, queue.bytes]).toEqual([3, 3 * BYTES]);
  expect(queue.takeAll().map(({ timestampMs }) => timestampMs)).toEqual([1, 2, 3]);
  expect([queue.length, queue.bytes, queue.dropped]).toEqual([0, 0, 0]);
});

test("RecordQueue drops the oldest when it is full and counts them", () => {
  const queue = new RecordQueue(3 * BYTES);
  for (const at of [1, 2, 3, 4, 5]) queue.offer(record(at));
  expect(queue.dropped).toBe(2);
  expect(queue.bytes).toBe(3 * BYTES);
  expect(queue.takeAll().map(({ timestampMs }) => timestampMs)).toEqual([3, 4, 5]);
});

test("RecordQueue drops a record that is over the limit alone, with all before it", () => {
  const queue = new RecordQueue(3 * BYTES);
  queue.offer(record(1));
  queue.offer(record(2, "9".repeat(4 * BYTES)));
  expect([queue.length, queue.bytes, queue.dropped]).toEqual([0, 0, 2]);
});
