/**
 * The open batch of one channel: tuples are encoded straight into it, and its
 * header is written backwards into room kept in front when it is closed.
 * The bytes are those protobuf-es would make of the same `Packet`.
 */

import { ByteBuffer } from "./byte_buffer.ts";
import type { ClassCodecs } from "./class_codecs.ts";
import { changeKey, KEY_BYTES } from "./roots.ts";
import { TAG } from "./tags.ts";
import { varintLength, writeVarint, writeVarintBefore } from "./varint.ts";

/** Room in front of the first run: frame length, packet, batch header, run header. */
const HEAD_BYTES = 96;
/** Room kept for the header of a later run: tag, length, stream. */
const RUN_GAP_BYTES = 1 + 5 + 1 + 5;
/** Room kept for the header of a tuple whose lengths fit one byte each. */
const TUPLE_GAP_BYTES = 4;
const NO_ROOTS = new Uint8Array(0);
/** Memory past this is not kept for the sake of one tuple that did not stay. */
const KEPT_BYTES_MAX = 256 * 1024;

/** A frame inside a batch's own memory; valid until the next append. */
export interface FrameRange {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  /** Bytes of runs in it: what counts for the offset and for credit. */
  readonly runBytes: number;
}

/** Up to here (bytes) a loop beats a native call. */
const LOOP_BYTES_MAX = 64;

function putRoots(bytes: Uint8Array, at: number, roots: Uint8Array): void {
  const { length } = roots;
  if (length > LOOP_BYTES_MAX) bytes.set(roots, at);
  else for (let i = 0; i < length; i++) bytes[at + i] = roots[i]!;
}

/** The runs of one tuple, between `start` and `end` of memory that nobody else uses. */
export interface LargeTuple {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  /** Where its roots begin. */
  readonly rootsStart: number;
}

/** Who may still change a tuple in an open batch. */
export interface LateRoots {
  /** The batch is about to be closed: now or never. */
  leaving(): void;
}

/** Collects the tuples of one channel. */
export class BatchWriter {
  readonly #buffer: ByteBuffer;
  #header: Uint8Array;
  #stream = -1;
  /** Where the open run's room begins; for the first run, where its content begins. */
  #runStart = HEAD_BYTES;
  #firstRunStream = 0;
  #firstRunEnd = 0;
  #tupleStart = 0;
  #tuples = 0;
  #lastRootsEnd = 0;
  /** Is asked before the batch is closed, once. */
  late: LateRoots | undefined;

  /**
   * @param header encoded fields 1 to 6 of the batch
   * @param capacityBytes room taken at once
   */
  constructor(header: Uint8Array, capacityBytes = 1024) {
    this.#header = header;
    this.#buffer = new ByteBuffer(Math.max(capacityBytes, HEAD_BYTES));
    this.#buffer.length = HEAD_BYTES;
  }

  /** Replaces the header; the batch must be empty. */
  setHeader(header: Uint8Array): void {
    this.#header = header;
  }

  /** Lets instances of the user's own classes be written. */
  useClasses(classes: ClassCodecs): void {
    this.#buffer.classes = classes;
  }

  /** Tuples waiting. */
  get tuples(): number {
    return this.#tuples;
  }

  /** Bytes waiting, about what `close` will count as run bytes. */
  get pendingBytes(): number {
    return this.#buffer.length - HEAD_BYTES;
  }

