import { expect, test } from "bun:test";
import { type EchoOrder, EchoRecords } from "../../tests/support/interleaving/ring_echo.ts";
import { sleepAt, takeRecord } from "../../tests/support/bridges.ts";
import { seededRandom } from "../base/mod.ts";
import { Doorbell } from "./doorbell.ts";
import { allocateRing, RingReader, RingWriter } from "./ring.ts";

/** A ring in one thread, with doorbells that count. */
function createRing(capacityBytes: number, startPosition = 0) {
  const rung = { reader: 0, writer: 0 };
  const readerBell = createBell(() => void rung.reader++);
  const writerBell = createBell(() => void rung.writer++);
  const memory = allocateRing(capacityBytes, startPosition);
  const writer = new RingWriter(memory, readerBell);
  const reader = new RingReader(memory, writerBell);
  return { memory, writer, reader, readerBell, writerBell, rung };
}

function createBell(onRung: () => void): Doorbell {
  return new Doorbell(new Int32Array(new SharedArrayBuffer(Doorbell.bytes)), { onRung });
}

function put(writer: RingWriter, ...values: number[]): boolean {
  return writer.put(Uint8Array.from(values), 0, values.length);
}

function takeAll(reader: RingReader): number[][] {
  const found: number[][] = [];
  for (let record = takeRecord(reader); record !== undefined; record = takeRecord(reader)) {
    found.push([...record]);
    reader.release();
  }
  return found;
}

test("take() gives what put() was given, in order", () => {
  const { writer, reader } = createRing(64);
  put(writer, 1, 2, 3);
  put(writer);
  put(writer, 4);
  expect(takeAll(reader)).toEqual([[1, 2, 3], [], [4]]);
  expect(takeRecord(reader)).toBeUndefined();
});

test("put() takes a range of its bytes", () => {
  const { writer, reader } = createRing(64);
  writer.put(Uint8Array.of(1, 2, 3, 4, 5), 1, 3);
  expect(takeAll(reader)).toEqual([[2, 3]]);
});

test("put() refuses a range that is not within its bytes, and writes nothing", () => {
  const { writer, reader } = createRing(64);
  for (const [start, end] of [[-1, 1], [0, 4], [2, 1]] as const) {
    expect(() => writer.put(Uint8Array.of(1, 2, 3), start, end)).toThrow(RangeError);
  }
  expect(reader.isEmpty).toBe(true);
});

test("put() takes records up to half of the ring, wherever they begin", () => {
  for (let position = 0; position < 64; position += 8) {
    const { writer, reader } = createRing(64, position);
    expect(writer.recordBytesMax).toBe(28);
    const record = new Uint8Array(29).fill(position);
    expect(writer.put(record, 0, 28)).toBe(true);
    expect(takeAll(reader)).toEqual([[...record.subarray(1)]]);
    expect(() => writer.put(record, 0, 29)).toThrow(
      "Put a record into a ring: found 29 B, expected at most 28 B",
    );
  }
});

test("put() returns false without room and changes nothing but its wish for room", () => {
  const { writer, reader, memory } = createRing(64);
  put(writer, ...new Array(28).fill(1));
  put(writer, ...new Array(20).fill(2));
  const before = new Uint8Array(memory.buffer.slice(256));
  expect(put(writer, 3, 3, 3, 3, 3)).toBe(false);
  expect(new Uint8Array(memory.buffer.slice(256))).toEqual(before);
  expect(writer.freeBytes()).toBe(8);
  expect(put(writer, 4)).toBe(true);
  expect(writer.freeBytes()).toBe(0);
  expect(takeAll(reader).map(([first]) => first)).toEqual([1, 2, 4]);
  expect(writer.freeBytes()).toBe(writer.capacityBytes);
});

test("take() gives the same record until release(), which needs one", () => {
  const { writer, reader } = createRing(64);
  put(writer, 1);
  put(writer, 2);
  reader.release();
  expect([...takeRecord(reader) ?? []]).toEqual([1]);
  expect([...takeRecord(reader) ?? []]).toEqual([1]);
  reader.release();
  reader.release();
  expect(takeAll(reader)).toEqual([[2]]);
});

test("take() tells where the record lies in the shared bytes", () => {
  const { writer, reader } = createRing(64, 40);
  put(writer, ...new Array(20).fill(7));
  put(writer, 8, 9);
  expect(reader.take()).toBe(true);
  expect([reader.start, reader.end]).toEqual([44, 64]);
  reader.release();
  expect(reader.take()).toBe(true);
  expect([...reader.bytes.subarray(reader.start, reader.end)]).toEqual([8, 9]);
  reader.release();
  expect(reader.take()).toBe(false);
});

