/**
 * The merged records for one spout task: columns of typed arrays, and a hash
 * table from slot to row. No object is made for a record. The first ones may
 * lie loose, until they are too many.
 */

import {
  ACK_KIND,
  type AckRecord,
  ACKS_HEAD_BYTES_MAX,
  encodeAcksHead,
  RECORD_BYTES_MAX,
  writeAcksHead,
  writeRecord,
} from "./acks.ts";
import type { ByteBuffer } from "./byte_buffer.ts";
import type { TaskLife } from "./channel_header.ts";
import type { LooseAcks } from "./loose_acks.ts";
import type { FrameSink } from "./out_channel.ts";
import type { RootRange, RootSource } from "./roots.ts";

const ROWS_AT_FIRST = 16;
/** What a row says, bit by bit. */
const HAS_ACK = 1;
const HAS_FAIL = 2;
const HAS_RESET = 4;
/** Among the acks was that of a tuple without a key. */
const HAS_SOLE = 8;
/** Spreads neighbouring slots over the table (2^32 / golden ratio). */
const HASH_FACTOR = 0x9e3779b1 | 0;

/** Rows of one life of one spout task. */
export class SpoutRecords {
  readonly task: number;
  epoch: number;
  counter: number;
  /** In the merger's list of those to drain. */
  isWaiting = false;
  #head: Uint8Array;
  #count = 0;
  /** The kinds that all rows stand for. */
  #records = 0;
  #slots = new Uint32Array(ROWS_AT_FIRST);
  #generations = new Uint32Array(ROWS_AT_FIRST);
  #says = new Uint8Array(ROWS_AT_FIRST);
  #xorLows = new Int32Array(ROWS_AT_FIRST);
  #xorHighs = new Int32Array(ROWS_AT_FIRST);
  /** Where each row stands in the table. */
  #places = new Int32Array(ROWS_AT_FIRST);
  /** Row + 1 by hashed slot, 0: free; twice as many places as rows. */
  #table = new Int32Array(2 * ROWS_AT_FIRST);
  #shift = 32 - Math.log2(2 * ROWS_AT_FIRST);
  /** The record being written. */
  readonly #record = { slot: 0, generation: 0, kind: 0, xorLow: 0, xorHigh: 0 };
  readonly #loose: LooseAcks | undefined;

  /**
   * No records yet.
   * @param loose takes records as long as it has room; undefined: all are merged
   */
  constructor(task: number, life: TaskLife, loose?: LooseAcks) {
    this.task = task;
    this.#loose = loose;
    this.epoch = life.epoch;
    this.counter = life.counter;
    this.#head = encodeAcksHead(task, life);
  }

  /** About what `drain` would write, heads of frames left out. */
  get bytes(): number {
    return this.#records * RECORD_BYTES_MAX + (this.#loose?.bytes ?? 0);
  }

  /** Whether these records are for the roots that `source` opened. */
  isOf({ task, epoch, counter }: RootSource): boolean {
    return this.task === task && this.epoch === epoch && this.counter === counter;
  }

  /** Whether `life` comes after the one these records are for. */
  isBefore(life: TaskLife): boolean {
    return this.epoch === life.epoch ? this.counter < life.counter : this.epoch < life.epoch;
  }

  /** Goes over to a newer life; the records of the older one are dropped. */
  begin(life: TaskLife): void {
    this.epoch = life.epoch;
    this.counter = life.counter;
    this.#head = encodeAcksHead(this.task, life);
    this.#clear();
  }

  /** Takes one record. */
  add(record: AckRecord): void {
    const loose = this.#loose;
    // Once some are merged all are: those before must not come after.
    if (loose !== undefined && this.#count === 0) {
      if (loose.add(record)) return;
      loose.pour((one) => this.merge(one));
    }
    this.merge(record);
  }

  /** Takes the ack of a tuple of one root without a key; false: nothing is taken, only `add` can. */
  addSole(roots: RootRange): boolean {
    return this.#count === 0 && this.#loose?.addSole(roots, this.#head) === true;
  }

  /** Merges one record: XOR of acks, a fail wins, an older generation is ignored. */
  merge(record: AckRecord): void {
    const row = this.#rowOf(record.slot, record.generation);
    if (row < 0) return;
    const said = this.#says[row]!;
    if (said === HAS_FAIL) return;
    let says = said;
    switch (record.kind) {
      case ACK_KIND.ack:
      case ACK_KIND.ackSole:
        this.#xorLows[row]! ^= record.xorLow;
        this.#xorHighs[row]! ^= record.xorHigh;
        says |= record.kind === ACK_KIND.ack ? HAS_ACK : HAS_ACK | HAS_SOLE;
        break;
      case ACK_KIND.fail:
        says = HAS_FAIL;
        break;
      case ACK_KIND.resetTimeout:
        says |= HAS_RESET;
        break;
      default:
        return;
    }
    this.#says[row] = says;
    this.#records += kindsOf(says) - kindsOf(said);
  }

