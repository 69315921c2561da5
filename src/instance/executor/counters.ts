/**
 * Shows the executor's counts in shared memory, so that metrics go on while
 * user code blocks the thread. Written by the executor, read by the gateway.
 */

import type { PhysicalPlan } from "../../plan/mod.ts";
import {
  COUNTED_STREAMS_MAX,
  COUNTER,
  encodeTimePlace,
  STREAM_COUNTER,
  streamCounterPlace,
} from "../bridge.ts";
import type { CreatedWork } from "./create_work.ts";
import type { Emitter } from "./emitter.ts";
import type { TaskCore } from "./task_core.ts";
import type { TurnResult } from "./turn_result.ts";
import type { Work } from "./work.ts";

/** The writing side of the counters. */
export class Counters {
  readonly #words: Float64Array;
  readonly #core: TaskCore;
  #doneShown = 0;

  /** Counters of `core` in `words`. */
  constructor(words: Float64Array, core: TaskCore) {
    this.#words = words;
    this.#core = core;
  }

  /** Nothing depends on the plan yet but the number of streams, which must fit. */
  takePlan(plan: PhysicalPlan): void {
    for (const component of plan.components) {
      // Ticks are one more.
      if (component.outputs.length + component.inputs.length >= COUNTED_STREAMS_MAX) {
        throw new RangeError(
          `Count the streams of "${component.name}": found ${COUNTED_STREAMS_MAX} or more`,
        );
      }
    }
  }

  /**
   * Writes the current counts. At the end of each turn, which had that result and began then: one that
   * did nothing writes next to nothing.
   */
  show(result: TurnResult, nowMs: number): void {
    const words = this.#words;
    const { intake, emitter, work, made } = this.#core;
    const emitted = emitter?.emitted ?? 0;
    words[COUNTER.dropped] = intake?.droppedTuples ?? 0;
    words[COUNTER.heldBytes] = intake?.heldBytes ?? 0;
    words[COUNTER.heldBytesMax] = intake?.heldBytesMax ?? 0;
    words[COUNTER.goneBytes] = intake?.goneBytes ?? 0;
    const errors = work?.errors;
    if (errors !== undefined) {
      words[COUNTER.retries] = errors.retries;
      words[COUNTER.skipped] = errors.skipped;
      words[COUNTER.deadLetters] = errors.deadLetters;
    }
    words[COUNTER.refused] = made?.times.refused ?? 0;
    const calls = work?.calls ?? 0;
    const hasCalled = words[COUNTER.calls] !== calls;
    words[COUNTER.calls] = calls;
    words[COUNTER.turns] = (words[COUNTER.turns] ?? 0) + 1;
    if (hasCalled) words[COUNTER.turnsWithCalls] = (words[COUNTER.turnsWithCalls] ?? 0) + 1;
    if (result.kind === "again") words[COUNTER.turnsAgain] = (words[COUNTER.turnsAgain] ?? 0) + 1;
    emitter?.encodeTimes.turn(nowMs);
    made?.decodeTimes?.turn(nowMs);
    if (made !== undefined && (hasCalled || this.#hasNewDone(made.work))) this.#showStreams(made);
    if (words[COUNTER.emitted] === emitted && !hasCalled) return;
    words[COUNTER.emitted] = emitted;
    let at: number = COUNTER.firstStream;
    if (emitter !== undefined) at = this.#showEmitted(emitter);
    for (const tuples of work?.executedByInput ?? []) words[at++] = tuples;
  }

  /** Returns the place behind the counts of the outputs. */
  #showEmitted(emitter: Emitter): number {
    const words = this.#words;
    words[COUNTER.batches] = emitter.sent.batches;
    words[COUNTER.batchTuples] = emitter.sent.tuples;
    let at: number = COUNTER.firstStream;
    for (const { index, emitted } of emitter.streams) {
      words[at++] = emitted;
      words[encodeTimePlace(index)] = emitter.encodeTimes.msByStream[index] ?? 0;
    }
    return at;
  }

  /** Tuples were done since the last time, though none may have come. */
  #hasNewDone({ acked, failed }: Work): boolean {
    const done = acked + failed;
    if (done === this.#doneShown) return false;
    this.#doneShown = done;
    return true;
  }

  #showStreams({ times, tallies, decodeTimes }: CreatedWork): void {
    const words = this.#words;
    words[COUNTER.callMs] = times.callMs;
    let stream = -1;
    for (const sums of tallies.sums) {
      const at = streamCounterPlace(++stream);
      words[at + STREAM_COUNTER.acked] = sums.acked;
      words[at + STREAM_COUNTER.failed] = sums.failed;
      words[at + STREAM_COUNTER.timedOut] = sums.timedOut;
      words[at + STREAM_COUNTER.ackMs] = sums.ackMs;
      words[at + STREAM_COUNTER.ackTimed] = sums.ackTimed;
      words[at + STREAM_COUNTER.failMs] = sums.failMs;
      words[at + STREAM_COUNTER.failTimed] = sums.failTimed;
      words[at + STREAM_COUNTER.callMs] = times.msByInput[stream] ?? 0;
      words[at + STREAM_COUNTER.decodeMs] = decodeTimes?.msByStream[stream] ?? 0;
    }
  }
}
