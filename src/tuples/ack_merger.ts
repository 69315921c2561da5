/**
 * Ack records that wait to leave, merged: one root has at most one record of
 * what was acked or failed, and one that resets its time-out. So what waits is
 * bounded by the slots of the spouts, however long it waits. Where few wait,
 * they may lie as they came.
 */

import { AckReader, type AckRecord, ACKS_HEAD_BYTES_MAX, maySole } from "./acks.ts";
import { ByteBuffer } from "./byte_buffer.ts";
import type { TaskLife } from "./channel_header.ts";
import { LooseAcks } from "./loose_acks.ts";
import type { FrameSink } from "./out_channel.ts";
import type { RootRange, RootSource } from "./roots.ts";
import { TAG } from "./tags.ts";
import { SpoutRecords } from "./spout_records.ts";

const FRAME_BYTES_MAX = 32 * 1024;

/** How a merger holds records. */
export interface AckMergerOptions {
  /** Size of a frame, in bytes; it may be passed by one record. @default 32 KiB */
  readonly frameBytesMax?: number;
  /** So many bytes for each spout task wait as they came, before records are merged. @default 0 */
  readonly looseBytesMax?: number;
}

/** Merges the records for any number of spouts; their newest lives count alone. */
export class AckMerger {
  readonly #spouts = new Map<number, SpoutRecords>();
  /** Those with records, in the order of their first. */
  readonly #waiting: SpoutRecords[] = [];
  readonly #reader = new AckReader();
  readonly #buffer = new ByteBuffer(256);
  readonly #frameBytesMax: number;
  readonly #looseBytesMax: number;
  #latest: SpoutRecords | undefined;

  /** No records yet. */
  constructor({ frameBytesMax = FRAME_BYTES_MAX, looseBytesMax = 0 }: AckMergerOptions = {}) {
    this.#frameBytesMax = frameBytesMax;
    this.#looseBytesMax = looseBytesMax;
  }

  /** No record waits. */
  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** About what `drain` would write. */
  get bytes(): number {
    let sum = 0;
    for (const spout of this.#waiting) sum += ACKS_HEAD_BYTES_MAX + spout.bytes;
    return sum;
  }

  /** Merges a record for a root of `life` of a spout task; keeps neither. */
  add(spoutTask: number, life: TaskLife, record: AckRecord): void {
    let spout = this.#latest;
    if (spout === undefined || spout.task !== spoutTask) {
      this.#latest = spout = this.#spoutOf(spoutTask, life);
    }
    if (spout.epoch !== life.epoch || spout.counter !== life.counter) {
      // A life that is over opens no roots, and those it had ended with it.
      if (!spout.isBefore(life)) return;
      spout.begin(life);
    }
    spout.add(record);
    this.#added(spout);
  }

  /**
   * The same for the ack of a tuple that `source` sent and nothing was anchored to, if its only root came
   * without a key; false: nothing is taken, and only `add` can.
   */
  addSole(source: RootSource, roots: RootRange): boolean {
    const spout = this.#latest;
    if (spout === undefined || !maySole(roots)) return false;
    // Roots that do not say whose they are, are their source's.
    const isSaid = roots.bytes[roots.rootsStart + 2] === TAG.rootTask;
    if (!isSaid && !spout.isOf(source)) return false;
    if (!spout.addSole(roots)) return false;
    this.#added(spout);
    return true;
  }

  #added(spout: SpoutRecords): void {
    if (spout.isWaiting) return;
    spout.isWaiting = true;
    this.#waiting.push(spout);
  }

  #spoutOf(spoutTask: number, life: TaskLife): SpoutRecords {
    const known = this.#spouts.get(spoutTask);
    if (known !== undefined) return known;
    const [bytesMax, frameBytesMax] = [this.#looseBytesMax, this.#frameBytesMax];
    const loose = bytesMax > 0 ? new LooseAcks({ bytesMax, frameBytesMax }) : undefined;
    const spout = new SpoutRecords(spoutTask, life, loose);
    this.#spouts.set(spoutTask, spout);
    return spout;
  }

  /**
   * Merges all records of an encoded Acks body.
   * @throws HeronError "protocol" when it is none; records before the fault are merged then
   */
  takeBody(bytes: Uint8Array, start: number, end: number): void {
    const reader = this.#reader;
    reader.open(bytes, start, end);
    while (reader.next()) this.add(reader.spoutTask, reader, reader);
  }

  /** Writes all as whole frames and is empty then. */
  drain(sink: FrameSink): void {
    const room = { buffer: this.#buffer, frameBytesMax: this.#frameBytesMax };
    for (const spout of this.#waiting) {
      spout.isWaiting = false;
      spout.drain(sink, room);
    }
    this.#waiting.length = 0;
  }
}
