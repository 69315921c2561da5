/** Frames as the simulated shells see them: what they carry, read by a few bytes. */

import { decodePacket, PacketPeek } from "../base/wire/mod.ts";
import type { Packet } from "../base/gen/heron_bin/packet_pb.ts";
import { BATCH_COST_BYTES, BatchReader, PACKET_FIELD } from "../tuples/mod.ts";

/** A whole frame and where its parts lie. */
export interface SimFrame {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly packetStart: number;
  readonly bodyStart: number;
  readonly end: number;
  /** Field number of the body in `Packet`. */
  readonly body: number;
}

const PEEK = new PacketPeek();

/** Looks at a whole frame. */
export function peekFrame(bytes: Uint8Array): SimFrame {
  let packetStart = 0;
  while ((bytes[packetStart] ?? 0) >= 0x80) packetStart++;
  packetStart++;
  PEEK.peek(bytes, packetStart, bytes.length);
  return {
    bytes,
    start: 0,
    packetStart,
    bodyStart: PEEK.bodyStart,
    end: bytes.length,
    body: PEEK.body,
  };
}

/** The frame belongs to the tuple path and is forwarded without being decoded. */
export function isTuplePath(frame: SimFrame): boolean {
  return frame.body === PACKET_FIELD.batch || frame.body === PACKET_FIELD.marker ||
    frame.body === PACKET_FIELD.grant;
}

/** The packet of a frame. */
export function packetOf(frame: SimFrame): Packet {
  return decodePacket(frame.bytes, frame.packetStart, frame.end);
}

/** Who a batch is from and for, and what it costs. */
export interface BatchSummary {
  readonly source: number;
  readonly destination: number;
  /** What its channel counts for it. */
  readonly creditBytes: number;
}

const READER = new BatchReader();

/** The summary of a frame that is a batch. */
export function batchOf(frame: SimFrame): BatchSummary | undefined {
  if (frame.body !== PACKET_FIELD.batch) return undefined;
  READER.open(frame.bytes, frame.bodyStart, frame.end);
  return {
    source: READER.sourceTask,
    destination: READER.destinationTask,
    creditBytes: READER.runBytes + BATCH_COST_BYTES,
  };
}
