/**
 * Leases over any state manager: at most one holder at a time, with an epoch that grows from holder to holder as
 * fencing token. The rules are in `lease_core.ts`; here its reads and writes are made and its clock is run.
 */

import {
  type Clock,
  HeronError,
  type Random,
  systemClock,
  systemRandom,
  type Timer,
} from "../../base/mod.ts";
import { checkRecordPath } from "../record_path.ts";
import type { StateManager, Versioned, Watch } from "../state_manager.ts";
import { type LeaseAction, LeaseCore, type LeaseEvent, type LeaseSight } from "./lease_core.ts";
import type { LeaseLife } from "./lease_life.ts";
import { decodeLease, encodeLease, type LeaseRecord } from "./lease_record.ts";

/** The longest sleep in milliseconds: timers cannot take what a stranger's record may say. */
const SLEEP_MS_MAX = 60_000;

/** Which lease, who wants it and for how long. */
export interface LeaseOptions {
  readonly state: StateManager;
  /** The path of the lease's record. */
  readonly path: string;
  /** Who wants it, for people. */
  readonly holder: string;
  /**
   * Which life of a party wants it: it takes the lease of an earlier life at once, and is refused that of a later one.
   * @default it waits for all others alike
   */
  readonly life?: LeaseLife;
  /** How long it is held from sending a renewal, in milliseconds, a whole number; it is renewed three times as often. */
  readonly durationMs: number;
  /** How much longer others wait, in milliseconds. @default a quarter of `durationMs` */
  readonly marginMs?: number;
  /** Is called once if the lease is lost, not when it is released. */
  readonly onLost: (reason: HeronError) => void;
  /** Is told who holds the lease that is waited for, at first and when that changes. */
  readonly onWaiting?: (current: LeaseRecord) => void;
  /** Ends the wait for the lease, or releases it. */
  readonly signal?: AbortSignal;
  /** @default the machine's */
  readonly clock?: Clock;
  /** @default a seed nobody knows */
  readonly random?: Random;
}

/** A lease that was acquired. */
export interface Lease extends AsyncDisposable {
  /** The fencing token: larger than that of any holder before. */
  readonly epoch: number;
  /**
   * Whether it is held at this moment. False from the moment it runs out by this process's own clock,
   * before `onLost` can be called, as after a pause.
   */
  isHeld(): boolean;
  /**
   * Reads the record: whether nobody had taken the lease over by then. What was read of other records before the
   * call, and is replaced by compare-and-set after it, is so replaced by this holder only.
   *
   * @throws {HeronError} what the state manager throws
   */
  confirm(): Promise<boolean>;
  /** Gives it up, so that another can take it at once. Idempotent; does not fail: at worst it runs out. */
  release(): Promise<void>;
}

/**
 * Waits for the lease and keeps it until it is released or lost.
 *
 * @throws {HeronError} `corrupt` when the record is no lease; what the state manager throws and says not to retry
 * @throws the reason of `options.signal` when that was aborted
 * @throws {RangeError} for a bad path or duration
 */
export async function acquireLease(options: LeaseOptions): Promise<Lease> {
  const { durationMs, marginMs = durationMs / 4, signal } = options;
  checkRecordPath(options.path);
  if (!(Number.isSafeInteger(durationMs) && durationMs > 0 && marginMs >= 0)) {
    throw new RangeError(
      `Acquire lease "${options.path}": found duration "${durationMs}" ms, margin "${marginMs}" ms, ` +
        "expected a whole number above 0 and a number of 0 or more",
    );
  }
  signal?.throwIfAborted();
  const keeper = new LeaseKeeper(options, marginMs);
  return await keeper.acquire();
}

class LeaseKeeper implements Lease {
  readonly #options: LeaseOptions;
  readonly #clock: Clock;
  readonly #core: LeaseCore;
  readonly #nonce: string;
  readonly #acquired = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<void>();
  #isAcquired = false;
  #hasEnded = false;
  #epoch = 0;
  #epochWaitedFor = 0;
  #watch: Watch | undefined;
  #timer: Timer | undefined;

  constructor(options: LeaseOptions, marginMs: number) {
    const { holder, durationMs, life, random = systemRandom() } = options;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    const nonce = Array.from({ length: 4 }, () => random.uint32().toString(16)).join("-");
    this.#nonce = nonce;
    const terms = { holder, nonce, durationMs, marginMs };
    this.#core = new LeaseCore(life === undefined ? terms : { ...terms, life });
  }

  get epoch(): number {
    return this.#epoch;
  }

  isHeld(): boolean {
    return this.#core.isHeld(this.#clock.nowMs());
  }

