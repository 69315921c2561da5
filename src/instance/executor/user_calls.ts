/** Calls of user code that may be async: one at a time, and what it throws kept for the next turn. */

import type { MaybePromise } from "../../api/mod.ts";
import { FatalUserError } from "./work.ts";

/** The calls of one task. */
export class UserCalls {
  readonly #requestTurn: () => void;
  #isPending = false;
  #asyncCalls = 0;
  #failure: { error: unknown } | undefined;

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
    if (this.#failure !== undefined) throw new FatalUserError(this.#failure.error);
  }

  /** Runs user code that may be async; `then` runs when it is done. @throws FatalUserError */
  run(call: () => MaybePromise<void>, then: () => void): void {
    let returned: MaybePromise<void>;
    try {
      returned = call();
    } catch (thrown) {
      throw new FatalUserError(thrown);
    }
    if (returned === undefined) then();
    else this.wait(returned, then);
  }

  /** Waits for what a call returned; `then` runs unless it is rejected. */
  wait(promise: PromiseLike<unknown>, then: () => void): void {
    this.#isPending = true;
    this.#asyncCalls++;
    promise.then(
      () => {
        this.#isPending = false;
        then();
        this.#requestTurn();
      },
      (error: unknown) => {
        this.#isPending = false;
        this.#failure = { error };
        this.#requestTurn();
      },
    );
  }
}
