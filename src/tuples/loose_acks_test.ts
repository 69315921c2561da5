import { expect, test } from "bun:test";
import { ACK_KIND, AckReader, type AckRecord, encodeAcksHead } from "./acks.ts";
import { LooseAcks } from "./loose_acks.ts";
import { VarintCursor } from "./varint.ts";

const HEAD = encodeAcksHead(5, { epoch: 1, counter: 2 });

function ack(slot: number, xorLow = 1, xorHigh = 1): AckRecord {
  return { slot, generation: 1, kind: ACK_KIND.ack, xorLow, xorHigh };
}

/** The records of each frame. */
function drain(acks: LooseAcks): AckRecord[][] {
  const frames: AckRecord[][] = [];
  acks.drain({
    write(bytes, start, end) {
      const cursor = new VarintCursor(bytes, start, end);
      expect(cursor.nextLength()).toBe(end - cursor.at);
      cursor.next();
      expect(cursor.nextLength()).toBe(end - cursor.at);
      const reader = new AckReader();
      reader.open(bytes, cursor.at, end);
      expect(reader).toMatchObject({ spoutTask: 5, epoch: 1, counter: 2 });
      frames.push(readAll(reader));
    },
  }, HEAD);
  return frames;
}

function readAll(reader: AckReader): AckRecord[] {
  const records: AckRecord[] = [];
  while (reader.next()) records.push(copyOf(reader));
  return records;
}

function copyOf({ slot, generation, kind, xorLow, xorHigh }: AckRecord): AckRecord {
  return { slot, generation, kind, xorLow, xorHigh };
}

test("LooseAcks.drain() writes records in their order, in frames of the size asked for", () => {
  const acks = new LooseAcks({ bytesMax: 10_000, frameBytesMax: 50 });
  expect(acks.isEmpty).toBe(true);
  const records = Array.from({ length: 20 }, (_, slot) => ack(slot + 1));
  for (const record of records) expect(acks.add(record)).toBe(true);
  expect(acks.isEmpty).toBe(false);
  const frames = drain(acks);
  expect(frames.flat()).toEqual(records);
  expect(frames.length).toBeGreaterThan(4);
  expect([acks.isEmpty, acks.bytes, drain(acks)]).toEqual([true, 0, []]);
});

test("LooseAcks.add() merges what belongs to the root before, unless a half would be 0", () => {
  const acks = new LooseAcks({ bytesMax: 10_000, frameBytesMax: 10_000 });
  for (const record of [ack(1, 3, 5), ack(1, 4, 8), ack(1, 7, 1), ack(2), ack(1)]) acks.add(record);
  expect(drain(acks)).toEqual([[ack(1, 7, 13), ack(1, 7, 1), ack(2), ack(1)]]);
  const sole = { ...ack(3, 0, 0), kind: ACK_KIND.ackSole };
  const fail = { ...ack(4, 0, 0), kind: ACK_KIND.fail };
  const others = [sole, ack(3), sole, fail, ack(4), { ...ack(4), generation: 2 }];
  for (const record of others) acks.add(record);
  expect(drain(acks)).toEqual([others]);
});

test("LooseAcks does not merge with what was drained", () => {
  const acks = new LooseAcks({ bytesMax: 10_000, frameBytesMax: 10_000 });
  acks.add(ack(1, 3, 5));
  drain(acks);
  acks.add(ack(1, 4, 8));
  expect(drain(acks)).toEqual([[ack(1, 4, 8)]]);
});

test("LooseAcks takes no more than its room, and pour() hands all of it on", () => {
  const acks = new LooseAcks({ bytesMax: 300, frameBytesMax: 60 });
  const records: AckRecord[] = [];
  for (let slot = 1; acks.add(ack(slot)); slot++) records.push(ack(slot));
  expect(records.length).toBeGreaterThan(5);
  expect(acks.bytes).toBeLessThan(300 + 64);
  const poured: AckRecord[] = [];
  acks.pour((record) => poured.push(copyOf(record)));
  expect(poured).toEqual(records);
  expect(acks.isEmpty).toBe(true);
  acks.add(ack(9));
  acks.clear();
  expect(drain(acks)).toEqual([]);
});
