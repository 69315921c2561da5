import { fromBinary, ScalarType, toBinary } from "@bufbuild/protobuf";
import { expect, test } from "bun:test";
import {
  AckRecordSchema,
  AcksSchema,
  PacketSchema,
  RootSchema,
} from "../base/gen/heron_bin/packet_pb.ts";
import { HeronError, type Random, seededRandom } from "../base/mod.ts";
import { BatchReader, countTuples } from "./batch_reader.ts";
import { BatchWriter } from "./batch_writer.ts";
import { type ChannelHeader, encodeChannelHeader } from "./channel_header.ts";
import { decodeGrant, decodeMarker, encodeGrant, encodeMarker, readTask } from "./control.ts";
import { RootWriter } from "./roots.ts";
import { PACKET_FIELD, TAG } from "./tags.ts";
import { VarintCursor } from "./varint.ts";

const BATCHES = 100_000;

interface PlainTuple {
  stream: number;
  roots: Uint8Array;
  values: Uint8Array;
}

const EMPTY = new Uint8Array(0);
const rootWriter = new RootWriter();

/** Not 0. */
function randomHalf(random: Random): number {
  return (random.uint32() | 0) || 1;
}

function randomRoots(random: Random, count: number): Uint8Array {
  const number = () => random.below(3) === 0 ? 0 : random.below(2 ** (1 + random.below(32)));
  rootWriter.clear();
  for (let index = 0; index < count; index++) {
    const root = {
      task: number(),
      epoch: number(),
      counter: number(),
      slot: number(),
      generation: number(),
    };
    rootWriter.add(root, randomHalf(random), randomHalf(random));
  }
  return rootWriter.bytes.slice();
}

function randomHeader(random: Random): ChannelHeader {
  const number = () => random.below(4) === 0 ? 0 : random.below(2 ** (1 + random.below(31)));
  return {
    destinationTask: number(),
    sourceTask: number(),
    sourceEpoch: number(),
    sourceCounter: number(),
    planVersion: number(),
    restoreEpoch: number(),
  };
}

function randomTuple(random: Random): PlainTuple {
  const size = random.below(50) === 0 ? random.below(20_000) : random.below(random.below(200) + 1);
  const values = Uint8Array.from({ length: size }, () => random.below(256));
  const roots = randomRoots(random, random.below(3) === 0 ? random.below(5) : 0);
  return { stream: random.below(3) === 0 ? random.below(300) : 0, roots, values };
}

function write(writer: BatchWriter, tuple: PlainTuple): number {
  const buffer = writer.beginTuple(tuple.stream, tuple.roots);
  buffer.ensure(tuple.values.length);
  buffer.bytes.set(tuple.values, buffer.length);
  buffer.length += tuple.values.length;
  return writer.endTuple(tuple.roots.length);
}

/** Packet bytes and the body's range of a whole frame. */
function openFrame(frame: Uint8Array): { packet: Uint8Array; start: number; end: number } {
  const outer = new VarintCursor(frame, 0, frame.length);
  expect(outer.nextLength()).toBe(frame.length - outer.at);
  const packet = frame.subarray(outer.at);
  const inner = new VarintCursor(frame, outer.at, frame.length);
  inner.next();
  inner.nextLength();
  return { packet, start: inner.at, end: frame.length };
}

/** What protobuf-es makes of the same packet. */
function again(packet: Uint8Array): Uint8Array {
  return toBinary(PacketSchema, fromBinary(PacketSchema, packet));
}

function readAll(bytes: Uint8Array, start: number, end: number): PlainTuple[] {
  const reader = new BatchReader();
  reader.open(bytes, start, end);
  const tuples: PlainTuple[] = [];
  while (reader.next()) {
    tuples.push({
      stream: reader.stream,
      roots: bytes.slice(reader.rootsStart, reader.rootsEnd),
      values: bytes.slice(reader.valuesStart, reader.valuesEnd),
    });
  }
  return tuples;
}

