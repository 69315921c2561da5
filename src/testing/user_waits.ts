/**
 * Waits for the promises of user code in real time, while virtual time stands
 * still: a call that reads a file or asks a server takes no virtual time. Calls
 * that wait for credit are left alone, since that comes with virtual time.
 */

import { type Clock, nextTurn, sleep } from "../base/mod.ts";

/** Rounds of microtasks in which most promises settle. */
const ROUNDS = 40;
/** Turns of the event loop before the wait is by timer. */
const TURNS = 50;
/** The event loop gets its turn after so many events. */
const EVENTS_A_TURN = 2_048;

/** What waits are made of. */
export interface UserWaitsOptions {
  readonly clock: Clock;
  /** 0: only microtasks are waited for, and virtual time goes on. */
  readonly limitMs: number;
  /** A call takes longer than the limit. */
  overdue(call: string): void;
}

/** The calls of user code that have not returned. */
export class UserWaits {
  readonly #options: UserWaitsOptions;
  /** What is called, by call. */
  readonly #calls = new Map<symbol, string>();
  #credit = 0;
  #events = 0;

  /** No call runs. */
  constructor(options: UserWaitsOptions) {
    this.#options = options;
  }

  /** Follows a promise that the call `name` returned. */
  follow(name: string, promise: PromiseLike<unknown>): void {
    const call = Symbol(name);
    this.#calls.set(call, name);
    const done = (): void => void this.#calls.delete(call);
    promise.then(done, done);
  }

  /** Follows a wait for credit inside a call. */
  async ready(promise: Promise<void>): Promise<void> {
    this.#credit++;
    try {
      await promise;
    } finally {
      this.#credit--;
    }
  }

  /** Between two events: what is to be waited for. */
  between(): Promise<void> | undefined {
    if (this.#isDue) return this.#wait();
    // What the test runner and user code have in the event loop gets its turn.
    return ++this.#events % EVENTS_A_TURN === 0 ? nextTurn() : undefined;
  }

  get #isDue(): boolean {
    return this.#calls.size > this.#credit;
  }

  async #wait(): Promise<void> {
    const { clock, limitMs, overdue } = this.#options;
    await this.#settle(() => !this.#isDue);
    if (limitMs === 0) return;
    const startMs = clock.nowMs();
    for (let turn = 0; this.#isDue; turn++) {
      await (turn < TURNS ? nextTurn() : sleep(clock, 1));
      if (clock.nowMs() - startMs < limitMs) continue;
      overdue([...this.#calls.values()].join(", "));
      return;
    }
    // What follows from a call that has returned.
    await this.#settle(() => false);
  }

  async #settle(isOver: () => boolean): Promise<void> {
    for (let round = 0; round < ROUNDS && !isOver(); round++) await undefined;
  }
}
