/**
 * Reads a batch in place: the header once, then tuple after tuple as ranges of
 * the batch's bytes, without an object a tuple. Unknown fields are skipped.
 */

import { HeronError } from "../base/mod.ts";
import type { ChannelHeader } from "./channel_header.ts";
import { TAG } from "./tags.ts";
import { VarintCursor } from "./varint.ts";

/** A cursor over one batch; `open` makes it reusable. */
export class BatchReader implements ChannelHeader {
  destinationTask = 0;
  sourceTask = 0;
  sourceEpoch = 0;
  sourceCounter = 0;
  planVersion = 0;
  restoreEpoch = 0;
  /** Run bytes sent on the channel before this batch. */
  offset = 0;
  /** Bits of `PART`; 0: whole tuples, in runs. */
  part = 0;
  /** Run bytes in this batch; those of the piece of a part. */
  runBytes = 0;
  /** Of a part: the offset before the first part of its tuple. */
  tupleOffset = 0;
  /** Of a part: bytes of its whole tuple. */
  tupleBytes = 0;
  /** Range of a part's piece. */
  pieceStart = 0;
  pieceEnd = 0;

  /** Stream of the current tuple: index among the outputs of its source component. */
  stream = 0;
  /** Range of the current tuple's roots, encoded; empty when start equals end. */
  rootsStart = 0;
  rootsEnd = 0;
  /** Range of the current tuple's values. */
  valuesStart = 0;
  valuesEnd = 0;

  readonly #cursor = new VarintCursor(new Uint8Array(0), 0, 0);
  #batchEnd = 0;
  #runEnd = 0;

  /** The bytes that all ranges refer to. */
  get bytes(): Uint8Array {
    return this.#cursor.bytes;
  }

  /**
   * Reads the header of the batch body between `start` and `end` of `bytes`.
   * @throws HeronError "protocol" when it is no batch
   */
  open(bytes: Uint8Array, start: number, end: number): void {
    const cursor = this.#cursor;
    cursor.bytes = bytes;
    cursor.at = start;
    cursor.end = end;
    this.#batchEnd = end;
    this.destinationTask =
      this.sourceTask =
      this.sourceEpoch =
      this.sourceCounter =
        0;
    this.planVersion =
      this.restoreEpoch =
      this.offset =
      this.part =
      this.tupleOffset =
      this.tupleBytes =
        0;
    this.pieceStart = this.pieceEnd = end;
    while (cursor.at < end) {
      const before = cursor.at;
      const tag = cursor.next();
      if (tag === TAG.batchRuns) {
        cursor.at = before;
        break;
      }
      this.#readField(tag);
    }
    this.runBytes = end - cursor.at + this.pieceEnd - this.pieceStart;
    this.#runEnd = cursor.at;
  }

  #readField(tag: number): void {
    const cursor = this.#cursor;
    switch (tag) {
      case 8:
        this.destinationTask = cursor.next();
        return;
      case 16:
        this.sourceTask = cursor.next();
        return;
      case 24:
        this.sourceEpoch = cursor.next();
        return;
      case 32:
        this.sourceCounter = cursor.next();
        return;
      case 40:
        this.planVersion = cursor.next();
        return;
      case 48:
        this.restoreEpoch = cursor.next();
        return;
      case 56:
        this.offset = cursor.next();
        return;
      case TAG.batchPart:
        this.part = cursor.next();
        return;
      case TAG.batchTupleOffset:
        this.tupleOffset = cursor.next();
        return;
      case TAG.batchTupleBytes:
        this.tupleBytes = cursor.next();
        return;
      case TAG.batchPiece: {
        const length = cursor.nextLength();
        this.pieceStart = cursor.at;
        this.pieceEnd = cursor.at += length;
        return;
      }
      default:
        cursor.skip(tag);
    }
  }

  /**
   * Moves to the next tuple; false behind the last one.
   * @throws HeronError "protocol" when the bytes are no batch
   */
  next(): boolean {
    if (this.#readShort()) return true;
    const cursor = this.#cursor;
    for (;;) {
      if (cursor.at < this.#runEnd) {
        cursor.end = this.#runEnd;
        const tag = cursor.next();
        if (tag === TAG.runTuples) {
          this.#readTuple();
          return true;
        }
        if (tag === TAG.runStream) this.stream = cursor.next();
        else cursor.skip(tag);
        continue;
      }
      cursor.end = this.#batchEnd;
      if (cursor.at >= this.#batchEnd) return false;
      this.#openRun();
    }
  }

  /** The most usual tuple in the open run: roots or none, then values, each of less than 128 bytes. */
  #readShort(): boolean {
    const cursor = this.#cursor;
    const { bytes, at } = cursor;
    const runEnd = this.#runEnd;
    if (at + 4 > runEnd || bytes[at] !== TAG.runTuples) return false;
    const end = at + 2 + bytes[at + 1]!;
    if (bytes[at + 1]! >= 0x80 || end > runEnd) return false;
    const start = at + 2;
    let rootsEnd = start;
    while (rootsEnd < end && bytes[rootsEnd] === TAG.tupleRoots) {
      if (bytes[rootsEnd + 1]! >= 0x80) return false;
      rootsEnd += 2 + bytes[rootsEnd + 1]!;
    }
    const valuesStart = rootsEnd + 2;
    if (valuesStart > end || bytes[rootsEnd] !== TAG.tupleValues) return false;
    if (valuesStart + bytes[rootsEnd + 1]! !== end) return false;
    this.rootsStart = start;
    this.rootsEnd = rootsEnd;
    this.valuesStart = valuesStart;
    this.valuesEnd = end;
    cursor.at = end;
    return true;
  }

  #openRun(): void {
    const cursor = this.#cursor;
    const tag = cursor.next();
    if (tag !== TAG.batchRuns) {
      throw new HeronError(
        "protocol",
        `Read a batch: found tag "${tag}" between runs, expected ${TAG.batchRuns}`,
      );
    }
    this.stream = 0;
    const length = cursor.nextLength();
    this.#runEnd = cursor.at + length;
  }

  #readTuple(): void {
    const cursor = this.#cursor;
    const length = cursor.nextLength();
    const end = cursor.at + length;
    cursor.end = end;
    this.rootsStart = this.rootsEnd = cursor.at;
    this.valuesStart = this.valuesEnd = end;
    while (cursor.at < end) {
      const tag = cursor.next();
      if (tag === TAG.tupleValues) {
        const size = cursor.nextLength();
        this.valuesStart = cursor.at;
        this.valuesEnd = cursor.at += size;
      } else if (tag === TAG.tupleRoots) {
        const size = cursor.nextLength();
        this.rootsEnd = cursor.at += size;
      } else cursor.skip(tag);
    }
    cursor.end = this.#runEnd;
  }
}

/** How many tuples a batch body holds, for counting what is dropped; of one in parts its first part counts. */
export function countTuples(bytes: Uint8Array, start: number, end: number): number {
  const reader = new BatchReader();
  reader.open(bytes, start, end);
  let count = reader.part !== 0 && reader.offset === reader.tupleOffset ? 1 : 0;
  while (reader.next()) count++;
  return count;
}