test("BatchWriter writes what protobuf-es writes, byte for byte, and BatchReader reads it", () => {
  const seed = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
  const random = seededRandom(seed);
  let header = randomHeader(random);
  let writer = new BatchWriter(encodeChannelHeader(header));
  let tuplesLeft = 0;
  for (let batch = 0; batch < BATCHES; batch++) {
    if (batch % 50 === 0) {
      header = randomHeader(random);
      writer = new BatchWriter(encodeChannelHeader(header));
      tuplesLeft = 1 + random.below(batch % 1000 === 0 ? 200 : 6);
    }
    const tuples = Array.from({ length: 1 + random.below(tuplesLeft) }, () => randomTuple(random));
    for (const tuple of tuples) write(writer, tuple);
    const offset = random.below(2) === 0 ? random.below(1000) : Math.floor(random.unit() * 2 ** 52);
    const { bytes, start, end, runBytes } = writer.close(offset);
    const frame = bytes.subarray(start, end);
    const { packet, start: bodyStart, end: bodyEnd } = openFrame(frame);
    const message = fromBinary(PacketSchema, packet);
    if (Buffer.compare(toBinary(PacketSchema, message), packet) !== 0) {
      throw new Error(`Batch ${batch} of seed ${seed} differs from what protobuf-es writes`);
    }
    const reader = new BatchReader();
    reader.open(frame, bodyStart, bodyEnd);
    expect(reader.runBytes).toBe(runBytes);
    expect(reader.offset).toBe(offset);
    if (batch % 20 === 0) {
      expect(reader).toMatchObject(header);
      expect(readAll(frame, bodyStart, bodyEnd)).toEqual(tuples);
      if (message.body.case !== "batch") throw new Error("not a batch");
      const flat = message.body.value.runs.flatMap((run) =>
        run.tuples.map((tuple) => ({ stream: run.stream, values: tuple.values }))
      );
      expect(flat).toEqual(tuples.map(({ stream, values }) => ({ stream, values })));
    }
  }
}, 120_000);

test("BatchWriter.appendEncoded() copies a tuple to another batch", () => {
  const header = encodeChannelHeader(randomHeader(seededRandom(1)));
  const first = new BatchWriter(header);
  const second = new BatchWriter(header);
  const tuple = { stream: 3, roots: EMPTY, values: new Uint8Array([1, 2, 3]) };
  const size = write(first, tuple);
  second.appendEncoded(3, first.lastTuple(size));
  const { bytes, start, end } = second.close(0);
  const frame = bytes.slice(start, end);
  const opened = openFrame(frame);
  expect(readAll(frame, opened.start, opened.end)).toEqual([tuple]);
  expect(countTuples(frame, opened.start, opened.end)).toBe(1);
});

test("BatchWriter keeps roots whole whatever the lengths of the headers around them", () => {
  const random = seededRandom(4);
  const header = encodeChannelHeader(randomHeader(random));
  for (const count of [0, 1, 2, 3, 4, 100, 1500]) {
    for (const size of [0, 1, 30, 127, 128, 20_000]) {
      const writer = new BatchWriter(header);
      const values = Uint8Array.from({ length: size }, () => random.below(256));
      const tuple = { stream: 0, roots: randomRoots(random, count), values };
      write(writer, tuple);
      write(writer, { ...tuple, stream: 1 });
      const { bytes, start, end } = writer.close(0);
      const frame = bytes.slice(start, end);
      const opened = openFrame(frame);
      expect(again(opened.packet)).toEqual(opened.packet);
      expect(readAll(frame, opened.start, opened.end)).toEqual([tuple, { ...tuple, stream: 1 }]);
    }
  }
});

test("BatchWriter.appendEncoded() gives a copy roots with other keys", () => {
  const seed = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
  const random = seededRandom(seed);
  const header = encodeChannelHeader(randomHeader(random));
  for (let round = 0; round < 500; round++) {
    const [first, second] = [new BatchWriter(header), new BatchWriter(header)];
    const count = 1 + random.below(round % 50 === 0 ? 400 : 4);
    write(second, randomTuple(random));
    const tuple = { ...randomTuple(random), roots: randomRoots(random, count) };
    const size = write(first, tuple);
    const copy = first.lastTuple(size).slice();
    for (let index = 0; index < count; index++) {
      rootWriter.setKey(index, randomHalf(random), randomHalf(random));
    }
    second.appendEncoded(tuple.stream, copy, rootWriter.bytes);
    const { bytes, start, end } = second.close(0);
    const frame = bytes.slice(start, end);
    const opened = openFrame(frame);
    expect(again(opened.packet)).toEqual(opened.packet);
    const roots = rootWriter.bytes.slice();
    expect(roots).not.toEqual(tuple.roots);
    expect(readAll(frame, opened.start, opened.end)[1]).toEqual({ ...tuple, roots });
  }
});

