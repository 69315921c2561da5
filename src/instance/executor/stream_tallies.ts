/**
 * What became of a task's tuples, by stream, and how long it took: of a spout
 * those it emitted, of a bolt those that came, and behind them ticks. Sums since the start; a spout's
 * times are of all its tuples, a bolt's of one tuple now and then.
 */

import { isTick, type Tuple } from "../../api/mod.ts";
import type { TupleView } from "./tuple_view.ts";

/** Calls of `hand`, one a batch, before a tuple without an ack makes way for another. */
const SAMPLE_PATIENCE = 100;

/** Sums of one stream. */
export interface StreamSums {
  acked: number;
  failed: number;
  /** Of those that failed: for being late. */
  timedOut: number;
  /** Milliseconds until the ack, and of how many tuples. */
  ackMs: number;
  ackTimed: number;
  /** The same until the failure. */
  failMs: number;
  failTimed: number;
}

/** The sums of one task. */
export class StreamTallies {
  readonly #sums: readonly StreamSums[];
  readonly #nowMs: () => number;
  /** The place of ticks. */
  readonly #ticks: number;
  #sampled: Tuple | undefined;
  #sampledAtMs = 0;
  #handed = 0;

  /** Nothing was done of `streams` streams, nor of ticks where there are any; `nowMs` is for bolts. */
  constructor(streams: number, nowMs: () => number, hasTicks: boolean = false) {
    this.#ticks = streams;
    this.#sums = Array.from({ length: hasTicks ? streams + 1 : streams }, () => ({
      acked: 0,
      failed: 0,
      timedOut: 0,
      ackMs: 0,
      ackTimed: 0,
      failMs: 0,
      failTimed: 0,
    }));
    this.#nowMs = nowMs;
  }

  /** By stream, in the order of the definition. */
  get sums(): readonly StreamSums[] {
    return this.#sums;
  }

  /** Tuples of a bolt's inputs that were acked; ticks are none. */
  get acked(): number {
    let sum = 0;
    for (let stream = 0; stream < this.#ticks; stream++) sum += this.#sums[stream]?.acked ?? 0;
    return sum;
  }

  /** The same that failed. */
  get failed(): number {
    let sum = 0;
    for (let stream = 0; stream < this.#ticks; stream++) sum += this.#sums[stream]?.failed ?? 0;
    return sum;
  }

  /** So many tuples of a spout were handled, each after so many milliseconds. */
  completed(stream: number, tuples: number, latencyMs: number): void {
    const sums = this.#sums[stream];
    if (sums === undefined) return;
    sums.acked += tuples;
    sums.ackMs += tuples * latencyMs;
    sums.ackTimed += tuples;
  }

  /** A spout's tuple failed after so many milliseconds. */
  lost(stream: number, latencyMs: number, isTimeout: boolean): void {
    const sums = this.#sums[stream];
    if (sums === undefined) return;
    sums.failed++;
    if (isTimeout) sums.timedOut++;
    sums.failMs += latencyMs;
    sums.failTimed++;
  }

  /** A tuple is about to be handed to the bolt; called for one of many. */
  hand(tuple: Tuple): void {
    if (this.#sampled !== undefined && ++this.#handed < SAMPLE_PATIENCE) return;
    this.#handed = 0;
    this.#sampled = tuple;
    this.#sampledAtMs = this.#nowMs();
  }

  /** The bolt has acked a tick, or failed it; what else it may be is not counted. */
  tickDone(tuple: Tuple, isAck: boolean): void {
    const sums = this.#sums[this.#ticks];
    if (sums === undefined || !isTick(tuple)) return;
    if (isAck) sums.acked++;
    else sums.failed++;
  }

  /** The bolt has acked a tuple, or failed it. */
  done(tuple: TupleView, isAck: boolean): void {
    const sums = this.#sums[tuple.input];
    if (sums === undefined) return;
    if (isAck) sums.acked++;
    else sums.failed++;
    if (tuple === this.#sampled) this.#time(sums, isAck);
  }

  #time(sums: StreamSums, isAck: boolean): void {
    this.#sampled = undefined;
    const latencyMs = this.#nowMs() - this.#sampledAtMs;
    if (isAck) {
      sums.ackMs += latencyMs;
      sums.ackTimed++;
    } else {
      sums.failMs += latencyMs;
      sums.failTimed++;
    }
  }
}
