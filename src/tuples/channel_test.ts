import { expect, test } from "bun:test";
import { BatchReader } from "./batch_reader.ts";
import { decodeMarker, type Marker, MARKER_KIND } from "./control.ts";
import {
  BATCH_COST_BYTES,
  CreditTable,
  type CreditTerms,
  initialCreditBytes,
  taskBudgetBytes,
  windowBytes,
} from "./credit.ts";
import { InChannel } from "./in_channel.ts";
import { OutChannel } from "./out_channel.ts";
import { PACKET_FIELD } from "./tags.ts";
import { VarintCursor } from "./varint.ts";

const TERMS: CreditTerms = {
  instanceReceiveBytes: 8 * 1024 * 1024,
  topologyContainerReceiveBytes: 64 * 1024 * 1024,
  channelInitialCreditBytes: 32 * 1024,
  channelMinimumCreditBytes: 1024,
};
const LIFE = { epoch: 1, counter: 2 };
const HEADER = {
  destinationTask: 3,
  sourceTask: 1,
  sourceEpoch: 1,
  sourceCounter: 2,
  planVersion: 1,
  restoreEpoch: 0,
};

interface Sent {
  readonly kind: "batch" | "marker";
  readonly offset: number;
  readonly runBytes: number;
  readonly marker?: Marker;
}

/** An out channel whose frames are opened and kept. */
function openChannel(
  limit: number,
): {
  channel: OutChannel;
  credit: CreditTable;
  sent: Sent[];
  sink: { write(bytes: Uint8Array, start: number, end: number): void };
} {
  const credit = new CreditTable(new Int32Array(new SharedArrayBuffer(64)));
  credit.reset(3, limit);
  const sent: Sent[] = [];
  const sink = {
    write(bytes: Uint8Array, start: number, end: number) {
      const cursor = new VarintCursor(bytes, start, end);
      cursor.nextLength();
      const field = cursor.next() >>> 3;
      const length = cursor.nextLength();
      const { at } = cursor;
      if (field === PACKET_FIELD.batch) {
        const reader = new BatchReader();
        reader.open(bytes, at, at + length);
        sent.push({ kind: "batch", offset: reader.offset, runBytes: reader.runBytes });
      } else {
        const marker = decodeMarker(bytes, at, at + length);
        sent.push({ kind: "marker", offset: marker.offset, runBytes: 0, marker });
      }
    },
  };
  return { channel: new OutChannel(HEADER, credit), credit, sent, sink };
}

function emit(channel: OutChannel, bytes: number): void {
  const buffer = channel.batch.beginTuple(0);
  buffer.ensure(bytes);
  buffer.length += bytes;
  channel.batch.endTuple();
}

test("taskBudgetBytes() takes the smaller of the instance's and its share of the container's", () => {
  expect(taskBudgetBytes(TERMS, 1)).toBe(8 * 1024 * 1024);
  expect(taskBudgetBytes(TERMS, 16)).toBe(4 * 1024 * 1024);
});

test("initialCreditBytes() is bounded below and above; windows never add up to more than the budget", () => {
  const budget = taskBudgetBytes(TERMS, 1);
  expect(initialCreditBytes(TERMS, budget, 1)).toBe(32 * 1024);
  expect(initialCreditBytes(TERMS, budget, 1000)).toBe(8388);
  expect(initialCreditBytes(TERMS, budget, 100_000)).toBe(1024);
  for (const sources of [1, 2, 3, 7, 100, 8000]) {
    expect(windowBytes(TERMS, budget, sources) * sources).toBeLessThanOrEqual(budget);
  }
});

test("CreditTable takes a raised limit only, also past 2^32", () => {
  const credit = new CreditTable(new Int32Array(new SharedArrayBuffer(64)));
  const start = 2 ** 32 - 100;
  credit.reset(2, start);
  expect(credit.headroom(2, start)).toBe(0);
  expect(credit.raise(2, start + 300)).toBe(true);
  expect(credit.headroom(2, start + 50)).toBe(250);
  expect(credit.raise(2, start + 200)).toBe(false);
  expect(credit.raise(2, start + 300)).toBe(false);
  expect(credit.headroom(2, start + 400)).toBe(-100);
});

