/**
 * Ack records as they travel to a spout task, by hand in the form of
 * `packet.proto`: read in place, and the encoding of one record and of a frame.
 */

import type { TaskLife } from "./channel_header.ts";
import { isNoKey, KEY_BYTES, type RootRange } from "./roots.ts";
import { TAG } from "./tags.ts";
import { fixed32At, VarintCursor, varintLength, writeFixed32, writeVarint } from "./varint.ts";

/** The kinds of ack record, with their numbers on the wire. */
export const ACK_KIND = Object.freeze({ ack: 0, fail: 1, resetTimeout: 2, ackSole: 3 });

/** What a bolt says of a tuple to one of its roots. */
export interface AckRecord {
  readonly slot: number;
  readonly generation: number;
  readonly kind: number;
  /**
   * Halves of the tuple's key, XORed with the keys of what was emitted for it; as int32. In a
   * record of kind `ackSole` that key is missing: its spout knows it.
   */
  readonly xorLow: number;
  readonly xorHigh: number;
}

/** Longest encoded record, in bytes: tag, length, three varints and two halves. */
export const RECORD_BYTES_MAX = 1 + 1 + 2 * (1 + 5) + 2 + 2 * (1 + 4);
/** Both halves with their tags: they come last. */
const HALVES_BYTES = 2 * (1 + 4);
/** A slot and a generation with their tags, the shortest and the longest. */
const SOLE_BYTES_MIN = 2 * (1 + 1);
const SOLE_BYTES_MAX = 2 * (1 + 5);
/** Tag, length, and a slot, a generation and a kind of one byte each. */
const USUAL_BYTES_MIN = 2 + 3 * 2;
/** Longest header of a frame, in bytes: length, packet, and the spout's life. */
export const ACKS_HEAD_BYTES_MAX = 5 + 1 + 5 + 3 * (1 + 5);

/** A cursor over the records of one Acks body; `open` makes it reusable. */
export class AckReader implements AckRecord, TaskLife {
  /** The spout task, and the life of it that opened the roots. */
  spoutTask = 0;
  epoch = 0;
  counter = 0;
  slot = 0;
  generation = 0;
  kind = 0;
  xorLow = 0;
  xorHigh = 0;
  readonly #cursor = new VarintCursor(new Uint8Array(0), 0, 0);
  #end = 0;

  /**
   * Reads whom the body between `start` and `end` is for.
   * @throws HeronError "protocol" when it is no Acks
   */
  open(bytes: Uint8Array, start: number, end: number): void {
    const cursor = this.#cursor;
    cursor.bytes = bytes;
    cursor.at = start;
    cursor.end = this.#end = end;
    this.spoutTask = this.epoch = this.counter = 0;
    while (cursor.at < end) {
      const before = cursor.at;
      const tag = cursor.next();
      switch (tag) {
        case TAG.acksTask:
          this.spoutTask = cursor.next();
          break;
        case TAG.acksEpoch:
          this.epoch = cursor.next();
          break;
        case TAG.acksCounter:
          this.counter = cursor.next();
          break;
        case TAG.acksRecords:
          cursor.at = before;
          return;
        default:
          cursor.skip(tag);
      }
    }
  }

  /**
   * Moves to the next record; false behind the last one.
   * @throws HeronError "protocol" when the bytes are no Acks
   */
  next(): boolean {
    if (this.#readUsual()) return true;
    const cursor = this.#cursor;
    while (cursor.at < this.#end) {
      const tag = cursor.next();
      if (tag !== TAG.acksRecords) {
        cursor.skip(tag);
        continue;
      }
      const length = cursor.nextLength();
      cursor.end = cursor.at + length;
      this.#readRecord();
      cursor.end = this.#end;
      return true;
    }
    return false;
  }

  /** The most usual records, as written here: slot, generation, and both halves or the kind. */
  #readUsual(): boolean {
    const cursor = this.#cursor;
    const { bytes, at } = cursor;
    if (at + USUAL_BYTES_MIN > this.#end || bytes[at] !== TAG.acksRecords) return false;
    const end = at + 2 + bytes[at + 1]!;
    if (bytes[at + 1]! >= 0x80 || end > this.#end || bytes[at + 2] !== TAG.recordSlot) return false;
    cursor.at = at + 3;
    const slot = cursor.next();
    if (bytes[cursor.at] === TAG.recordGeneration) {
      cursor.at++;
      const generation = cursor.next();
      if (this.#readRest(end)) {
        this.slot = slot;
        this.generation = generation;
        return true;
      }
    }
    cursor.at = at;
    return false;
  }

  /** What follows the generation: a sole ack with nothing anchored, or the halves of an ack. */
  #readRest(end: number): boolean {
    const cursor = this.#cursor;
    const { bytes, at } = cursor;
    if (bytes[at] === TAG.recordKind && bytes[at + 1] === ACK_KIND.ackSole && at + 2 === end) {
      this.kind = ACK_KIND.ackSole;
      this.xorLow = this.xorHigh = 0;
    } else if (
      at + HALVES_BYTES === end && bytes[at] === TAG.recordXorLow &&
      bytes[at + 5] === TAG.recordXorHigh
    ) {
      this.kind = ACK_KIND.ack;
      this.xorLow = fixed32At(bytes, at + 1);
      this.xorHigh = fixed32At(bytes, at + 6);
    } else return false;
    cursor.at = end;
    return true;
  }

  #readRecord(): void {
    const cursor = this.#cursor;
    this.slot =
      this.generation =
      this.kind =
      this.xorLow =
      this.xorHigh =
        0;
    while (cursor.at < cursor.end) {
      const tag = cursor.next();
      switch (tag) {
        case TAG.recordSlot:
          this.slot = cursor.next();
          break;
        case TAG.recordGeneration:
          this.generation = cursor.next();
          break;
        case TAG.recordKind:
          this.kind = cursor.next();
          break;
        case TAG.recordXorLow:
          this.xorLow = cursor.nextFixed32();
          break;
        case TAG.recordXorHigh:
          this.xorHigh = cursor.nextFixed32();
          break;
        default:
          cursor.skip(tag);
      }
    }
  }
}