test("isClosed is true when the writer has closed and all was taken", () => {
  const { writer, reader, readerBell, rung } = createRing(64);
  put(writer, 1);
  expect(reader.isClosed).toBe(false);
  readerBell.prepareSleep();
  writer.close();
  expect(rung.reader).toBe(1);
  expect(reader.isClosed).toBe(false);
  takeAll(reader);
  expect(reader.isClosed).toBe(true);
  expect(() => put(writer, 1)).toThrow(TypeError);
});

test("put() rings a reader that sleeps, and none that is awake", () => {
  const { writer, readerBell, rung } = createRing(64);
  put(writer, 1);
  expect(rung.reader).toBe(0);
  readerBell.prepareSleep();
  put(writer, 2);
  put(writer, 3);
  expect(rung.reader).toBe(1);
});

test("release() rings a writer that waits for room, once half of the ring is free", () => {
  const { writer, reader, writerBell, rung } = createRing(64);
  for (let index = 0; index < 8; index++) put(writer, index);
  writerBell.prepareSleep();
  expect(put(writer, 8)).toBe(false);
  const rungAfter = Array.from({ length: 8 }, () => {
    takeRecord(reader);
    reader.release();
    return rung.writer;
  });
  expect(rungAfter).toEqual([0, 0, 0, 1, 1, 1, 1, 1]);
});

test("release() does not ring a writer that sleeps for another reason", () => {
  const { writer, reader, writerBell, rung } = createRing(64);
  put(writer, 1);
  writerBell.prepareSleep();
  takeAll(reader);
  expect(rung.writer).toBe(0);
});

test("release() rings again when half of the ring was too little", () => {
  const { writer, reader, writerBell, rung } = createRing(64, 8);
  const large = new Uint8Array(28);
  writer.put(large, 0, 28);
  put(writer, 1);
  writerBell.prepareSleep();
  // It has to skip 16 B, and 24 B are free.
  expect(writer.put(large, 0, 28)).toBe(false);
  takeRecord(reader);
  reader.release();
  expect(rung.writer).toBe(1);
  expect(writer.put(large, 0, 28)).toBe(true);
});

test.each([0, 2 ** 31 - 200, 2 ** 32 - 200])(
  "a ring whose positions begin at %d holds what a queue holds",
  (startPosition) => {
    const { writer, reader } = createRing(256, startPosition);
    const random = seededRandom(7);
    const queue: number[][] = [];
    for (let index = 0; index < 5_000; index++) {
      const record = new Array<number>(random.below(125)).fill(index & 255);
      if (random.below(2) === 0) {
        if (put(writer, ...record)) queue.push(record);
        else expect(writer.freeBytes()).toBeLessThan(256);
      } else {
        const found = takeRecord(reader);
        expect(found === undefined ? undefined : [...found]).toEqual(queue.shift());
        reader.release();
      }
    }
    expect(takeAll(reader)).toEqual(queue);
  },
);

test.each([0, 32, 96, -64, 64.5, 2 ** 31, 2 ** 32 + 64, NaN])(
  "allocateRing() refuses %d B",
  (capacityBytes) => expect(() => allocateRing(capacityBytes)).toThrow(RangeError),
);

test("two threads send 200,000 records there and back", async () => {
  const order: EchoOrder = {
    records: 200_000,
    seed: 11,
    there: allocateRing(4096, 2 ** 32 - 10_000),
    back: allocateRing(8192, 2 ** 31 - 10_000),
    mainBell: new SharedArrayBuffer(Doorbell.bytes),
    workerBell: new SharedArrayBuffer(Doorbell.bytes),
  };
  const worker = new Worker(
    new URL("../../tests/support/interleaving/ring_echo.ts", import.meta.url),
  );
  const ended = Promise.withResolvers<void>();
  worker.onmessage = ({ data }) => data === "ended" ? ended.resolve() : ended.reject(data);
  worker.onerror = ({ message }) => ended.reject(new Error(message));
  worker.postMessage(order);
  try {
    await Promise.all([ended.promise, sendAndCompare(order)]);
  } finally {
    worker.terminate();
  }
}, 120_000);

async function sendAndCompare(order: EchoOrder): Promise<void> {
  const bell = new Doorbell(new Int32Array(order.mainBell));
  const workerBell = new Doorbell(new Int32Array(order.workerBell));
  const writer = new RingWriter(order.there, workerBell);
  const reader = new RingReader(order.back, workerBell);
  const sent = new EchoRecords(order);
  const compared = new EchoRecords(order);
  const canGoOn = () => {
    const before = sent.index + compared.index;
    while (sent.index < order.records && sent.putInto(writer)) sent.advance();
    while (compared.compareWith(reader)) compared.advance();
    return sent.index + compared.index > before;
  };
  while (compared.index < order.records) {
    if (canGoOn()) continue;
    const ticket = bell.prepareSleep();
    if (canGoOn()) bell.cancelSleep();
    else await sleepAt(bell, ticket, compared.index % 16 === 0 ? 5_000 : undefined);
  }
  writer.close();
}