  /**
   * Starts a tuple of `stream` and returns the buffer to write its values into;
   * `endTuple` or `cancelTuple` must follow.
   */
  beginTuple(stream: number, roots: Uint8Array = NO_ROOTS): ByteBuffer {
    if (stream !== this.#stream) this.#openRun(stream);
    const buffer = this.#buffer;
    buffer.ensure(TUPLE_GAP_BYTES + roots.length);
    this.#tupleStart = buffer.length;
    buffer.length += TUPLE_GAP_BYTES;
    if (roots.length > 0) {
      // Roots come before the values: tuple header, roots, values header, values.
      putRoots(buffer.bytes, this.#tupleStart + 2, roots);
      buffer.length += roots.length;
    }
    return buffer;
  }

  /** Ends the tuple begun; returns the bytes it takes in the batch. */
  endTuple(rootBytes = 0): number {
    const buffer = this.#buffer;
    const start = this.#tupleStart;
    const valuesStart = start + TUPLE_GAP_BYTES + rootBytes;
    const valuesLength = buffer.length - valuesStart;
    const valuesField = valuesLength === 0 ? 0 : 1 + varintLength(valuesLength) + valuesLength;
    const body = rootBytes + valuesField;
    const headLength = 1 + varintLength(body);
    const total = headLength + body;
    if (total !== TUPLE_GAP_BYTES + rootBytes + valuesLength || headLength !== 2) {
      this.#moveTuple({ start, rootBytes, valuesStart, valuesLength, total, headLength });
    }
    const bytes = buffer.bytes;
    bytes[start] = TAG.runTuples;
    writeVarint(bytes, start + 1, body);
    if (valuesLength > 0) {
      const at = start + headLength + rootBytes;
      bytes[at] = TAG.tupleValues;
      writeVarint(bytes, at + 1, valuesLength);
    }
    buffer.length = start + total;
    this.#lastRootsEnd = start + headLength + rootBytes;
    this.#tuples++;
    return total;
  }

  /** Where the roots of the tuple ended last lie; where they end. */
  get lastRootsEnd(): number {
    return this.#lastRootsEnd;
  }

  /** That place is theirs until the batch is closed: only later runs move. */
  get isLastFixed(): boolean {
    return this.#firstRunEnd === 0;
  }

  /** Gives another key to the last of the roots that end at `rootsEnd`. */
  setKey(rootsEnd: number, keyLow: number, keyHigh: number): void {
    changeKey(this.#buffer.bytes, rootsEnd - KEY_BYTES, { keyLow, keyHigh });
  }

  /** Moves roots and values where longer or absent headers want them. */
  #moveTuple(layout: {
    start: number;
    rootBytes: number;
    valuesStart: number;
    valuesLength: number;
    total: number;
    headLength: number;
  }): void {
    const buffer = this.#buffer;
    const { start, rootBytes, valuesStart, valuesLength, total, headLength } = layout;
    const extra = start + total - buffer.length;
    if (extra > 0) buffer.ensure(extra);
    const bytes = buffer.bytes;
    const valuesAt = start + total - valuesLength;
    bytes.copyWithin(valuesAt, valuesStart, valuesStart + valuesLength);
    bytes.copyWithin(start + headLength, start + 2, start + 2 + rootBytes);
  }

  /** Forgets the tuple begun. */
  cancelTuple(): void {
    this.#buffer.length = this.#tupleStart;
    if (this.#buffer.bytes.length > KEPT_BYTES_MAX) this.#giveUpMemory();
  }

  /** Goes on in new memory, with what lies before the tuple begun. */
  #giveUpMemory(): void {
    const buffer = this.#buffer;
    const kept = buffer.bytes.subarray(0, this.#tupleStart);
    buffer.bytes = new Uint8Array(Math.max(HEAD_BYTES, kept.length));
    buffer.bytes.set(kept);
    buffer.length = kept.length;
  }

  /**
   * Takes the tuple begun out of the batch, with the memory it lies in: it is to travel in parts.
   * @param rootBytes as many as it was begun with
   */
  takeTuple(rootBytes: number): LargeTuple {
    const { bytes, length: end } = this.#buffer;
    const valuesStart = this.#tupleStart + TUPLE_GAP_BYTES + rootBytes;
    const rootsWere = this.#tupleStart + 2;
    const stream = this.#stream;
    this.#giveUpMemory();
    const valuesLength = end - valuesStart;
    const valuesHead = valuesLength === 0 ? 0 : 1 + varintLength(valuesLength);
    const rootsStart = valuesStart - valuesHead - rootBytes;
    // Before what is written over them.
    bytes.copyWithin(rootsStart, rootsWere, rootsWere + rootBytes);
    if (valuesLength > 0) {
      bytes[valuesStart - valuesHead] = TAG.tupleValues;
      writeVarintBefore(bytes, valuesStart, valuesLength);
    }
    let at = writeVarintBefore(bytes, rootsStart, end - rootsStart);
    bytes[--at] = TAG.runTuples;
    if (stream !== 0) {
      at = writeVarintBefore(bytes, at, stream);
      bytes[--at] = TAG.runStream;
    }
    at = writeVarintBefore(bytes, at, end - at);
    bytes[--at] = TAG.batchRuns;
    return { bytes, start: at, end, rootsStart };
  }

  /**
   * Appends a copy of a tuple that another batch holds, `lastTuple` of that one. `roots`, as many
   * bytes as the tuple was begun with, take the place of its own: other keys for another copy.
   */
  appendEncoded(stream: number, tuple: Uint8Array, roots: Uint8Array = NO_ROOTS): void {
    if (stream !== this.#stream) this.#openRun(stream);
    const buffer = this.#buffer;
    buffer.ensure(tuple.length);
    const { bytes, length } = buffer;
    bytes.set(tuple, length);
    if (roots.length > 0) {
      // Behind the tuple's tag and length.
      let at = length + 1;
      while (bytes[at]! >= 0x80) at++;
      putRoots(bytes, at + 1, roots);
    }
    buffer.length += tuple.length;
    this.#tuples++;
  }

  /** The bytes of the last tuple that took `byteLength`; a view, valid until the next append. */
  lastTuple(byteLength: number): Uint8Array {
    const end = this.#buffer.length;
    return this.#buffer.bytes.subarray(end - byteLength, end);
  }

  #openRun(stream: number): void {
    const buffer = this.#buffer;
    if (this.#stream === -1) {
      this.#firstRunStream = stream;
      this.#runStart = HEAD_BYTES;
    } else {
      this.#closeRun();
      buffer.ensure(RUN_GAP_BYTES);
      this.#runStart = buffer.length;
      buffer.length += RUN_GAP_BYTES;
    }
    this.#stream = stream;
  }

  #closeRun(): void {
    const buffer = this.#buffer;
    if (this.#firstRunEnd === 0) {
      this.#firstRunEnd = buffer.length;
      return;
    }
    const content = this.#runStart + RUN_GAP_BYTES;
    const contentLength = buffer.length - content;
    const stream = this.#stream;
    const body = contentLength + (stream === 0 ? 0 : 1 + varintLength(stream));
    let at = this.#runStart;
    const bytes = buffer.bytes;
    if (contentLength === 0) {
      // The only tuple of this run was cancelled: the run goes with it.
      buffer.length = at;
      return;
    }
    bytes[at++] = TAG.batchRuns;
    at = writeVarint(bytes, at, body);
    if (stream !== 0) {
      bytes[at++] = TAG.runStream;
      at = writeVarint(bytes, at, stream);
    }
    bytes.copyWithin(at, content, content + contentLength);
    buffer.length = at + contentLength;
  }

  /**
   * Closes the batch: writes all headers and empties the writer.
   * @param offset run bytes sent on the channel before this batch
   */
  close(offset: number): FrameRange {
    this.late?.leaving();
    this.late = undefined;
    this.#closeRun();
    const bytes = this.#buffer.bytes;
    const end = this.#buffer.length;
    let at = HEAD_BYTES;
    const stream = this.#firstRunStream;
    if (stream !== 0) {
      at = writeVarintBefore(bytes, at, stream);
      bytes[--at] = TAG.runStream;
    }
    at = writeVarintBefore(bytes, at, this.#firstRunEnd - at);
    bytes[--at] = TAG.batchRuns;
    const runBytes = end - at;
    if (offset !== 0) {
      at = writeVarintBefore(bytes, at, offset);
      bytes[--at] = TAG.batchOffset;
    }
    at -= this.#header.length;
    bytes.set(this.#header, at);
    at = writeVarintBefore(bytes, at, end - at);
    bytes[--at] = TAG.packetBatch;
    at = writeVarintBefore(bytes, at, end - at);
    this.#reset();
    return { bytes, start: at, end, runBytes };
  }

  #reset(): void {
    this.#buffer.length = HEAD_BYTES;
    this.#stream = -1;
    this.#runStart = HEAD_BYTES;
    this.#firstRunEnd = 0;
    this.#tuples = 0;
  }
}