/** Writes a record with its tag and length at `at`; returns the position behind it. */
export function writeRecord(bytes: Uint8Array, at: number, record: AckRecord): number {
  const start = at;
  bytes[at] = TAG.acksRecords;
  at += 2;
  if (record.slot !== 0) {
    bytes[at] = TAG.recordSlot;
    at = writeVarint(bytes, at + 1, record.slot);
  }
  if (record.generation !== 0) {
    bytes[at] = TAG.recordGeneration;
    at = writeVarint(bytes, at + 1, record.generation);
  }
  if (record.kind !== 0) {
    bytes[at] = TAG.recordKind;
    at = writeVarint(bytes, at + 1, record.kind);
  }
  if (record.xorLow !== 0) {
    bytes[at] = TAG.recordXorLow;
    at = writeFixed32(bytes, at + 1, record.xorLow);
  }
  if (record.xorHigh !== 0) {
    bytes[at] = TAG.recordXorHigh;
    at = writeFixed32(bytes, at + 1, record.xorHigh);
  }
  // Below 128: one byte.
  bytes[start + 1] = at - start - 2;
  return at;
}

/**
 * Writes at `at` of `to` the ack of a tuple whose only root came without a key; returns the position
 * behind it, or -1: its roots are others. The numbers are copied as they are encoded.
 * @param head what `encodeAcksHead` makes of the life that the record is for; a root without that is its too
 */
export function writeSoleAck(
  to: Uint8Array,
  at: number,
  { roots, head }: { readonly roots: RootRange; readonly head: Uint8Array },
): number {
  const { bytes, rootsStart, rootsEnd } = roots;
  const length = rootsEnd - rootsStart - 2;
  if (length < SOLE_BYTES_MIN || length >= 0x80) return -1;
  if (bytes[rootsStart] !== TAG.tupleRoots || bytes[rootsStart + 1] !== length) return -1;
  let from = rootsStart + 2;
  // Fields 1 to 3 are as those of a head.
  if (bytes[from] === TAG.rootTask) from = behindHead(roots, head);
  // The key comes last, if there is one.
  const end = length > SOLE_BYTES_MAX ? rootsEnd - KEY_BYTES : rootsEnd;
  if (end < rootsEnd && !isNoKey(bytes, end)) return -1;
  // No more than there is room for.
  if (from < 0 || end - from > SOLE_BYTES_MAX || bytes[from++] !== TAG.rootSlot) return -1;
  let into = at + 3;
  do to[into++] = bytes[from]!; while (bytes[from++]! >= 0x80 && from < end);
  if (from + 1 >= end || bytes[from++] !== TAG.rootGeneration) return -1;
  to[into++] = TAG.recordGeneration;
  do to[into++] = bytes[from]!; while (bytes[from++]! >= 0x80 && from < end);
  if (from !== end || bytes[from - 1]! >= 0x80) return -1;
  to[at] = TAG.acksRecords;
  to[at + 1] = into - at;
  to[at + 2] = TAG.recordSlot;
  to[into] = TAG.recordKind;
  to[into + 1] = ACK_KIND.ackSole;
  return into + 2;
}

/** A look at the last bytes alone: false when the last root has a key, as most have that are not the only one. */
export function maySole({ bytes, rootsStart, rootsEnd }: RootRange): boolean {
  return rootsEnd - rootsStart <= 2 + SOLE_BYTES_MAX || isNoKey(bytes, rootsEnd - KEY_BYTES);
}

/** The position behind the first root's life, if that is the one of `head`; or -1. */
function behindHead({ bytes, rootsStart }: RootRange, head: Uint8Array): number {
  const from = rootsStart + 2;
  for (let index = 0; index < head.length; index++) {
    if (bytes[from + index] !== head[index]) return -1;
  }
  return from + head.length;
}

/** Fields 1 to 3 of Acks; zeros are left out. */
export function encodeAcksHead(spoutTask: number, life: TaskLife): Uint8Array {
  const bytes = new Uint8Array(3 * 6);
  let at = 0;
  for (const [index, value] of [spoutTask, life.epoch, life.counter].entries()) {
    if (value === 0) continue;
    bytes[at] = (index + 1) << 3;
    at = writeVarint(bytes, at + 1, value);
  }
  return bytes.slice(0, at);
}

/**
 * Writes all that comes before the records of a frame so that it ends at `recordsAt`; they end
 * at `end`. Returns where the frame starts.
 */
export function writeAcksHead(
  bytes: Uint8Array,
  head: Uint8Array,
  records: { readonly start: number; readonly end: number },
): number {
  const { end } = records;
  let at = records.start - head.length;
  bytes.set(head, at);
  const body = end - at;
  at -= varintLength(body);
  writeVarint(bytes, at, body);
  bytes[--at] = TAG.packetAcks;
  const packet = end - at;
  at -= varintLength(packet);
  writeVarint(bytes, at, packet);
  return at;
}