  /** The row of the slot, begun anew for a newer generation; -1: the generation is over. */
  #rowOf(slot: number, generation: number): number {
    const slots = this.#slots;
    const table = this.#table;
    const mask = table.length - 1;
    let place = Math.imul(slot, HASH_FACTOR) >>> this.#shift;
    for (;;) {
      const row = table[place]! - 1;
      if (row < 0) return this.#addRow(slot, generation, place);
      if (slots[row] === slot >>> 0) {
        const age = (generation - this.#generations[row]!) | 0;
        if (age === 0) return row;
        if (age < 0) return -1;
        this.#records -= kindsOf(this.#says[row]!);
        this.#beginRow(row, generation);
        return row;
      }
      place = (place + 1) & mask;
    }
  }

  #addRow(slot: number, generation: number, place: number): number {
    if (this.#count === this.#slots.length) {
      this.#grow();
      return this.#rowOf(slot, generation);
    }
    const row = this.#count++;
    this.#slots[row] = slot;
    this.#places[row] = place;
    this.#table[place] = row + 1;
    this.#beginRow(row, generation);
    return row;
  }

  #beginRow(row: number, generation: number): void {
    this.#generations[row] = generation;
    this.#says[row] = 0;
    this.#xorLows[row] = 0;
    this.#xorHighs[row] = 0;
  }

  #grow(): void {
    const rows = 2 * this.#slots.length;
    this.#slots = grown(this.#slots, new Uint32Array(rows));
    this.#generations = grown(this.#generations, new Uint32Array(rows));
    this.#says = grown(this.#says, new Uint8Array(rows));
    this.#xorLows = grown(this.#xorLows, new Int32Array(rows));
    this.#xorHighs = grown(this.#xorHighs, new Int32Array(rows));
    this.#places = grown(this.#places, new Int32Array(rows));
    this.#table = new Int32Array(2 * rows);
    this.#shift--;
    const mask = this.#table.length - 1;
    for (let row = 0; row < this.#count; row++) {
      let place = Math.imul(this.#slots[row]!, HASH_FACTOR) >>> this.#shift;
      while (this.#table[place] !== 0) place = (place + 1) & mask;
      this.#table[place] = row + 1;
      this.#places[row] = place;
    }
  }

  /** Writes all records as frames and is empty then. */
  drain(
    sink: FrameSink,
    room: { readonly buffer: ByteBuffer; readonly frameBytesMax: number },
  ): void {
    const { buffer, frameBytesMax } = room;
    this.#loose?.drain(sink, this.#head);
    buffer.length = ACKS_HEAD_BYTES_MAX;
    for (let row = 0; row < this.#count; row++) {
      buffer.ensure(2 * RECORD_BYTES_MAX);
      this.#writeRow(buffer, row);
      if (buffer.length >= frameBytesMax) this.#writeFrame(sink, buffer);
    }
    this.#writeFrame(sink, buffer);
    this.#clear();
  }

  #writeRow(buffer: ByteBuffer, row: number): void {
    const says = this.#says[row]!;
    const record = this.#record;
    record.slot = this.#slots[row]!;
    record.generation = this.#generations[row]!;
    record.xorLow = record.xorHigh = 0;
    if ((says & HAS_RESET) !== 0) {
      // Before the ack, which may close the root.
      record.kind = ACK_KIND.resetTimeout;
      buffer.length = writeRecord(buffer.bytes, buffer.length, record);
    }
    if (says === HAS_FAIL) {
      record.kind = ACK_KIND.fail;
      buffer.length = writeRecord(buffer.bytes, buffer.length, record);
    } else if ((this.#xorLows[row]! | this.#xorHighs[row]! | (says & HAS_SOLE)) !== 0) {
      // Acks that cancel each other change nothing: they are left out.
      record.kind = (says & HAS_SOLE) === 0 ? ACK_KIND.ack : ACK_KIND.ackSole;
      record.xorLow = this.#xorLows[row]!;
      record.xorHigh = this.#xorHighs[row]!;
      buffer.length = writeRecord(buffer.bytes, buffer.length, record);
    }
  }

  #writeFrame(sink: FrameSink, buffer: ByteBuffer): void {
    const records = { start: ACKS_HEAD_BYTES_MAX, end: buffer.length };
    if (records.start === records.end) return;
    const start = writeAcksHead(buffer.bytes, this.#head, records);
    sink.write(buffer.bytes, start, records.end);
    buffer.length = ACKS_HEAD_BYTES_MAX;
  }

  #clear(): void {
    for (let row = 0; row < this.#count; row++) this.#table[this.#places[row]!] = 0;
    this.#count = 0;
    this.#records = 0;
    this.#loose?.clear();
  }
}

/** How many records a row is written as, at most. */
function kindsOf(says: number): number {
  const resets = (says & HAS_RESET) === 0 ? 0 : 1;
  return resets + ((says & ~HAS_RESET) === 0 ? 0 : 1);
}

function grown<T extends Int32Array | Uint32Array | Uint8Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
