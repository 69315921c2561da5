/**
 * A bounded ring of byte records between two threads, one writer and one
 * reader, on shared memory. Records lie in one piece; one that does not fit
 * before the end of the memory starts at its beginning, behind a skip record.
 * Positions count bytes and wrap at 2^32.
 */

import type { Doorbell } from "./doorbell.ts";

/** Places of the shared words, one to a cache line of 64 bytes. */
const HEAD = 0;
const TAIL = 16;
const WRITER_WAITS = 32;
const CLOSED = 48;
const HEADER_BYTES = 256;

const ALIGNMENT = 8;
const LENGTH_BYTES = 4;
/** In place of a length: the rest of the memory is skipped. */
const SKIP = -1;

const CAPACITY_BYTES_MIN = 64;
const CAPACITY_BYTES_MAX = 2 ** 30;

/** Copies a range without making a view of it, which would cost more than to copy 1 KiB. */
const copyRange = Buffer.prototype.copy;

/** The memory of a ring; it can be posted to the other thread. */
export interface RingMemory {
  readonly buffer: SharedArrayBuffer;
  /** Bytes of records and their lengths; a power of two. */
  readonly capacityBytes: number;
}

/**
 * Takes the memory of a ring, whose positions begin at `startPosition`.
 * @throws RangeError unless `capacityBytes` is a power of two from 64 B to 1 GiB
 */
export function allocateRing(capacityBytes: number, startPosition = 0): RingMemory {
  const isInRange = capacityBytes >= CAPACITY_BYTES_MIN && capacityBytes <= CAPACITY_BYTES_MAX;
  if (!isInRange || !Number.isInteger(Math.log2(capacityBytes))) {
    throw new RangeError(
      `Allocate a ring: found "${capacityBytes}" B, expected a power of two from 64 B to 1 GiB`,
    );
  }
  const buffer = new SharedArrayBuffer(HEADER_BYTES + capacityBytes);
  const words = new Int32Array(buffer, 0, HEADER_BYTES / 4);
  words[HEAD] = words[TAIL] = startPosition & ~(ALIGNMENT - 1);
  return { buffer, capacityBytes };
}

interface RingViews {
  readonly words: Int32Array;
  readonly bytes: Uint8Array;
  readonly lengths: Int32Array;
  readonly capacity: number;
  readonly mask: number;
}

function viewsOf(memory: RingMemory): RingViews {
  const { buffer, capacityBytes } = memory;
  return {
    words: new Int32Array(buffer, 0, HEADER_BYTES / 4),
    bytes: new Uint8Array(buffer, HEADER_BYTES, capacityBytes),
    lengths: new Int32Array(buffer, HEADER_BYTES, capacityBytes / 4),
    capacity: capacityBytes,
    mask: capacityBytes - 1,
  };
}

