/**
 * What is done about a call of `nextTuple` that throws or rejects: it is made
 * again after a while, so often as the component's policy says; then the task crashes.
 */

import type { CompleteErrorPolicy } from "../../api/mod.ts";
import { backoffMs } from "./bolt_calls.ts";

/** The failed calls of one spout task. */
export class SpoutRetries {
  readonly #policy: CompleteErrorPolicy;
  #failures = 0;
  #retries = 0;
  #isWaiting = false;

  /** None has failed. */
  constructor(policy: CompleteErrorPolicy) {
    this.#policy = policy;
  }

  /** Calls that were made again. */
  get retries(): number {
    return this.#retries;
  }

  /** The last call failed, and was not made again yet. */
  get isWaiting(): boolean {
    return this.#isWaiting;
  }

  /** A call is made. */
  begin(): void {
    if (this.#isWaiting) this.#retries++;
    this.#isWaiting = false;
  }

  /** It went well. */
  succeeded(): void {
    this.#failures = 0;
  }

  /** It failed: when to make it again. @throws `thrown` when that was once too often */
  failed(thrown: unknown, nowMs: number): number {
    if (++this.#failures > this.#policy.retries) throw thrown;
    this.#isWaiting = true;
    return nowMs + backoffMs(this.#policy.backoffMs, this.#failures);
  }
}
