import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { expect, test } from "bun:test";
import { AcksSchema, PacketSchema } from "../base/gen/heron_bin/packet_pb.ts";
import { type Random, seededRandom } from "../base/mod.ts";
import { fieldSoup } from "../../tests/support/field_soup.ts";
import {
  ACK_KIND,
  AckReader,
  type AckRecord,
  ACKS_HEAD_BYTES_MAX,
  encodeAcksHead,
  RECORD_BYTES_MAX,
  writeAcksHead,
  writeRecord,
} from "./acks.ts";
import { VarintCursor, varintLength, writeVarint } from "./varint.ts";

interface Acks {
  readonly spoutTask: number;
  readonly epoch: number;
  readonly counter: number;
  readonly records: readonly AckRecord[];
}

function newSeed(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
}

function randomAcks(random: Random): Acks {
  const number = () => random.below(4) === 0 ? 0 : random.below(2 ** (1 + random.below(32)));
  const half = () => random.below(4) === 0 ? 0 : random.uint32() | 0;
  const records = Array.from({ length: random.below(30) }, () => ({
    slot: number(),
    generation: number(),
    kind: random.below(4),
    xorLow: half(),
    xorHigh: half(),
  }));
  return { spoutTask: number(), epoch: number(), counter: number(), records };
}

/** A whole frame, as protobuf-es makes it. */
function encode({ spoutTask, epoch, counter, records }: Acks): Uint8Array {
  const messages = records.map(({ xorLow, xorHigh, ...record }) => ({
    ...record,
    xorLow: xorLow >>> 0,
    xorHigh: xorHigh >>> 0,
  }));
  const value = { spoutTask, spoutEpoch: epoch, spoutCounter: counter, records: messages };
  // The kinds are those of the enum: `records` has no others.
  const body = { case: "acks", value } as const;
  const packet = toBinary(PacketSchema, create(PacketSchema, { body }));
  const frame = new Uint8Array(varintLength(packet.length) + packet.length);
  frame.set(packet, writeVarint(frame, 0, packet.length));
  return frame;
}

function write({ spoutTask, records, ...life }: Acks): Uint8Array {
  const bytes = new Uint8Array(ACKS_HEAD_BYTES_MAX + records.length * RECORD_BYTES_MAX);
  let at = ACKS_HEAD_BYTES_MAX;
  for (const record of records) at = writeRecord(bytes, at, record);
  const range = { start: ACKS_HEAD_BYTES_MAX, end: at };
  return bytes.slice(writeAcksHead(bytes, encodeAcksHead(spoutTask, life), range), at);
}

function read(bytes: Uint8Array, start: number, end: number): Acks {
  const reader = new AckReader();
  reader.open(bytes, start, end);
  const { spoutTask, epoch, counter } = reader;
  const records: AckRecord[] = [];
  while (reader.next()) {
    const { slot, generation, kind, xorLow, xorHigh } = reader;
    records.push({ slot, generation, kind, xorLow, xorHigh });
  }
  return { spoutTask, epoch, counter, records };
}

/** Where the body of a frame begins. */
function bodyOf(frame: Uint8Array): number {
  const cursor = new VarintCursor(frame, 0, frame.length);
  cursor.nextLength();
  cursor.next();
  cursor.nextLength();
  return cursor.at;
}

test("acks are written as protobuf-es writes them, byte for byte, and read back", () => {
  const seed = newSeed();
  const random = seededRandom(seed);
  for (let round = 0; round < 5000; round++) {
    const acks = randomAcks(random);
    const frame = write(acks);
    if (Buffer.compare(frame, encode(acks)) !== 0) {
      throw new Error(`Round ${round} of seed ${seed} differs from what protobuf-es writes`);
    }
    expect(read(frame, bodyOf(frame), frame.length)).toEqual(acks);
  }
});

test("writeRecord() and the head stay within their longest", () => {
  const most = 2 ** 32 - 1;
  const record = { slot: most, generation: most, kind: 2, xorLow: -1, xorHigh: -1 };
  const bytes = new Uint8Array(RECORD_BYTES_MAX);
  expect(writeRecord(bytes, 0, record)).toBe(RECORD_BYTES_MAX);
  const head = encodeAcksHead(most, { epoch: most, counter: most });
  expect(head.length + 1 + 5 + 5).toBe(ACKS_HEAD_BYTES_MAX);
});

test("AckReader reads sole acks with and without what was anchored", () => {
  const sole = { slot: 70_000, generation: 9, kind: ACK_KIND.ackSole, xorLow: 0, xorHigh: 0 };
  const life = { epoch: 1, counter: 2 };
  const acks = { spoutTask: 5, ...life, records: [sole, { ...sole, xorLow: 7 }, sole] };
  const frame = write(acks);
  expect(frame).toEqual(encode(acks));
  expect(read(frame, bodyOf(frame), frame.length)).toEqual(acks);
});

test("AckReader skips what it does not know", () => {
  const bytes = new Uint8Array([8, 7, 0x7a, 1, 9, 0x22, 4, 0x78, 5, 8, 3, 0x7a, 0, 0x22, 2, 8, 4]);
  const { spoutTask, records } = read(bytes, 0, bytes.length);
  expect(spoutTask).toBe(7);
  expect(records.map(({ slot }) => slot)).toEqual([3, 4]);
});

test("AckReader reads what protobuf-es reads, of any order of fields", () => {
  const seed = newSeed();
  const random = seededRandom(seed);
  const soup = { varints: [1, 2, 3], fixed: [4, 5] };
  const usual = { varints: [1, 2], fixed: [4, 5] };
  const sole = { varints: [1, 2, 3], fixed: [] };
  for (let round = 0; round < 20_000; round++) {
    const record = fieldSoup(random, [soup, usual, sole][round % 3] ?? soup);
    const bytes = Uint8Array.of(8, 7, 0x22, record.length, ...record, 0x22, 2, 8, 9);
    const expected = fromBinary(AcksSchema, bytes).records.map((one) => ({
      slot: one.slot,
      generation: one.generation,
      // A number that the enum does not have is kept as well.
      kind: Number(one.kind),
      xorLow: one.xorLow | 0,
      xorHigh: one.xorHigh | 0,
    }));
    const { records } = read(bytes, 0, bytes.length);
    const kinds = records.map((one) => ({ ...one, kind: one.kind | 0 }));
    expect({ seed, round, records: kinds }).toEqual({ seed, round, records: expected });
  }
});

test("AckReader survives a body cut at each byte, and damaged ones", () => {
  const seed = newSeed();
  const random = seededRandom(seed);
  const acks = { ...randomAcks(random), records: randomAcks(random).records.slice(0, 10) };
  const frame = write(acks);
  const start = bodyOf(frame);
  const tryRead = (bytes: Uint8Array): Acks | undefined => {
    try {
      return read(bytes, start, bytes.length);
    } catch (thrown) {
      expect({ seed, thrown }).toMatchObject({ thrown: { code: "protocol" } });
      return undefined;
    }
  };
  for (let cut = start; cut < frame.length; cut++) {
    const records = tryRead(frame.slice(0, cut))?.records ?? [];
    expect(records).toEqual(acks.records.slice(0, records.length));
  }
  for (let round = 0; round < 5000; round++) {
    const bytes = frame.slice();
    for (let hit = 0; hit <= random.below(4); hit++) {
      bytes[start + random.below(bytes.length - start)] = random.below(256);
    }
    tryRead(bytes);
  }
});
