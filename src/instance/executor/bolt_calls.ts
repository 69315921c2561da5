/**
 * The calls of a bolt's `execute` where several may be open at once, or where
 * one that failed is made again. A batch counts as handled, so that its credit
 * comes back, when the last of its calls has settled. Bolts that have neither
 * do without this.
 */

import type { CompleteErrorPolicy, MaybePromise, Tuple } from "../../api/mod.ts";
import type { QueuedBatch } from "./queued_batch.ts";
import { FatalUserError } from "./work.ts";

/** The longest wait before a retry, unless the first one is longer. */
const BACKOFF_MS_MAX = 60_000;

/** A call whose last attempt failed. */
export interface FailedCall {
  readonly tuple: Tuple;
  readonly thrown: unknown;
  readonly attempts: number;
}

/** What the calls of a bolt are made of. */
export interface BoltCallsOptions {
  /** Calls the bolt. */
  execute(tuple: Tuple): MaybePromise<void>;
  /** Calls that may be open at once, at least 1. */
  readonly concurrency: number;
  readonly policy: CompleteErrorPolicy;
  nowMs(): number;
  /** There is something to do, though no packet came. */
  requestTurn(): void;
  /** All tuples of a batch are done. */
  handled(batch: QueuedBatch): void;
  /** Whether a failed call of `tuple` may be made again; its time-out begins anew then. */
  mayRetry(tuple: Tuple): boolean;
  /** Does what the policy says of the last failure. @throws what the task crashes with */
  giveUp(call: FailedCall): void;
}

/** A batch with calls that are open. */
interface CalledBatch {
  readonly batch: QueuedBatch;
  open: number;
  /** No further call of it will begin. */
  isRead: boolean;
}

interface Call {
  readonly tuple: Tuple;
  /** Absent: a tick. */
  readonly batch: CalledBatch | undefined;
  attempts: number;
  retryAtMs: number;
  /** Of its last attempt, among those that returned a promise. */
  number: number;
}

/** The calls of one bolt task. */
export class BoltCalls {
  readonly #options: BoltCallsOptions;
  #batch: CalledBatch | undefined;
  #open = 0;
  /** Open calls that wait to be made again, in the order of their failure. */
  #waiting: Call[] = [];
  /** Those whose promise is open, the oldest first. */
  readonly #awaited = new Set<Call>();
  #promises = 0;
  #failure: { readonly error: unknown } | undefined;
  #retries = 0;
  #settledCount = 0;

  /** Nothing is open. */
  constructor(options: BoltCallsOptions) {
    this.#options = options;
  }

  /** Calls that have begun and not settled; those that wait to be made again are among them. */
  get openCount(): number {
    return this.#open;
  }

  /** Number, from 1 on, of the attempt whose promise has been open for longest; 0: none is. */
  get openCall(): number {
    const [oldest] = this.#awaited;
    return oldest?.number ?? 0;
  }

  /** No further call may begin. */
  get isFull(): boolean {
    return this.#open >= this.#options.concurrency;
  }

  /** Calls may run beside one another. */
  get isConcurrent(): boolean {
    return this.#options.concurrency > 1;
  }

  /** Calls that were made again. */
  get retries(): number {
    return this.#retries;
  }

  /** When to make a call again; `Infinity`: none waits. */
  get retryAtMs(): number {
    let earliestMs = Infinity;
    for (const { retryAtMs } of this.#waiting) earliestMs = Math.min(earliestMs, retryAtMs);
    return earliestMs;
  }

  /** A call waits to be made again. */
  get isRetryWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  /** Calls that have come to their end; those that returned no promise are counted too. */
  get settledCount(): number {
    return this.#settledCount;
  }

  /** The tuples of calls that wait to be made again. */
  get waitingTuples(): Tuple[] {
    return this.#waiting.map(({ tuple }) => tuple);
  }

  /** @throws FatalUserError with what a call has ended the task */
  throwFailure(): void {
    if (this.#failure !== undefined) throw FatalUserError.of(this.#failure.error);
  }

  /** The tuples from now on are of `batch`. */
  beginBatch(batch: QueuedBatch): void {
    this.#batch = { batch, open: 0, isRead: false };
  }

  /** All tuples of the batch were given to user code. */
  endBatch(): void {
    const batch = this.#batch;
    this.#batch = undefined;
    if (batch === undefined) return;
    batch.isRead = true;
    if (batch.open === 0) this.#options.handled(batch.batch);
  }

  /** Calls `execute` with a tuple of the batch. @throws what user code threw, if the task crashes */
  start(tuple: Tuple): void {
    this.#begin(tuple, this.#batch);
  }

  /** The same with a tick. */
  startTick(tick: Tuple): void {
    this.#begin(tick, undefined);
  }

  #begin(tuple: Tuple, batch: CalledBatch | undefined): void {
    let returned: unknown;
    try {
      returned = this.#options.execute(tuple);
    } catch (thrown) {
      this.#failed(this.#opened(tuple, batch), thrown);
      return;
    }
    if (returned === undefined) this.#settledCount++;
    else this.#await(this.#opened(tuple, batch), returned);
  }

  /** Makes a call again whose time has come; false: there is none. */
  retry(nowMs: number): boolean {
    // Asked before each tuple.
    if (this.#waiting.length === 0) return false;
    const call = this.#waiting.find(({ retryAtMs }) => nowMs >= retryAtMs);
    if (call === undefined) return false;
    this.#waiting = this.#waiting.filter((one) => one !== call);
    this.#retries++;
    let returned: unknown;
    try {
      returned = this.#options.execute(call.tuple);
    } catch (thrown) {
      this.#failed(call, thrown);
      return true;
    }
    if (returned === undefined) this.#settled(call);
    else this.#await(call, returned);
    return true;
  }

  #opened(tuple: Tuple, batch: CalledBatch | undefined): Call {
    this.#open++;
    if (batch !== undefined) batch.open++;
    return { tuple, batch, attempts: 0, retryAtMs: 0, number: 0 };
  }

  #await(call: Call, returned: unknown): void {
    call.number = ++this.#promises;
    this.#awaited.add(call);
    Promise.resolve(returned).then(
      () => {
        this.#awaited.delete(call);
        this.#settled(call);
        this.#options.requestTurn();
      },
      (thrown: unknown) => {
        this.#awaited.delete(call);
        try {
          this.#failed(call, thrown);
        } catch (error) {
          // The first one is what the task ends with.
          this.#failure ??= { error };
        }
        this.#options.requestTurn();
      },
    );
  }

  #failed(call: Call, thrown: unknown): void {
    const { policy, mayRetry, giveUp, nowMs } = this.#options;
    call.attempts++;
    if (call.attempts <= policy.retries && mayRetry(call.tuple)) {
      call.retryAtMs = nowMs() + backoffMs(policy.backoffMs, call.attempts);
      this.#waiting.push(call);
      return;
    }
    giveUp({ tuple: call.tuple, thrown, attempts: call.attempts });
    this.#settled(call);
  }

  #settled({ batch }: Call): void {
    this.#open--;
    this.#settledCount++;
    if (batch === undefined) return;
    batch.open--;
    if (batch.isRead && batch.open === 0) this.#options.handled(batch.batch);
  }
}

/** How long to wait after failure number `failures`, in milliseconds: each time twice as long. */
export function backoffMs(firstMs: number, failures: number): number {
  // Bounded, as 0 times infinity is no number.
  const factor = 2 ** Math.min(failures - 1, 32);
  return Math.min(firstMs * factor, Math.max(firstMs, BACKOFF_MS_MAX));
}
