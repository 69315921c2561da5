/** Calls of user code that may be async: one at a time, and what it throws kept for the next turn. */

import type { MaybePromise } from "../../api/mod.ts";
import { FatalUserError } from "./work.ts";

/** The calls of one task. */
export class UserCalls {
  readonly #requestTurn: () => void;
  #isPending = false;
  #asyncCalls = 0;
  #failure: { error: unknown } | undefined;
  #then: () => void = () => {};

  /** @param requestTurn called when one that was async has returned */
  constructor(requestTurn: () => void) {
    this.#requestTurn = requestTurn;
  }

  /** One has not returned yet. */
  get isPending(): boolean {
    return this.#isPending;
  }

  /** Number, from 1 on, of the call that has not returned; 0: none is open. */
  get pendingCall(): number {
    return this.#isPending ? this.#asyncCalls : 0;
  }

  /** @throws FatalUserError with what an async call was rejected with */
  throwFailure(): void {
    if (this.#failure !== undefined) throw FatalUserError.of(this.#failure.error);
  }

  /** Runs user code that may be async; `then` runs when it is done. @throws FatalUserError */
  run(call: () => MaybePromise<void>, then: () => void): void {
    let returned: MaybePromise<void>;
    try {
      returned = call();
    } catch (thrown) {
      throw FatalUserError.of(thrown);
    }
    if (returned === undefined) then();
    // What is no promise, which a callback may well return, has settled.
    else this.wait(Promise.resolve(returned), then);
  }

  /** Waits for the promise that a call returned; `then` runs when it is done, unless it is rejected. */
  wait(promise: PromiseLike<unknown>, then: () => void): void {
    this.#isPending = true;
    this.#asyncCalls++;
    this.#then = then;
    promise.then(this.#resolved, this.#rejected);
  }

  readonly #resolved = (): void => {
    this.#isPending = false;
    this.#then();
    this.#requestTurn();
  };

  readonly #rejected = (error: unknown): void => {
    this.#isPending = false;
    this.#failure = { error };
    this.#requestTurn();
  };
}
