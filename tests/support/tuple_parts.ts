/** Tuples cut into parts and made whole again, by the codec itself. */

import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { expect } from "bun:test";
import { PacketSchema } from "../../src/base/gen/heron_bin/packet_pb.ts";
import type { Random } from "../../src/base/mod.ts";
import {
  BATCH_COST_BYTES,
  BatchReader,
  type BatchWriter,
  encodeChannelHeader,
  type LargeTuple,
  PartialTuple,
  partsCostBytes,
  PartWriter,
  RootWriter,
} from "../../src/tuples/mod.ts";
import { VarintCursor } from "../../src/tuples/varint.ts";

/** The header of the channel. */
export const HEADER = {
  destinationTask: 3,
  sourceTask: 2,
  sourceEpoch: 1,
  sourceCounter: 70_000,
  planVersion: 4,
  restoreEpoch: 0,
};

/** A tuple by its encoded parts. */
export interface PlainTuple {
  readonly stream: number;
  readonly roots: Uint8Array;
  readonly values: Uint8Array;
}

/** Bytes by chance. */
export function randomBytes(random: Random, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => random.below(256));
}

/** So many roots, encoded. */
export function rootsOf(count: number, key = 1): Uint8Array {
  const writer = new RootWriter();
  for (let slot = 0; slot < count; slot++) {
    writer.add({ task: 1, epoch: 1, counter: 2, slot, generation: 3 }, key, slot + 1);
  }
  return writer.bytes.slice();
}

/** Begins a tuple. */
export function begin(writer: BatchWriter, { stream, roots, values }: PlainTuple): void {
  const buffer = writer.beginTuple(stream, roots);
  buffer.ensure(values.length);
  buffer.bytes.set(values, buffer.length);
  buffer.length += values.length;
}

/** The bodies of all parts. */
export function partsOf(tuple: LargeTuple, batchBytes: number, firstOffset: number): Uint8Array[] {
  const writer = new PartWriter(batchBytes);
  const header = encodeChannelHeader(HEADER);
  const bodies: Uint8Array[] = [];
  let offset = firstOffset;
  for (let from = tuple.start; from < tuple.end;) {
    const frame = writer.write(header, tuple, { offset, tupleOffset: firstOffset, from });
    expect(frame.end - frame.start).toBeLessThanOrEqual(batchBytes);
    bodies.push(bodyOf(frame.bytes.slice(frame.start, frame.end)));
    offset += frame.runBytes + BATCH_COST_BYTES;
    from += frame.runBytes;
  }
  expect(offset - firstOffset).toBe(partsCostBytes(tuple.end - tuple.start, batchBytes));
  return bodies;
}

/** The body of a frame, which is what protobuf-es writes. */
export function bodyOf(frame: Uint8Array): Uint8Array {
  const cursor = new VarintCursor(frame, 0, frame.length);
  expect(cursor.nextLength()).toBe(frame.length - cursor.at);
  const packet = frame.subarray(cursor.at);
  expect(Buffer.compare(toBinary(PacketSchema, fromBinary(PacketSchema, packet)), packet)).toBe(0);
  cursor.next();
  cursor.nextLength();
  return frame.subarray(cursor.at);
}

/** The tuples of a batch body. */
export function readAll(body: Uint8Array): PlainTuple[] {
  const reader = new BatchReader();
  reader.open(body, 0, body.length);
  expect(reader).toMatchObject(HEADER);
  const tuples: PlainTuple[] = [];
  while (reader.next()) {
    tuples.push({
      stream: reader.stream,
      roots: body.slice(reader.rootsStart, reader.rootsEnd),
      values: body.slice(reader.valuesStart, reader.valuesEnd),
    });
  }
  return tuples;
}

/** The tuple that all parts make. */
export function assemble(bodies: readonly Uint8Array[]): PartialTuple {
  const reader = new BatchReader();
  let partial: PartialTuple | undefined;
  for (const [index, body] of bodies.entries()) {
    reader.open(body, 0, body.length);
    expect(reader.next()).toBe(false);
    partial ??= new PartialTuple(reader);
    expect(partial.isContinuedBy(reader)).toBe(true);
    expect(partial.add(reader)).toBe(index === bodies.length - 1);
  }
  if (partial === undefined) throw new Error("no parts");
  return partial;
}
