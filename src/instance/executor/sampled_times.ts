/**
 * How long tuples take to be encoded or decoded, by stream, without a look at
 * the clock for each: several times a second some that follow each other are
 * timed, and stand for all since those timed before.
 */

/** From the beginning of one look to that of the next, in milliseconds. */
const LOOK_PERIOD_MS = 250;
/** Most tuples timed in one look. */
const TIMED_MAX = 512;

/**
 * A tuple that takes longer, in milliseconds, is taken for one in whose midst the thread stood still, to
 * collect garbage or for another process, and stands for itself alone; unless most are like it.
 */
const LONG_MS = 1;

/** Tuples of a stream timed in the look under way. */
interface Timed {
  ms: number;
  /** Of those that took long. */
  longMs: number;
  longTuples: number;
}

/** The times of one direction of one task, sums since the start. */
export class SampledTimes {
  /** The clock, in milliseconds. */
  readonly nowMs: () => number;
  readonly #tuples: () => readonly number[];
  readonly #onLook: (isOn: boolean) => void;
  readonly #msByStream: number[] = [];
  /** Of the look under way. */
  readonly #timed: (Timed | undefined)[] = [];
  #before: readonly number[] = [];
  /** Tuples by stream that the sums stand for. */
  readonly #counted: number[] = [];
  #timedLeft = TIMED_MAX;
  #dueAtMs = -Infinity;
  /** A look is under way: tuples are to be timed. */
  isOn = true;

  /**
   * The first look begins at once; `tuples` tells how many there were so far, by stream, and `onLook`
   * is told when a look has ended or another begins.
   */
  constructor(
    nowMs: () => number,
    tuples: () => readonly number[],
    onLook: (isOn: boolean) => void = () => undefined,
  ) {
    this.nowMs = nowMs;
    this.#tuples = tuples;
    this.#onLook = onLook;
  }

  /** Milliseconds by stream. */
  get msByStream(): readonly number[] {
    return this.#msByStream;
  }

  /** A turn has ended: ends the look under way if it has timed anything, and begins another when it is due. */
  turn(nowMs: number): void {
    if (this.isOn) {
      if (this.#timedLeft === TIMED_MAX) return;
      this.#close();
    }
    if (nowMs < this.#dueAtMs) return;
    this.#dueAtMs = nowMs + LOOK_PERIOD_MS;
    this.#before = [...this.#tuples()];
    this.#timedLeft = TIMED_MAX;
    this.isOn = true;
    this.#onLook(true);
  }

  /** A tuple of `stream` is done; it was begun at `startMs`, in this look. */
  add(stream: number, startMs: number): void {
    const timed = this.#timed[stream] ??= { ms: 0, longMs: 0, longTuples: 0 };
    const ms = this.nowMs() - startMs;
    if (ms < LONG_MS) timed.ms += ms;
    else {
      timed.longMs += ms;
      timed.longTuples++;
    }
    if (--this.#timedLeft <= 0) this.#close();
  }

  #close(): void {
    this.isOn = false;
    this.#onLook(false);
    for (const [stream, tuples] of this.#tuples().entries()) {
      const seen = tuples - (this.#before[stream] ?? 0);
      // What came between two looks waits for one that has seen its like.
      if (seen <= 0) continue;
      const all = tuples - (this.#counted[stream] ?? 0);
      const { ms, longMs, longTuples } = this.#timed[stream] ?? { ms: 0, longMs: 0, longTuples: 0 };
      const isUsual = 2 * longTuples > seen;
      const sum = isUsual ? (ms + longMs) * all / seen : ms * all / seen + longMs;
      this.#msByStream[stream] = (this.#msByStream[stream] ?? 0) + sum;
      this.#counted[stream] = tuples;
      this.#timed[stream] = undefined;
    }
  }
}
