/**
 * A tuple larger than a batch: encoded once, as the runs of a batch of its own,
 * and cut into pieces that travel as batches (PROTOCOL section 1). Nothing of
 * it is copied but one piece at a time.
 */

import type { FrameRange, LargeTuple } from "./batch_writer.ts";
import { BATCH_COST_BYTES } from "./credit.ts";
import { TAG } from "./tags.ts";
import { writeVarintBefore } from "./varint.ts";

/** Bits of a batch's `part`; 0: it holds whole tuples. */
export const PART = Object.freeze({ part: 1, last: 2 });

/** Gives a tuple the roots of another copy, as long as those that it has. */
export function setRoots({ bytes, rootsStart }: LargeTuple, roots: Uint8Array): void {
  bytes.set(roots, rootsStart);
}

/** Where a part stands. */
export interface PartPlace {
  /** Of the channel, before this part. */
  readonly offset: number;
  /** The same before the first part of the tuple. */
  readonly tupleOffset: number;
  /** Where in the tuple's memory the piece begins. */
  readonly from: number;
}

/** Writes parts, one after the other, into the same memory. */
export class PartWriter {
  /** Bytes of all pieces but the last. */
  readonly pieceBytes: number;
  readonly #frame: Uint8Array;

  /** @param batchBytesMax most bytes of a part, with all its headers */
  constructor(batchBytesMax: number) {
    this.pieceBytes = pieceBytesOf(batchBytesMax);
    this.#frame = new Uint8Array(BATCH_COST_BYTES + this.pieceBytes);
  }

  /** The frame of the part that begins at `place.from`; `header` is the channel's. */
  write(header: Uint8Array, tuple: LargeTuple, place: PartPlace): FrameRange {
    const { offset, tupleOffset, from } = place;
    const to = Math.min(from + this.pieceBytes, tuple.end);
    const runBytes = to - from;
    const bytes = this.#frame;
    const end = BATCH_COST_BYTES + runBytes;
    bytes.set(tuple.bytes.subarray(from, to), BATCH_COST_BYTES);
    let at = writeVarintBefore(bytes, BATCH_COST_BYTES, runBytes);
    bytes[--at] = TAG.batchPiece;
    at = writeVarintBefore(bytes, at, tuple.end - tuple.start);
    bytes[--at] = TAG.batchTupleBytes;
    at = writeOffset(bytes, at, { tag: TAG.batchTupleOffset, offset: tupleOffset });
    bytes[--at] = to === tuple.end ? PART.part | PART.last : PART.part;
    bytes[--at] = TAG.batchPart;
    at = writeOffset(bytes, at, { tag: TAG.batchOffset, offset });
    at -= header.length;
    bytes.set(header, at);
    at = writeVarintBefore(bytes, at, end - at);
    bytes[--at] = TAG.packetBatch;
    at = writeVarintBefore(bytes, at, end - at);
    return { bytes, start: at, end, runBytes };
  }
}

/** Zeros are left out, as proto3 wants. */
function writeOffset(
  bytes: Uint8Array,
  end: number,
  { tag, offset }: { tag: number; offset: number },
): number {
  if (offset === 0) return end;
  const at = writeVarintBefore(bytes, end, offset) - 1;
  bytes[at] = tag;
  return at;
}

/** Bytes of a tuple in each of its parts but the last, which is at most `batchBytesMax` with its headers. */
function pieceBytesOf(batchBytesMax: number): number {
  return Math.max(1, batchBytesMax - BATCH_COST_BYTES);
}

/** What a tuple of `tupleBytes` costs in credit when it travels in parts. */
export function partsCostBytes(tupleBytes: number, batchBytesMax: number): number {
  return tupleBytes + Math.ceil(tupleBytes / pieceBytesOf(batchBytesMax)) * BATCH_COST_BYTES;
}
