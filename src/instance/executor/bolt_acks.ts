/**
 * A bolt's side of the acks: what it emits is anchored to the tuples it came
 * of, and a tuple's record carries its own keys and those of what was anchored
 * to it. Records of one turn leave together, behind what was emitted in it.
 */

import type { Tuple } from "../../api/mod.ts";
import type { Random } from "../../base/mod.ts";
import {
  ACK_KIND,
  AckMerger,
  BatchReader,
  type FrameSink,
  type RootRange,
  RootReader,
  type RootSource,
} from "../../tuples/mod.ts";
import { AnchorRoots, type Named } from "./anchor_roots.ts";
import type { CopyRoots } from "./content.ts";
import { isTuple } from "./tuple_checks.ts";
import type { TupleView } from "./tuple_view.ts";

/** More than the records of a turn of short tuples, in bytes. */
const LOOSE_BYTES_MAX = 64 * 1024;

/** The acks of one bolt task. */
export class BoltAcks {
  readonly #merger: AckMerger;
  readonly #reader = new RootReader();
  /** The record being made. */
  readonly #said = { slot: 0, generation: 0, kind: 0, xorLow: 0, xorHigh: 0 };
  readonly #anchors: AnchorRoots;
  readonly #onRecord: () => void;
  readonly #waiting = { reader: new RootReader(), batch: new BatchReader() };

  /**
   * `onRecord` is called when a record waits and none did before; `frameBytesMax` may be passed by
   * one record.
   */
  constructor(random: Random, frameBytesMax: number, onRecord: () => void) {
    this.#anchors = new AnchorRoots(random);
    this.#merger = new AckMerger({ frameBytesMax, looseBytesMax: LOOSE_BYTES_MAX });
    this.#onRecord = onRecord;
  }

  /** The roots for what is emitted anchored to `anchors`; undefined: there are none. */
  anchoredTo(anchors: Named): CopyRoots | undefined {
    return this.#anchors.begin(anchors) ? this.#anchors : undefined;
  }

  /** Starts the time-out of the tuple's roots anew. */
  resetTimeout(tuple: Tuple): void {
    if (!isTuple(tuple, "Reset the time-out of a tuple")) return;
    if (!tuple.isDone) this.record(tuple, ACK_KIND.resetTimeout);
  }

  /** Starts the time-outs anew of all tuples of a batch but the first `handed`: they wait here. */
  resetWaiting(bytes: Uint8Array, handed: number): void {
    const { batch } = this.#waiting;
    batch.open(bytes, 0, bytes.length);
    const { sourceTask: task, sourceEpoch: epoch, sourceCounter: counter } = batch;
    const source = { task, epoch, counter };
    for (let index = 0; batch.next(); index++) {
      if (index >= handed) this.resetRoots(batch, source);
    }
  }

  /** Starts the time-outs anew of the encoded roots of a tuple that `source` sent. */
  resetRoots(range: RootRange, source: RootSource): void {
    const wasEmpty = this.#merger.isEmpty;
    const { reader: roots } = this.#waiting;
    roots.open(range, source);
    while (roots.next()) {
      this.#merger.add(roots.task, { epoch: roots.epoch, counter: roots.counter }, {
        slot: roots.slot,
        generation: roots.generation,
        kind: ACK_KIND.resetTimeout,
        xorLow: 0,
        xorHigh: 0,
      });
    }
    if (wasEmpty && !this.#merger.isEmpty) this.#onRecord();
  }

  /** Takes `ack`, `fail` or a new time-out of a tuple. */
  record(tuple: TupleView, kind: number): void {
    const isAck = kind === ACK_KIND.ack;
    if (isAck && this.#anchors.isReplaced(tuple)) return;
    const wasEmpty = this.#merger.isEmpty;
    // Where tuples come from a spout, that is all.
    const isTaken = isAck && !tuple.hasKeys && this.#merger.addSole(tuple.source, tuple);
    if (!isTaken) this.#add(tuple, kind);
    if (wasEmpty && !this.#merger.isEmpty) this.#onRecord();
  }

  #add(tuple: TupleView, kind: number): void {
    const isAck = kind === ACK_KIND.ack;
    const reader = this.#reader;
    tuple.openRoots(reader);
    const record = this.#said;
    for (let place = 0; reader.next(); place++) {
      const isSole = isAck && (reader.keyLow | reader.keyHigh) === 0;
      record.kind = isSole ? ACK_KIND.ackSole : kind;
      record.slot = reader.slot;
      record.generation = reader.generation;
      record.xorLow = isAck ? reader.keyLow ^ tuple.keyLowOf(place) : 0;
      record.xorHigh = isAck ? reader.keyHigh ^ tuple.keyHighOf(place) : 0;
      this.#merger.add(reader.task, reader, record);
    }
  }

  /** Sends the records; what the acked tuples led to must have been sent before. */
  flush(sink: FrameSink): void {
    if (!this.#merger.isEmpty) this.#merger.drain(sink);
  }

  /** The same at the end of a turn, where no emit waits for credit: tuples that it anchored to are held no longer. */
  endTurn(sink: FrameSink): void {
    this.flush(sink);
    this.#anchors.release();
  }
}
