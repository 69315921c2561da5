/**
 * What an executor shows of its calls of user code, in memory that its gateway
 * reads: which method it is in, which promise it waits for. A few words a turn,
 * none a call; the gateway keeps the time (call_watch.ts).
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

/** The methods that a component is called by, by the state of its task. */
const CALLED: Readonly<
  Record<"spout" | "bolt", Readonly<Record<string, UserMethod | undefined>>>
> = Object.freeze({
  spout: { opening: "open", running: "nextTuple", closed: "close" },
  bolt: { opening: "prepare", running: "execute", ending: "finish", closed: "cleanup" },
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
  }

  /** What is called now is not what is called in most turns; "": it is again. */
  calling(method: UserMethod): void {
    this.#called = METHODS.indexOf(method);
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
    const name = work === undefined ? undefined : CALLED[work.kind][state];
    return name === undefined ? 0 : METHODS.indexOf(name);
  }
}