/** Room of a record with its length. */
function sizeOf(recordBytes: number): number {
  return (LENGTH_BYTES + recordBytes + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
}

/** The writing end; for one thread only. */
export class RingWriter {
  /** Bytes of records and their lengths that the ring can hold. */
  readonly capacityBytes: number;
  /** The largest record, in bytes: with its length it takes half of the ring. */
  readonly recordBytesMax: number;
  readonly #views: RingViews;
  readonly #reader: Doorbell;
  #tail: number;
  #knownHead: number;
  #isClosed = false;

  /** `reader` is rung after each record. */
  constructor(memory: RingMemory, reader: Doorbell) {
    this.#views = viewsOf(memory);
    this.#reader = reader;
    this.capacityBytes = memory.capacityBytes;
    this.recordBytesMax = memory.capacityBytes / 2 - LENGTH_BYTES;
    this.#tail = Atomics.load(this.#views.words, TAIL);
    this.#knownHead = Atomics.load(this.#views.words, HEAD);
  }

  /**
   * Puts a record, whole or not at all. False: there is no room, and the writer's doorbell will
   * ring when there is some; a writer that sleeps tries once more after `prepareSleep`.
   * @throws RangeError when the record is larger than `recordBytesMax`, or not within `bytes`
   * @throws TypeError when the ring was closed
   */
  put(bytes: Uint8Array, start: number, end: number): boolean {
    const length = end - start;
    if (length > this.recordBytesMax || start < 0 || length < 0 || end > bytes.length) {
      throw new RangeError(`Put a record into a ring: ${this.#rangeFault(bytes, start, end)}`);
    }
    if (this.#isClosed) throw new TypeError("Put a record into a ring: found the ring closed");
    const { words, lengths, bytes: shared, mask, capacity } = this.#views;
    const size = sizeOf(length);
    const toEnd = capacity - (this.#tail & mask);
    const skipped = size <= toEnd ? 0 : toEnd;
    if (!this.#hasRoom(skipped + size)) return false;
    if (skipped > 0) lengths[(this.#tail & mask) >>> 2] = SKIP;
    const at = (this.#tail + skipped) & mask;
    lengths[at >>> 2] = length;
    copyRange.call(bytes, shared, at + LENGTH_BYTES, start, end);
    this.#tail = (this.#tail + skipped + size) | 0;
    Atomics.store(words, TAIL, this.#tail);
    this.#reader.ring();
    return true;
  }

  /** Bytes that are free now, lengths and skips included. */
  freeBytes(): number {
    this.#knownHead = Atomics.load(this.#views.words, HEAD);
    return this.#knownFree();
  }

  /** No record will follow. */
  close(): void {
    this.#isClosed = true;
    Atomics.store(this.#views.words, CLOSED, 1);
    this.#reader.ring();
  }

  #hasRoom(size: number): boolean {
    if (this.#knownFree() >= size || this.freeBytes() >= size) return true;
    // Said first, looked at again after: a release in between is seen here or rings.
    const { words } = this.#views;
    Atomics.store(words, WRITER_WAITS, 1);
    if (this.freeBytes() < size) return false;
    Atomics.store(words, WRITER_WAITS, 0);
    return true;
  }

  #knownFree(): number {
    return this.#views.capacity - ((this.#tail - this.#knownHead) | 0);
  }

  #rangeFault(bytes: Uint8Array, start: number, end: number): string {
    if (end - start > this.recordBytesMax) {
      return `found ${end - start} B, expected at most ${this.recordBytesMax} B`;
    }
    return `found ${start} to ${end}, expected a range within ${bytes.length} B`;
  }
}

/** The reading end; for one thread only. */
export class RingReader {
  /** The shared memory that records lie in. */
  readonly bytes: Uint8Array;
  readonly #views: RingViews;
  readonly #writer: Doorbell;
  #head: number;
  #knownTail: number;
  #start = 0;
  #end = 0;
  #takenBytes = 0;

  /** `writer` is rung when it waits for room and there is enough. */
  constructor(memory: RingMemory, writer: Doorbell) {
    this.#views = viewsOf(memory);
    this.bytes = this.#views.bytes;
    this.#writer = writer;
    this.#head = Atomics.load(this.#views.words, HEAD);
    this.#knownTail = this.#head;
  }

  /** Where in `bytes` the record begins that was taken last. */
  get start(): number {
    return this.#start;
  }

  /** Where in `bytes` it ends. */
  get end(): number {
    return this.#end;
  }

  /** Nothing can be taken now. */
  get isEmpty(): boolean {
    if (this.#head !== this.#knownTail) return false;
    this.#knownTail = Atomics.load(this.#views.words, TAIL);
    return this.#head === this.#knownTail;
  }

  /** The writer has closed it and all was taken. */
  get isClosed(): boolean {
    return Atomics.load(this.#views.words, CLOSED) === 1 && this.isEmpty;
  }

  /**
   * Takes the next record: it is in `bytes` from `start` to `end` until `release`, and the same until
   * then. False: there is none now.
   */
  take(): boolean {
    if (this.isEmpty) return false;
    const { lengths, mask, capacity } = this.#views;
    let at = this.#head & mask;
    let skipped = 0;
    let length = lengths[at >>> 2]!;
    if (length === SKIP) {
      skipped = capacity - at;
      at = 0;
      length = lengths[0]!;
    }
    this.#start = at + LENGTH_BYTES;
    this.#end = this.#start + length;
    this.#takenBytes = skipped + sizeOf(length);
    return true;
  }

  /** Gives the room of the record taken last back. */
  release(): void {
    const { words, capacity } = this.#views;
    this.#head = (this.#head + this.#takenBytes) | 0;
    this.#takenBytes = 0;
    Atomics.store(words, HEAD, this.#head);
    if (Atomics.load(words, WRITER_WAITS) === 0) return;
    const usedBytes = (Atomics.load(words, TAIL) - this.#head) | 0;
    // Half is seldom too little for what waits; then it waits again, and an empty ring has room.
    if (usedBytes > capacity / 2) return;
    Atomics.store(words, WRITER_WAITS, 0);
    this.#writer.ring();
  }
}
