/**
 * Ack records for one spout task in the order they were made, encoded at once.
 * Cheaper than merging where each root has a record or two: only what belongs
 * to the root of the record before is merged.
 */

import {
  ACK_KIND,
  AckReader,
  type AckRecord,
  ACKS_HEAD_BYTES_MAX,
  RECORD_BYTES_MAX,
  writeAcksHead,
  writeRecord,
  writeSoleAck,
} from "./acks.ts";
import { ByteBuffer } from "./byte_buffer.ts";
import type { FrameSink } from "./out_channel.ts";
import type { RootRange } from "./roots.ts";
import { writeFixed32 } from "./varint.ts";

const CAPACITY_AT_FIRST = 512;
/** The halves of a record with their tags: they come last. */
const HALVES_BYTES = 2 * (1 + 4);

/** What bounds the records. */
export interface LooseAcksOptions {
  /** With more bytes no record is taken. */
  readonly bytesMax: number;
  /** Size of a frame, in bytes; it may be passed by one record. */
  readonly frameBytesMax: number;
}

/** Records that lie as they will be sent, with room for a head before those of each frame. */
export class LooseAcks {
  readonly #options: LooseAcksOptions;
  readonly #buffer = new ByteBuffer(CAPACITY_AT_FIRST);
  readonly #reader = new AckReader();
  /** Where the records of each frame but the last end. */
  readonly #cuts: number[] = [];
  /** Where the records of the last frame begin. */
  #frameStart = ACKS_HEAD_BYTES_MAX;
  /** Of the record added last; no slot: nothing is merged with it. */
  #slot = -1;
  #generation = 0;
  #xorLow = 0;
  #xorHigh = 0;

  /** No records yet. */
  constructor(options: LooseAcksOptions) {
    this.#options = options;
    this.#buffer.length = ACKS_HEAD_BYTES_MAX;
  }

  /** No record waits. */
  get isEmpty(): boolean {
    return this.#buffer.length === ACKS_HEAD_BYTES_MAX;
  }

  /** What waits, in bytes. */
  get bytes(): number {
    return this.#buffer.length - ACKS_HEAD_BYTES_MAX;
  }

  /** Adds a record; false: there is no room for more. */
  add(record: AckRecord): boolean {
    const { slot, generation, kind, xorLow, xorHigh } = record;
    const isAck = kind === ACK_KIND.ack;
    if (slot === this.#slot && generation === this.#generation && isAck) {
      if (this.#mergeWithLast(xorLow, xorHigh)) return true;
    }
    const buffer = this.#buffer;
    if (!this.#hasRoom()) return false;
    buffer.length = writeRecord(buffer.bytes, buffer.length, record);
    this.#slot = isAck && xorLow !== 0 && xorHigh !== 0 ? slot : -1;
    this.#generation = generation;
    this.#xorLow = xorLow;
    this.#xorHigh = xorHigh;
    return true;
  }

  /** Adds the ack of a tuple, as `writeSoleAck` writes it; false: there is no room, or no such root. */
  addSole(roots: RootRange, head: Uint8Array): boolean {
    if (!this.#hasRoom()) return false;
    const buffer = this.#buffer;
    const end = writeSoleAck(buffer.bytes, buffer.length, { roots, head });
    if (end < 0) return false;
    buffer.length = end;
    this.#slot = -1;
    return true;
  }

  /** Makes room for a record; false: there are enough. */
  #hasRoom(): boolean {
    const buffer = this.#buffer;
    const { bytesMax, frameBytesMax } = this.#options;
    if (buffer.length >= bytesMax) return false;
    if (buffer.length - this.#frameStart >= frameBytesMax) this.#cut();
    buffer.ensure(RECORD_BYTES_MAX);
    return true;
  }

  /** Halves of 0 are left out of a record: one that would have such is not merged. */
  #mergeWithLast(xorLow: number, xorHigh: number): boolean {
    const low = this.#xorLow ^ xorLow;
    const high = this.#xorHigh ^ xorHigh;
    if (low === 0 || high === 0) return false;
    this.#xorLow = low;
    this.#xorHigh = high;
    const { bytes, length } = this.#buffer;
    writeFixed32(bytes, length - HALVES_BYTES + 1, low);
    writeFixed32(bytes, length - 4, high);
    return true;
  }

  #cut(): void {
    const buffer = this.#buffer;
    this.#cuts.push(buffer.length);
    buffer.ensure(ACKS_HEAD_BYTES_MAX);
    buffer.length += ACKS_HEAD_BYTES_MAX;
    this.#frameStart = buffer.length;
  }

  /** Writes all as frames with `head`, and is empty then. */
  drain(sink: FrameSink, head: Uint8Array): void {
    this.#eachFrame((start, end) => {
      const { bytes } = this.#buffer;
      sink.write(bytes, writeAcksHead(bytes, head, { start, end }), end);
    });
    this.clear();
  }

  /** Hands all to `take`, one after the other, and is empty then. */
  pour(take: (record: AckRecord) => void): void {
    const reader = this.#reader;
    this.#eachFrame((start, end) => {
      reader.open(this.#buffer.bytes, start, end);
      while (reader.next()) take(reader);
    });
    this.clear();
  }

  #eachFrame(take: (start: number, end: number) => void): void {
    let start = ACKS_HEAD_BYTES_MAX;
    for (const cut of this.#cuts) {
      take(start, cut);
      start = cut + ACKS_HEAD_BYTES_MAX;
    }
    if (this.#buffer.length > start) take(start, this.#buffer.length);
  }

  /** Forgets all. */
  clear(): void {
    this.#buffer.length = this.#frameStart = ACKS_HEAD_BYTES_MAX;
    this.#cuts.length = 0;
    this.#slot = -1;
  }
}