test("BatchWriter.cancelTuple() leaves nothing behind", () => {
  const writer = new BatchWriter(encodeChannelHeader(randomHeader(seededRandom(2))));
  const kept = { stream: 0, roots: EMPTY, values: new Uint8Array([9]) };
  write(writer, kept);
  const buffer = writer.beginTuple(5);
  buffer.ensure(3);
  buffer.length += 3;
  writer.cancelTuple();
  write(writer, { ...kept, stream: 1 });
  const { bytes, start, end } = writer.close(0);
  const frame = bytes.slice(start, end);
  const opened = openFrame(frame);
  expect(again(opened.packet)).toEqual(opened.packet);
  expect(readAll(frame, opened.start, opened.end)).toEqual([kept, { ...kept, stream: 1 }]);
});

test("BatchReader survives a batch cut at each byte", () => {
  const random = seededRandom(3);
  const writer = new BatchWriter(encodeChannelHeader(randomHeader(random)));
  for (let index = 0; index < 12; index++) write(writer, randomTuple(random));
  const { bytes, start, end } = writer.close(77);
  const frame = bytes.slice(start, end);
  const { start: bodyStart } = openFrame(frame);
  for (let cut = bodyStart; cut < frame.length; cut++) {
    const reader = new BatchReader();
    try {
      reader.open(frame.slice(0, cut), bodyStart, cut);
      while (reader.next()) expect(reader.valuesEnd).toBeLessThanOrEqual(cut);
    } catch (thrown) {
      expect(thrown).toMatchObject({ code: "protocol" });
    }
  }
});

test("BatchReader survives damaged bytes", () => {
  const seed = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
  const random = seededRandom(seed);
  const writer = new BatchWriter(encodeChannelHeader(randomHeader(random)));
  for (let index = 0; index < 8; index++) write(writer, randomTuple(random));
  const { bytes, start, end } = writer.close(77);
  const whole = bytes.slice(start, end);
  const { start: bodyStart } = openFrame(whole);
  for (let round = 0; round < 5000; round++) {
    const frame = whole.slice();
    for (let hit = 0; hit <= random.below(4); hit++) {
      frame[bodyStart + random.below(frame.length - bodyStart)] = random.below(256);
    }
    const reader = new BatchReader();
    try {
      reader.open(frame, bodyStart, frame.length);
      while (reader.next()) expect(reader.valuesEnd).toBeLessThanOrEqual(frame.length);
    } catch (thrown) {
      expect({ seed, thrown }).toMatchObject({ thrown: { code: "protocol" } });
    }
  }
});

test("encodeMarker() and encodeGrant() write what protobuf-es writes and are read back", () => {
  const seed = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
  const random = seededRandom(seed);
  for (let round = 0; round < 5000; round++) {
    const header = randomHeader(random);
    const marker = {
      offset: Math.floor(random.unit() * 2 ** random.below(53)),
      kind: 1 + random.below(5),
      id: random.below(3) === 0 ? random.uint32() : 0,
      ended: random.below(2) === 0,
    };
    const frame = encodeMarker(encodeChannelHeader(header), marker);
    const opened = openFrame(frame);
    expect(again(opened.packet)).toEqual(opened.packet);
    expect(decodeMarker(frame, opened.start, opened.end)).toEqual({ ...header, ...marker });
    expect(readTask(frame, opened.start, opened.end)).toBe(header.destinationTask);
    const grant = {
      sourceTask: 1 + random.below(10_000),
      destinationTask: random.below(10_000),
      source: { epoch: random.below(10), counter: random.below(1000) },
      destination: { epoch: random.below(10), counter: random.below(1000) },
      limit: Math.floor(random.unit() * 2 ** random.below(53)),
    };
    const granted = encodeGrant(grant);
    const openedGrant = openFrame(granted);
    expect(again(openedGrant.packet)).toEqual(openedGrant.packet);
    expect(decodeGrant(granted, openedGrant.start, openedGrant.end)).toEqual(grant);
    expect(readTask(granted, openedGrant.start, openedGrant.end)).toBe(grant.sourceTask);
  }
});

