import { expect, test } from "bun:test";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { PacketSchema } from "../gen/heron_bin/packet_pb.ts";
import { HeronError, seededRandom } from "../mod.ts";
import { decodePacket, encodePacket, type PacketInit } from "./packet.ts";
import { isPacketBody, PacketPeek } from "./packet_peek.ts";

const { batch, stop, ping } = PacketSchema.field;

function look(bytes: Uint8Array): PacketPeek {
  const peek = new PacketPeek();
  peek.peek(bytes, 0, bytes.length);
  return peek;
}

test("PacketPeek.peek() finds ids, body and its range", () => {
  const packets: [PacketInit, number][] = [
    [{ body: { case: "batch", value: { destinationTask: 5 } } }, batch.number],
    [{ requestId: 300, body: { case: "stop", value: { reason: "x" } } }, stop.number],
    [{ responseTo: 0xffff_ffff, body: { case: "ping", value: {} } }, ping.number],
  ];
  for (const [init, body] of packets) {
    const bytes = encodePacket(init);
    const padded = Buffer.concat([Buffer.from([9]), bytes, Buffer.from([9])]);
    const peek = new PacketPeek();
    peek.peek(padded, 1, 1 + bytes.length);
    expect(peek.requestId).toBe(init.requestId ?? 0);
    expect(peek.responseTo).toBe(init.responseTo ?? 0);
    expect(peek.body).toBe(body);
    expect(peek.bodyEnd).toBe(1 + bytes.length);
  }
});

test("PacketPeek.peek() passes over what this version does not know", () => {
  const bytes = new BinaryWriter()
    .tag(1000, WireType.Varint).uint64("18446744073709551615")
    .tag(1001, WireType.Bit64).fixed64(5)
    .tag(1002, WireType.Bit32).fixed32(5)
    .tag(1003, WireType.LengthDelimited).bytes(new Uint8Array(300))
    .tag(batch.number, WireType.LengthDelimited).bytes(new Uint8Array([8, 1]))
    .tag(2, WireType.Varint).uint32(9)
    .finish();
  const peek = look(bytes);
  expect(peek).toMatchObject({ body: batch.number, responseTo: 9 });
  expect(bytes.subarray(peek.bodyStart, peek.bodyEnd)).toEqual(new Uint8Array([8, 1]));
  expect(look(new Uint8Array(0)).body).toBe(0);
});

test("PacketPeek.peek() refuses two bodies, groups, field 0 and every cut", () => {
  const two = new BinaryWriter()
    .tag(batch.number, WireType.LengthDelimited).bytes(new Uint8Array(1))
    .tag(batch.number, WireType.LengthDelimited).bytes(new Uint8Array(1)).finish();
  expect(() => look(two)).toThrow("bodies 3 and 3");
  expect(() => look(new Uint8Array([0x1b]))).toThrow("wire type 3");
  expect(() => look(new Uint8Array([0x00, 0x01]))).toThrow("field number 0");
  const whole = encodePacket({ requestId: 300, body: { case: "stop", value: { reason: "xyz" } } });
  const ends = [0, 3, whole.length]; // Where fields end: a shorter packet is one too.
  for (let cut = 0; cut < whole.length; cut++) {
    if (ends.includes(cut)) continue;
    expect(() => look(whole.subarray(0, cut)), `cut ${cut}`).toThrow(HeronError);
  }
});

test("PacketPeek.peek() agrees with protobuf-es or refuses, on seeded random bytes", () => {
  const random = seededRandom(11);
  let agreed = 0;
  for (let i = 0; i < 20_000; i++) {
    const bytes = Uint8Array.from({ length: random.below(12) }, () => {
      const choice = random.below(4);
      return choice === 0 ? 0x1a : choice === 1 ? random.below(256) : random.below(20);
    });
    let peek: PacketPeek;
    try {
      peek = look(bytes);
    } catch (thrown) {
      expect(thrown).toBeInstanceOf(HeronError);
      continue;
    }
    if (peek.bodyEnd > peek.bodyStart) continue; // A body of random bytes may be refused by the decoder alone.
    const packet = decodePacket(bytes, 0, bytes.length);
    expect(packet.requestId).toBe(peek.requestId);
    expect(packet.responseTo).toBe(peek.responseTo);
    expect(packet.body.case !== undefined).toBe(peek.body !== 0);
    agreed++;
  }
  expect(agreed).toBeGreaterThan(100);
});

test("isPacketBody() knows the bodies from the ids", () => {
  expect([batch, stop, ping].every(({ number }) => isPacketBody(number))).toBe(true);
  expect([0, 1, 2, 9, 1000].some(isPacketBody)).toBe(false);
});
