/**
 * How long user code takes: the clock is read when a turn's calls begin and
 * end, and the time between shared out among the inputs by the tuples that they
 * had. A bolt of several inputs has it read at each batch too, so that a slow
 * input does not make a fast one look slow.
 */

import type { Work } from "./work.ts";

/** What is timed of a task's work. */
export type TimedWork = Pick<Work, "calls" | "executedByInput">;

/** The times of one task, sums since the start. */
export class CallTimes {
  readonly #work: TimedWork;
  readonly #nowMs: () => number;
  readonly #msByInput: number[];
  readonly #tuplesBefore: number[];
  #callMs = 0;
  #callsBefore = 0;
  #markMs = 0;
  /** The input that had the last tuple. */
  #lastInput = 0;
  /** When a call was left that had not returned. */
  #pendingSinceMs: number | undefined;
  /** Turns that ended for want of credit or room. */
  refused = 0;

  /** Nothing was called. */
  constructor(work: TimedWork, nowMs: () => number) {
    this.#work = work;
    this.#nowMs = nowMs;
    this.#msByInput = work.executedByInput.map(() => 0);
    this.#tuplesBefore = work.executedByInput.map(() => 0);
  }

  /** Milliseconds in calls of user code. */
  get callMs(): number {
    return this.#callMs;
  }

  /** The same by input of a bolt. */
  get msByInput(): readonly number[] {
    return this.#msByInput;
  }

  /** The calls of a turn are about to begin; a call may have not returned since the last. */
  begin(isPending: boolean): void {
    const nowMs = this.#nowMs();
    if (this.#pendingSinceMs !== undefined && !isPending) {
      this.#add(this.#lastInput, nowMs - this.#pendingSinceMs);
      this.#pendingSinceMs = undefined;
    }
    this.#markMs = nowMs;
  }

  /** They are done, but for one that may be pending. */
  end(isPending: boolean): void {
    this.mark();
    if (isPending) this.#pendingSinceMs ??= this.#markMs;
  }

  /** Shares out the time since the last mark. What was no call, as an idle turn, counts for nothing. */
  mark(): void {
    const nowMs = this.#nowMs();
    const spentMs = nowMs - this.#markMs;
    this.#markMs = nowMs;
    const { calls, executedByInput } = this.#work;
    const called = calls - this.#callsBefore;
    this.#callsBefore = calls;
    if (called === 0) return;
    if (executedByInput.length === 0) this.#callMs += spentMs;
    for (let input = 0; input < executedByInput.length; input++) {
      const tuples = executedByInput[input] ?? 0;
      const executed = tuples - (this.#tuplesBefore[input] ?? 0);
      if (executed === 0) continue;
      this.#tuplesBefore[input] = tuples;
      this.#lastInput = input;
      this.#add(input, spentMs * executed / called);
    }
  }

  #add(input: number, ms: number): void {
    this.#callMs += ms;
    const before = this.#msByInput[input];
    if (before !== undefined) this.#msByInput[input] = before + ms;
  }
}