test("PACKET_FIELD and TAG are those of packet.proto", () => {
  for (const [name, number] of Object.entries(PACKET_FIELD)) {
    expect(PacketSchema.fields.find((field) => field.number === number)?.localName).toBe(name);
  }
  expect(TAG.packetBatch >>> 3).toBe(PACKET_FIELD.batch);
  expect(TAG.packetMarker >>> 3).toBe(PACKET_FIELD.marker);
  expect(TAG.packetGrant >>> 3).toBe(PACKET_FIELD.grant);
  expect(TAG.packetAcks >>> 3).toBe(PACKET_FIELD.acks);
});

test("TAG names the fields of roots and records as packet.proto does", () => {
  const prefixes = [["root", RootSchema], ["acks", AcksSchema], [
    "record",
    AckRecordSchema,
  ]] as const;
  for (const [prefix, { fields }] of prefixes) {
    const names = fields.map((field) => field.localName);
    const tags = fields.map((field) => {
      const isFixed = field.fieldKind === "scalar" && field.scalar === ScalarType.FIXED32;
      return (field.number << 3) | (isFixed ? 5 : field.fieldKind === "list" ? 2 : 0);
    });
    const found = Object.entries(TAG).filter(([name]) => name.startsWith(prefix));
    expect(found.map(([, tag]) => tag)).toEqual(tags);
    for (const [index, [name]] of found.entries()) {
      expect(names[index]?.toLowerCase()).toEndWith(name.slice(prefix.length).toLowerCase());
    }
  }
});

/** All tuples of a body of one run that holds `tuples`, tags and lengths included. */
function readRun(tuples: readonly number[], runLength = tuples.length): number[][] {
  const body = Uint8Array.of(0x08, 2, 0x4a, runLength, ...tuples);
  const reader = new BatchReader();
  reader.open(body, 0, body.length);
  const found: number[][] = [];
  while (reader.next()) {
    found.push([...body.slice(reader.valuesStart, reader.valuesEnd)]);
  }
  return found;
}

test("BatchReader reads short tuples with unknown fields behind their values, and without values", () => {
  const plain = [0x12, 4, 0x12, 2, 0xa1, 0xa2];
  // Field 3 behind the values, before them, and in their place.
  const behind = [0x12, 6, 0x12, 2, 0xb1, 0xb2, 0x18, 7];
  const before = [0x12, 6, 0x18, 7, 0x12, 2, 0xc1, 0xc2];
  const empty = [0x12, 2, 0x18, 7];
  const other = [0x12, 4, 0x1a, 2, 0xd1, 0xd2];
  expect(readRun([...plain, ...behind, ...before, ...empty, ...other, ...plain])).toEqual([
    [0xa1, 0xa2],
    [0xb1, 0xb2],
    [0xc1, 0xc2],
    [],
    [],
    [0xa1, 0xa2],
  ]);
});

test("BatchReader refuses a short tuple that passes its run, or values that pass their tuple", () => {
  const tuple = [0x12, 4, 0x12, 2, 0xa1, 0xa2];
  const next = [0x4a, 6, ...tuple];
  // The run ends one byte before its tuple does; what follows are bytes of the batch.
  const twoShort = 2 * tuple.length - 1;
  expect(() => readRun([...tuple, ...tuple, ...next], twoShort)).toThrow(HeronError);
  expect(() => readRun([...tuple, 0x12, 4, 0x12, 3, 0xa1, 0xa2, 0x12, 0])).toThrow(HeronError);
  // A tuple of another length than its only field.
  expect(() => readRun([...tuple, 0x12, 4, 0x1a, 3, 0xa1, 0xa2])).toThrow(HeronError);
});
