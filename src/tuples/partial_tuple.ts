/**
 * A tuple that comes in parts, as far as it came. When it is whole its bytes
 * are a batch like any other. What does not continue it is never added: its
 * parts name the offset at which it began, and how long it is.
 */

import { HeronError } from "../base/mod.ts";
import type { BatchReader } from "./batch_reader.ts";
import { encodeChannelHeader } from "./channel_header.ts";
import { BATCH_COST_BYTES } from "./credit.ts";
import { PART } from "./large_tuple.ts";
import type { RootRange } from "./roots.ts";
import { TAG } from "./tags.ts";
import { VarintCursor } from "./varint.ts";

/** Longest header of a run or tuple: tag and length. */
const HEADER_BYTES_MAX = 1 + 5;

/** A tuple of one channel in the making. */
export class PartialTuple {
  /** The channel's offset before its first part. */
  readonly tupleOffset: number;
  /** A batch body: valid as such once the tuple is whole. */
  readonly bytes: Uint8Array;
  /** What its parts count for credit so far. */
  creditBytes = 0;
  readonly #runsStart: number;
  #length: number;

  /** A tuple of which nothing came yet but the header of its first part, in `reader`. */
  constructor(reader: BatchReader) {
    const header = encodeChannelHeader(reader);
    this.tupleOffset = reader.tupleOffset;
    this.bytes = new Uint8Array(header.length + reader.tupleBytes);
    this.bytes.set(header);
    this.#runsStart = this.#length = header.length;
  }

  /** Whether the batch in `reader` is a part of this tuple. */
  isContinuedBy(reader: BatchReader): boolean {
    return reader.part !== 0 && reader.tupleOffset === this.tupleOffset;
  }

  /**
   * Adds the part in `reader`, which nothing was lost before; true: the tuple is whole.
   * @throws HeronError "protocol" when the parts are not as long as the tuple
   */
  add(reader: BatchReader): boolean {
    const { bytes, pieceStart, pieceEnd } = reader;
    const length = this.#length + pieceEnd - pieceStart;
    const isLast = (reader.part & PART.last) !== 0;
    if (length > this.bytes.length || isLast !== (length === this.bytes.length)) {
      throw new HeronError(
        "protocol",
        `Read a tuple in parts of task ${reader.sourceTask}: found ${length - this.#runsStart} B ${
          isLast ? "with" : "before"
        } its last part, expected ${this.bytes.length - this.#runsStart} B in all`,
      );
    }
    this.bytes.set(bytes.subarray(pieceStart, pieceEnd), this.#length);
    this.#length = length;
    this.creditBytes += reader.runBytes + BATCH_COST_BYTES;
    return isLast;
  }

  /** Where those of its roots lie that came whole. */
  roots(): RootRange {
    const bytes = this.bytes;
    const cursor = new VarintCursor(bytes, this.#runsStart, this.#length);
    const rootsStart = skipToTuple(cursor);
    let rootsEnd = rootsStart;
    // Each is shorter than 128 B: tag, length, content.
    while (rootsEnd + 1 < this.#length && bytes[rootsEnd] === TAG.tupleRoots) {
      const next = rootsEnd + 2 + (bytes[rootsEnd + 1] ?? 0);
      if (next > this.#length) break;
      rootsEnd = next;
    }
    return { bytes, rootsStart, rootsEnd };
  }
}

/** Moves behind the headers of the run and of its only tuple; to the end where they are cut. */
function skipToTuple(cursor: VarintCursor): number {
  for (const header of [TAG.batchRuns, TAG.runStream, TAG.runTuples]) {
    if (cursor.end - cursor.at < HEADER_BYTES_MAX) return cursor.end;
    const before = cursor.at;
    if (cursor.next() === header) cursor.next();
    else cursor.at = before;
  }
  return cursor.at;
}
