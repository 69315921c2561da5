import { expect, test } from "bun:test";
import { seededRandom } from "../base/mod.ts";
import { ACK_KIND } from "./acks.ts";
import { ByteBuffer } from "./byte_buffer.ts";
import { SpoutRecords } from "./spout_records.ts";

const LIFE = { epoch: 2, counter: 3 };

/** Slots in `records`, as they come out. */
function drain(records: SpoutRecords): number {
  let bytes = 0;
  const sink = {
    write: (_: Uint8Array, start: number, end: number) => void (bytes += end - start),
  };
  records.drain(sink, { buffer: new ByteBuffer(64), frameBytesMax: 1 << 20 });
  return bytes;
}

test("SpoutRecords finds each slot again while it grows, and forgets all when drained", () => {
  const random = seededRandom(1);
  const slots = new Set(Array.from({ length: 3000 }, () => random.uint32()));
  const records = new SpoutRecords(7, LIFE);
  for (let round = 0; round < 3; round++) {
    for (const kind of [ACK_KIND.ack, ACK_KIND.ack, ACK_KIND.fail]) {
      for (const slot of slots) {
        records.merge({ slot, generation: 1, kind, xorLow: 5, xorHigh: 0 });
      }
    }
    const { bytes } = records;
    expect(bytes).toBe(slots.size * 26);
    expect(drain(records)).toBeLessThan(bytes);
    expect([records.bytes, drain(records)]).toEqual([0, 0]);
  }
});

test("SpoutRecords leaves out acks that cancel each other", () => {
  const records = new SpoutRecords(7, LIFE);
  const record = { slot: 1, generation: 1, kind: ACK_KIND.ack, xorLow: 5, xorHigh: -1 };
  records.merge(record);
  records.merge(record);
  expect(records.bytes).toBeGreaterThan(0);
  expect(drain(records)).toBe(0);
});

test("SpoutRecords.isBefore() orders lives by epoch, then by counter", () => {
  const records = new SpoutRecords(7, LIFE);
  expect(records.isBefore({ epoch: 2, counter: 4 })).toBe(true);
  expect(records.isBefore({ epoch: 3, counter: 0 })).toBe(true);
  expect(records.isBefore(LIFE)).toBe(false);
  expect(records.isBefore({ epoch: 1, counter: 9 })).toBe(false);
  records.merge({ slot: 1, generation: 1, kind: ACK_KIND.fail, xorLow: 0, xorHigh: 0 });
  records.begin({ epoch: 3, counter: 0 });
  expect([records.epoch, records.counter, records.bytes]).toEqual([3, 0, 0]);
});
