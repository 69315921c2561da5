/**
 * What an executor shows of its calls of user code, in memory that its gateway
 * reads: which method it is in, which promise it waits for. A few words a turn,
 * and one where another method is called than before, so none a tuple of a bolt
 * and none for each of a row of acks; the gateway keeps the time (call_watch.ts).
 */

import { CALL_WORD, METHODS, type UserMethod } from "../bridge.ts";
import type { Work } from "./work.ts";

/** What a mark reads of its task. */
export interface MarkedTask {
  /** Where the task is in its life. */
  readonly state: string;
  /** Number of the call that has not returned, unless it is one of the work's; 0: none is. */
  readonly pendingCall: number;
  /** Undefined: there is no plan yet, and nothing is called. */
  readonly work: Pick<Work, "kind" | "openCall"> | undefined;
  /** What keeps the task from going on is others' credit. */
  readonly awaitsCredit: boolean;
}

/** The methods by their numbers, which are looked up for each turn and each other method. */
const NUMBER_OF: ReadonlyMap<UserMethod, number> = new Map(
  METHODS.map((method, number) => [method, number]),
);

/** Numbers of the methods that a component is called by, by the state of its task. */
const CALLED: Readonly<
  Record<"spout" | "bolt", Readonly<Record<string, number | undefined>>>
> = Object.freeze({
  spout: { opening: NUMBER_OF.get("open"), running: NUMBER_OF.get("nextTuple") },
  bolt: {
    opening: NUMBER_OF.get("prepare"),
    running: NUMBER_OF.get("execute"),
    ending: NUMBER_OF.get("finish"),
  },
});

/** The writing side. */
export class CallMark {
  readonly #words: Int32Array;
  readonly #task: MarkedTask;
  #openCall = 0;
  /** Number of the method that is called in place of the usual one; 0: none. */
  #called = 0;

  /** A mark of `task` in `words`, laid out as `CALL_WORD` says. */
  constructor(words: Int32Array, task: MarkedTask) {
    this.#words = words;
    this.#task = task;
  }

  /** A turn begins. */
  beginTurn(): void {
    const words = this.#words;
    words[CALL_WORD.turns] = (words[CALL_WORD.turns] ?? 0) + 1;
    this.#called = 0;
    words[CALL_WORD.inside] = this.#method();
    // A turn calls only where there is credit: the wait that the last one ended with is over, but
    // for a call that is open, beside which no other begins.
    const { pendingCall, awaitsCredit } = this.#task;
    words[CALL_WORD.excused] = pendingCall > 0 && awaitsCredit ? 1 : 0;
  }

  /** What is called now is not what is called in most turns; "": it is again. */
  calling(method: UserMethod): void {
    this.#called = NUMBER_OF.get(method) ?? 0;
    this.#words[CALL_WORD.inside] = this.#method();
  }

  /** It is over; a promise may be open. */
  endTurn(): void {
    const words = this.#words;
    const { pendingCall, work, awaitsCredit } = this.#task;
    // Two rows of numbers, which do not meet.
    const openCall = pendingCall > 0 ? pendingCall : -(work?.openCall ?? 0);
    if (openCall !== this.#openCall) {
      this.#openCall = openCall;
      // In the turn in which `finish` begins, the state has changed on the way.
      words[CALL_WORD.pending] = openCall === 0 ? 0 : this.#method();
      words[CALL_WORD.serial] = openCall;
    }
    words[CALL_WORD.inside] = 0;
    words[CALL_WORD.excused] = awaitsCredit ? 1 : 0;
  }

  /** Runs a wait within a call that is no fault of the call. */
  excuse<T>(wait: () => T): T {
    this.#words[CALL_WORD.excused] = 1;
    try {
      return wait();
    } finally {
      this.#words[CALL_WORD.excused] = 0;
    }
  }

  #method(): number {
    if (this.#called !== 0) return this.#called;
    const { work, state } = this.#task;
    return work === undefined ? 0 : CALLED[work.kind][state] ?? 0;
  }
}
