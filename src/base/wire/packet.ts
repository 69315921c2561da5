/**
 * Packets as protobuf-es has them: made, encoded, decoded; and the types that callers
 * write them with. The bodies of the tuple path have a codec of their own elsewhere.
 */

import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { type Packet, PacketSchema } from "../gen/heron_bin/packet_pb.ts";
import { HeronError } from "../mod.ts";

/** A packet as a caller writes it: `{ body: { case: "stop", value: { reason: "x" } } }`. */
export type PacketInit = MessageInitShape<typeof PacketSchema>;

/** The one-of of a packet, as a caller writes it: `{ case: "stop", value: { reason: "x" } }`. */
export type PacketBodyInit = NonNullable<Exclude<PacketInit, Packet>["body"]>;

/** Makes a whole packet of its parts. */
export function createPacket(init: PacketInit): Packet {
  return create(PacketSchema, init);
}

/** The protobuf bytes of a packet, without the length that a frame adds. */
export function encodePacket(init: PacketInit): Uint8Array<ArrayBuffer> {
  return toBinary(PacketSchema, createPacket(init));
}

/**
 * Decodes the packet in `bytes[start, end)`. Fields of type bytes are views on `bytes`.
 * @throws HeronError `protocol` when the bytes are no packet
 */
export function decodePacket(bytes: Uint8Array, start: number, end: number): Packet {
  try {
    return fromBinary(PacketSchema, bytes.subarray(start, end));
  } catch (cause) {
    const found = cause instanceof Error ? cause.message : String(cause);
    throw new HeronError(
      "protocol",
      `Decode a packet of ${end - start} B: "${found}", expected a heron_bin.wire.Packet`,
      { cause },
    );
  }
}
