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

/** The memory of a ring; it can be posted to the other thread. */
export interface RingMemory {
  readonly buffer: SharedArrayBuffer;
  /** Bytes of records and their lengths; a power of two. */
  readonly capacityBytes: number;
}

/**
 * Takes the memory of a ring.
 * @throws RangeError unless `capacityBytes` is a power of two, at least 64
 */
export function allocateRing(capacityBytes: number, startPosition = 0): RingMemory {
  if (capacityBytes < 64 || (capacityBytes & (capacityBytes - 1)) !== 0) {
    throw new RangeError(
      `Allocate a ring: found "${capacityBytes}" B, expected a power of two of at least 64 B`,
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

function sizeOf(recordBytes: number): number {
  return (LENGTH_BYTES + recordBytes + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
}

/** The writing end; for one thread only. */
export class RingWriter {
  readonly #views: RingViews;
  readonly #reader: Doorbell;
  #tail: number;
  #knownHead: number;

  /** `reader` is rung after each record. */
  constructor(memory: RingMemory, reader: Doorbell) {
    this.#views = viewsOf(memory);
    this.#reader = reader;
    this.#tail = Atomics.load(this.#views.words, TAIL);
    this.#knownHead = Atomics.load(this.#views.words, HEAD);
  }

  /** The largest record, in bytes. */
  get recordBytesMax(): number {
    return this.#views.capacity / 2 - LENGTH_BYTES;
  }

  /**
   * Puts a record; false: there is no room, and the writer's doorbell will ring when there is.
   * @throws RangeError when the record is larger than half of the ring
   */
  put(bytes: Uint8Array, start: number, end: number): boolean {
    const length = end - start;
    if (length > this.recordBytesMax) {
      throw new RangeError(
        `Put a record into a ring: found ${length} B, expected at most ${this.recordBytesMax} B`,
      );
    }
    const views = this.#views;
    const size = sizeOf(length);
    const toEnd = views.capacity - (this.#tail & views.mask);
    const skipped = size <= toEnd ? 0 : toEnd;
    if (!this.#hasRoom(skipped + size)) return false;
    if (skipped > 0) views.lengths[(this.#tail & views.mask) >>> 2] = SKIP;
    const at = (this.#tail + skipped) & views.mask;
    views.lengths[at >>> 2] = length;
    views.bytes.set(
      start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end),
      at + LENGTH_BYTES,
    );
    this.#tail = (this.#tail + skipped + size) | 0;
    Atomics.store(views.words, TAIL, this.#tail);
    this.#reader.ring();
    return true;
  }

  #hasRoom(size: number): boolean {
    if (this.#free() >= size) return true;
    const words = this.#views.words;
    this.#knownHead = Atomics.load(words, HEAD);
    if (this.#free() >= size) return true;
    // Said first, looked at again after: a release in between is seen here or rings.
    Atomics.store(words, WRITER_WAITS, 1);
    this.#knownHead = Atomics.load(words, HEAD);
    if (this.#free() < size) return false;
    Atomics.store(words, WRITER_WAITS, 0);
    return true;
  }

  #free(): number {
    return this.#views.capacity - ((this.#tail - this.#knownHead) | 0);
  }

  /** No record will follow. */
  close(): void {
    Atomics.store(this.#views.words, CLOSED, 1);
    this.#reader.ring();
  }
}

/** The reading end; for one thread only. */
export class RingReader {
  readonly #views: RingViews;
  readonly #writer: Doorbell;
  #head: number;
  #knownTail: number;
  #takenBytes = 0;

  /** `writer` is rung when it waits for room and there is enough. */
  constructor(memory: RingMemory, writer: Doorbell) {
    this.#views = viewsOf(memory);
    this.#writer = writer;
    this.#head = Atomics.load(this.#views.words, HEAD);
    this.#knownTail = this.#head;
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

  /** The next record, a view valid until `release`; undefined: there is none now. */
  take(): Uint8Array | undefined {
    if (this.isEmpty) return undefined;
    const views = this.#views;
    let at = this.#head & views.mask;
    let skipped = 0;
    let length = views.lengths[at >>> 2]!;
    if (length === SKIP) {
      skipped = views.capacity - at;
      at = 0;
      length = views.lengths[0]!;
    }
    this.#takenBytes = skipped + sizeOf(length);
    return views.bytes.subarray(at + LENGTH_BYTES, at + LENGTH_BYTES + length);
  }

  /** Gives the room of the record taken last back. */
  release(): void {
    const { words, capacity } = this.#views;
    this.#head = (this.#head + this.#takenBytes) | 0;
    this.#takenBytes = 0;
    Atomics.store(words, HEAD, this.#head);
    if (Atomics.load(words, WRITER_WAITS) === 0) return;
    const used = (Atomics.load(words, TAIL) - this.#head) | 0;
    if (used > capacity / 2) return;
    Atomics.store(words, WRITER_WAITS, 0);
    this.#writer.ring();
  }
}
