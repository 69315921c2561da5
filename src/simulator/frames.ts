/** Frames as the simulated shells see them: what they carry, read by a few bytes. */

import { decodePacket, encodeFrame, type PacketInit, PacketPeek } from "../base/wire/mod.ts";
import type { LossNotice, Packet } from "../base/gen/heron_bin/packet_pb.ts";
import { BATCH_COST_BYTES, BatchReader, PACKET_FIELD, PART, type TaskLife } from "../tuples/mod.ts";

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

const TUPLE_PATH = new Set<number>(Object.values(PACKET_FIELD));

/** The frame belongs to the tuple path, loss notices included. */
export function isTuplePath(frame: SimFrame): boolean {
  return TUPLE_PATH.has(frame.body);
}

/** The loss notice in a frame that is one. */
export function lossOf(frame: SimFrame): LossNotice | undefined {
  if (frame.body !== PACKET_FIELD.lossNotice) return undefined;
  const { body } = packetOf(frame);
  return body.case === "lossNotice" ? body.value : undefined;
}

/** Sends a packet over an end. */
export function send(
  end: { sendFrame(bytes: Uint8Array, start: number, end: number): void },
  packet: PacketInit,
): void {
  const frame = encodeFrame(packet);
  end.sendFrame(frame, 0, frame.length);
}

/** The packet of a frame. */
export function packetOf(frame: SimFrame): Packet {
  return decodePacket(frame.bytes, frame.packetStart, frame.end);
}

/** Who a batch is from and for, and what it costs. */
export interface BatchSummary {
  readonly source: number;
  readonly destination: number;
  /** Which life of the source. */
  readonly life: TaskLife;
  readonly offset: number;
  /** What its channel counts for it. */
  readonly creditBytes: number;
  /** A part of a tuple, and not its last. */
  readonly isMiddlePart: boolean;
}

const READER = new BatchReader();

/** The summary of a frame that is a batch. */
export function batchOf(frame: SimFrame): BatchSummary | undefined {
  if (frame.body !== PACKET_FIELD.batch) return undefined;
  READER.open(frame.bytes, frame.bodyStart, frame.end);
  return {
    source: READER.sourceTask,
    destination: READER.destinationTask,
    offset: READER.offset,
    life: { epoch: READER.sourceEpoch, counter: READER.sourceCounter },
    creditBytes: READER.runBytes + BATCH_COST_BYTES,
    isMiddlePart: READER.part === PART.part,
  };
}