  async confirm(): Promise<boolean> {
    const { state, path } = this.#options;
    const sight = sightOf(await state.get(path));
    this.#handle({ type: "seen", sight });
    return this.isHeld() && sight?.record?.nonce === this.#nonce;
  }

  async acquire(): Promise<Lease> {
    const { signal } = this.#options;
    const abort = () => this.#abort(signal?.reason);
    signal?.addEventListener("abort", abort);
    void this.#ended.promise.then(() => signal?.removeEventListener("abort", abort));
    void this.#startWatch();
    await this.#acquired.promise;
    return this;
  }

  async release(): Promise<void> {
    this.#handle({ type: "release" });
    await this.#ended.promise;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release();
  }

  /** Ends the wait with `reason`; what is held by then is released. */
  #abort(reason: unknown): void {
    if (!this.#isAcquired) this.#acquired.reject(reason);
    this.#handle({ type: "release" });
  }

  async #startWatch(): Promise<void> {
    const { state, path } = this.#options;
    try {
      const watch = await state.watch(path, (value) => {
        this.#handle({ type: "seen", sight: sightOf(value) });
      });
      if (this.#hasEnded) watch.close();
      else this.#watch = watch;
    } catch (thrown) {
      this.#abort(thrown);
    }
  }

  #handle(event: LeaseEvent): void {
    const actions = this.#core.handle(event, this.#clock.nowMs());
    for (const action of actions) this.#act(action);
    this.#arm();
    const current = this.#core.waitedFor;
    if (current === undefined || current.epoch === this.#epochWaitedFor) return;
    this.#epochWaitedFor = current.epoch;
    this.#options.onWaiting?.(current);
  }

  #act(action: LeaseAction): void {
    switch (action.type) {
      case "read":
        return void this.#read();
      case "write":
        return void this.#write(action);
      case "acquired":
        this.#isAcquired = true;
        this.#epoch = action.epoch;
        return this.#acquired.resolve();
      case "lost":
        return this.#lose(action.code, action.found);
      case "released":
        return this.#end();
    }
  }

  #lose(code: "fenced" | "corrupt", found: string): void {
    const { path, holder, onLost } = this.#options;
    this.#end();
    const attempted = this.#isAcquired ? "Holding" : "Acquiring";
    const reason = new HeronError(
      code,
      `${attempted} lease "${path}": found ${found}, expected "${holder}" to hold it`,
    );
    if (this.#isAcquired) onLost(reason);
    else this.#acquired.reject(reason);
  }

  #end(): void {
    this.#hasEnded = true;
    this.#watch?.close();
    this.#ended.resolve();
  }

  async #read(): Promise<void> {
    let event: LeaseEvent;
    try {
      event = { type: "read", sight: sightOf(await this.#options.state.get(this.#options.path)) };
    } catch (thrown) {
      event = this.#failed(thrown);
    }
    this.#handle(event);
  }

  async #write({ record, expected }: LeaseAction & { type: "write" }): Promise<void> {
    const { state, path } = this.#options;
    const bytes = encodeLease(record);
    let event: LeaseEvent;
    try {
      const version = expected === undefined
        ? await state.create(path, bytes)
        : await state.set(path, bytes, expected);
      event = { type: "written", version };
    } catch (thrown) {
      event = isRefusal(thrown) ? { type: "refused" } : this.#failed(thrown);
    }
    this.#handle(event);
  }

  /** What cannot get better ends the wait; a lease that is held runs out at worst. */
  #failed(thrown: unknown): LeaseEvent {
    const canRetry = thrown instanceof HeronError && thrown.retryable;
    if (!this.#isAcquired && !canRetry) this.#abort(thrown);
    return { type: "failed" };
  }

  #arm(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const wakeAtMs = this.#core.wakeAtMs;
    if (wakeAtMs === undefined) return;
    const delayMs = Math.min(Math.max(0, wakeAtMs - this.#clock.nowMs()), SLEEP_MS_MAX);
    this.#timer = this.#clock.after(delayMs, () => this.#handle({ type: "time" }));
  }
}

function sightOf(value: Versioned | undefined): LeaseSight | undefined {
  if (value === undefined) return undefined;
  try {
    return { record: decodeLease(value.bytes), version: value.version };
  } catch (thrown) {
    // The core says what follows from it: a lease that is held may still be there.
    if (!(thrown instanceof HeronError)) throw thrown;
    return { record: undefined, version: value.version };
  }
}

function isRefusal(thrown: unknown): boolean {
  return thrown instanceof HeronError &&
    ["version_conflict", "already_exists", "not_found"].includes(thrown.code);
}
