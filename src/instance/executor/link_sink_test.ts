import { expect, test } from "bun:test";
import { takeRecord } from "../../../tests/support/bridges.ts";
import { Doorbell } from "../../tuples/mod.ts";
import { LinkSink } from "./link_sink.ts";

function openSink() {
  const sent: number[] = [];
  const link = { isOpen: true, sent };
  let rings = 0;
  const words = new Int32Array(Doorbell.bytes / Int32Array.BYTES_PER_ELEMENT);
  const bell = new Doorbell(words, { onRung: () => void rings++ });
  const sink = new LinkSink({
    bell,
    send(bytes, start, end) {
      if (link.isOpen) link.sent.push(...bytes.subarray(start, end));
      return link.isOpen;
    },
  });
  return { bell, sink, link, rings: () => rings };
}

function write(sink: LinkSink, value: number): void {
  const bytes = new Uint8Array([9, value, 9]);
  sink.write(bytes, 1, 2);
  // What was written is copied, or gone.
  bytes.fill(0);
}

test("LinkSink sends at once while the link takes it", () => {
  const { sink, link } = openSink();
  for (const value of [1, 2, 3]) write(sink, value);
  expect(link.sent).toEqual([1, 2, 3]);
  expect([sink.hasRoom(), sink.isEmpty, takeRecord(sink)]).toEqual([true, true, undefined]);
});

test("LinkSink keeps what the link does not take, in order, until it is fetched", () => {
  const { sink, link } = openSink();
  write(sink, 1);
  link.isOpen = false;
  write(sink, 2);
  link.isOpen = true;
  // Not past the one that waits.
  write(sink, 3);
  expect(link.sent).toEqual([1]);
  expect([sink.hasRoom(), sink.drain()]).toEqual([false, false]);
  const fetched: number[] = [];
  for (let record = takeRecord(sink); record !== undefined; record = takeRecord(sink)) {
    expect(takeRecord(sink)).toEqual(record);
    fetched.push(...record);
    sink.release();
  }
  expect(fetched).toEqual([2, 3]);
  expect([sink.hasRoom(), sink.drain()]).toEqual([true, true]);
  write(sink, 4);
  expect(link.sent).toEqual([1, 4]);
});

test("LinkSink rings when nothing waits any more, and not before", () => {
  const { bell, sink, link, rings } = openSink();
  link.isOpen = false;
  for (const value of [1, 2]) write(sink, value);
  bell.prepareSleep();
  sink.release();
  expect(rings()).toBe(0);
  sink.release();
  expect(rings()).toBe(1);
});