test("OutChannel counts offsets by the run bytes it sent and keeps markers behind data", () => {
  const { channel, sent, sink } = openChannel(1000);
  emit(channel, 100);
  emit(channel, 50);
  expect(channel.headroom()).toBeLessThan(1000 - 150);
  channel.sync(sink);
  emit(channel, 10);
  channel.end(sink);
  const [first, sync, second, end] = sent;
  expect(sent.map((one) => one.kind)).toEqual(["batch", "marker", "batch", "marker"]);
  expect(first?.offset).toBe(0);
  const sentBytes = (first?.runBytes ?? -1) + BATCH_COST_BYTES;
  expect(sync?.offset).toBe(sentBytes);
  expect(sync?.marker).toMatchObject({ kind: MARKER_KIND.sync, ended: false });
  expect(second?.offset).toBe(sentBytes);
  expect(end?.marker).toMatchObject({ kind: MARKER_KIND.end, offset: channel.sentBytes });
});

test("OutChannel ends once, and each later sync says that it has ended", () => {
  const { channel, sent, sink } = openChannel(1000);
  channel.end(sink);
  channel.end(sink);
  channel.sync(sink);
  expect(sent.map((one) => one.marker?.kind)).toEqual([MARKER_KIND.end, MARKER_KIND.sync]);
  expect(sent[1]?.marker?.ended).toBe(true);
});

test("InChannel grants nothing before sync, then the window past what is handled", () => {
  const channel = new InChannel({ task: 1, life: LIFE }, { windowBytes: 1000, initialBytes: 400 });
  expect(channel.arrive(0)).toBe("next");
  channel.receive(300);
  channel.handle(300);
  expect(channel.nextLimit(false)).toBeUndefined();
  channel.sync(300);
  expect(channel.nextLimit(true)).toBe(1300);
  channel.receive(200);
  channel.handle(200);
  expect(channel.nextLimit(false)).toBeUndefined();
  channel.receive(50);
  channel.handle(50);
  expect(channel.nextLimit(false)).toBe(1550);
});

test("InChannel counts a gap as gone and frees its credit at once", () => {
  const channel = new InChannel({ task: 1, life: LIFE }, { windowBytes: 1000, initialBytes: 1000 });
  channel.arrive(0);
  channel.receive(100);
  expect(channel.arrive(350)).toBe("gap");
  expect(channel.goneBytes).toBe(250);
  expect(channel.heldBytes).toBe(100);
  channel.sync(600);
  expect(channel.goneBytes).toBe(500);
  expect(channel.nextLimit(true)).toBe(1500);
});

test("InChannel knows what it had already", () => {
  const channel = new InChannel({ task: 1, life: LIFE }, { windowBytes: 1000, initialBytes: 1000 });
  channel.arrive(0);
  channel.receive(100);
  expect(channel.arrive(0)).toBe("repeated");
  expect(channel.heldBytes).toBe(100);
});

test("A source without credit is always granted some once all it sent is handled", () => {
  for (const window of [1, 3, 1024, 32_768]) {
    const channel = new InChannel({ task: 1, life: LIFE }, {
      windowBytes: window,
      initialBytes: window,
    });
    channel.sync(0);
    let limit = channel.nextLimit(true) ?? 0;
    let sentBytes = 0;
    for (let round = 0; round < 100; round++) {
      // Up to the limit, and past it with the last tuple.
      const bytes = limit - sentBytes + (round % 3) * 7;
      sentBytes += bytes;
      channel.receive(bytes);
      channel.handle(bytes);
      limit = channel.nextLimit(false) ?? 0;
      expect(limit).toBeGreaterThan(sentBytes);
    }
  }
});
