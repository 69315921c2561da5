/**
 * Drives a spout: `nextTuple` until the input ends, `ack` and `fail` for what
 * is done, with a wait when nothing was emitted. An end that was said is taken
 * back by a failure: the spout may emit the tuple again, and ends its input anew.
 */

import {
  DEFAULT_STREAM,
  errorPolicyOf,
  type ISpout,
  type MaybePromise,
  type SpoutOutputCollector,
} from "../../api/mod.ts";
import { HeronError } from "../../base/mod.ts";
import type { UserMethod } from "../bridge.ts";
import { noValues } from "./emit_errors.ts";
import { createSpoutWait, type SpoutWait } from "./idle_wait.ts";
import { SpoutRetries } from "./spout_retries.ts";
import type { SpoutPause } from "./spout_pause.ts";
import type { DoneTuple, SpoutEmission, Tracker } from "./tracker.ts";
import type { ErrorCounts, Work, WorkOptions } from "./work.ts";

/** How often a spout that has ended asks for what is kept back, in one message time-out. */
const FLUSHES_PER_TIMEOUT = 4;

/** What a spout is driven with. */
export interface SpoutWorkOptions extends WorkOptions {
  readonly spout: ISpout;
  readonly tracker: Tracker;
  readonly pause: SpoutPause;
  /** Why its input cannot end, found and expected; undefined: it can. */
  readonly endless: string | undefined;
}

/** The work of a spout task. */
export class SpoutWork implements Work {
  readonly kind = "spout";
  readonly #options: SpoutWorkOptions;
  #isEndAsked = false;
  /** What the spout was told last. */
  #isActive = false;
  /** A failure took an end back, and the spout was not asked since. */
  #isEndTakenBack = false;
  #isDraining = false;
  /** Calls of `nextTuple` that a drained spout still has, one for each tuple that failed. */
  #replayCalls = 0;
  #isFlushDue = false;
  /** When to ask again that what is kept back is let go. */
  #flushAtMs: number | undefined;
  #flushId = 0;
  readonly #idleWait: SpoutWait;
  /** Absent: what a call throws ends the task. */
  readonly #retries: SpoutRetries | undefined;
  #waitUntilMs: number | undefined;
  /** Waits for a tuple to be done, or for a loss to be settled. */
  #isHeldUp = false;
  #emittedBefore = 0;
  /** When the call of `nextTuple` was made that has not returned. */
  #nextAtMs: number | undefined;
  /** What another async call came to: how often user code was called. */
  #cameTo = 0;
  /** The method that is shown as called; "": `nextTuple`, as at the begin of each turn. */
  #shown: UserMethod = "";
  #acked = 0;
  #failed = 0;
  #calls = 0;

  readonly executed = 0;
  readonly executedByInput: readonly number[] = [];
  readonly isTurnOver = false;

  /** Nothing is called before `open`. */
  constructor(options: SpoutWorkOptions) {
    this.#options = options;
    const { spoutWaitMs: minMs, spoutWaitMaxMs: maxMs } = options.system;
    this.#idleWait = createSpoutWait(options.config, { minMs, maxMs });
    const policy = errorPolicyOf(options.config);
    if (policy.retries > 0) this.#retries = new SpoutRetries(policy);
  }

  readonly openCalls = 0;
  readonly openCall = 0;
  readonly settledCalls = undefined;

  get errors(): ErrorCounts | undefined {
    if (this.#retries === undefined) return undefined;
    return { retries: this.#retries.retries, skipped: 0, deadLetters: 0 };
  }

  get acked(): number {
    return this.#acked + this.#options.tracker.unheardAcks;
  }

  get failed(): number {
    return this.#failed;
  }

  get calls(): number {
    return this.#calls;
  }

  get hasEnded(): boolean {
    return this.#isEndAsked && this.#replayCalls === 0 && this.#options.tracker.openCount === 0;
  }

  get hasNews(): boolean {
    return this.#options.tracker.hasNews;
  }

  get wakeAtMs(): number | undefined {
    const checkMs = this.#options.tracker.checkAtMs ?? Infinity;
    const waitMs = this.#isHeldUp || !this.#isActive ? Infinity : this.#waitUntilMs ?? Infinity;
    const timerMs = this.#isHeldUp || this.#isEndAsked ? Infinity : this.#options.timers.nextAtMs;
    const earliestMs = Math.min(this.#flushAtMs ?? Infinity, checkMs, waitMs, timerMs);
    return earliestMs === Infinity ? undefined : earliestMs;
  }

  open(): MaybePromise<void> {
    const { spout, config, context } = this.#options;
    const opened = spout.open?.(config, context, this.#createCollector());
    if (opened === undefined) return this.#openActive();
    return Promise.resolve(opened).then(() => this.#openActive());
  }

  /** One that begins deactivated is told of it by not being activated. */
  #openActive(): MaybePromise<void> {
    const { spout, pause } = this.#options;
    this.#isActive = !pause.isDeactivated;
    return this.#isActive ? spout.activate?.() : undefined;
  }

  /** Time-outs are its gateway's; what is emitted before the next turn comes at a time of its own. */
  tend(): undefined {
    this.#options.tracker.endTurn();
  }

  beginTurn(nowMs: number): void {
    this.#shown = "";
    if (this.#waitUntilMs !== undefined && nowMs >= this.#waitUntilMs) {
      this.#waitUntilMs = undefined;
    }
  }

  step(nowMs: number): number | PromiseLike<unknown> {
    const done = this.#options.tracker.next(nowMs);
    if (done !== undefined) {
      this.#endWait(nowMs);
      return this.#tell(done);
    }
    if (this.#isEndAsked && this.#replayCalls === 0) return this.#awaitTheRest(nowMs);
    if (this.#isActive === this.#options.pause.isDeactivated) return this.#switch();
    this.#isHeldUp = !this.#options.tracker.mayCall(nowMs);
    if (this.#isHeldUp) return this.#holdUp(nowMs);
    this.#flushAtMs = undefined;
    if (nowMs >= this.#options.timers.nextAtMs && !this.#isEndAsked) return this.#runTimer(nowMs);
    if (this.#waitUntilMs !== undefined || !this.#isActive) return 0;
    if (this.#replayCalls > 0) this.#replayCalls--;
    this.#emittedBefore = this.#options.emitter.emittedBytes;
    this.#calls++;
    this.#show("");
    if (this.#retries !== undefined) return this.#tryCall(this.#retries, nowMs);
    const returned = this.#options.spout.nextTuple();
    if (returned === undefined) return this.#nextReturned(nowMs);
    this.#nextAtMs = nowMs;
    return Promise.resolve(returned);
  }

  returned(): number {
    if (this.#nextAtMs === undefined) return this.#cameTo;
    const nowMs = this.#nextAtMs;
    this.#nextAtMs = undefined;
    return this.#nextReturned(nowMs);
  }

  /** What an async call that is not `nextTuple` alone comes to. */
  #then(returned: PromiseLike<unknown>, then: () => number): PromiseLike<unknown> {
    return Promise.resolve(returned).then(() => {
      this.#cameTo = then();
    });
  }

  /** The topology was activated, or deactivated; the spout may emit while it is told. */
  #switch(): number | PromiseLike<unknown> {
    const { spout, emitter } = this.#options;
    this.#isActive = !this.#isActive;
    this.#waitUntilMs = undefined;
    const before = emitter.emittedBytes;
    this.#show(this.#isActive ? "activate" : "deactivate");
    const returned = this.#isActive ? spout.activate?.() : spout.deactivate?.();
    if (returned === undefined) return this.#told(before);
    return this.#then(returned, () => this.#told(before));
  }

  #holdUp(nowMs: number): number {
    // It may have nothing to add, and what keeps it from saying so may be kept back.
    if (this.#isEndTakenBack) this.#flushNowAndThen(nowMs);
    else this.#flushAtMs = undefined;
    return 0;
  }

  #runTimer(nowMs: number): number | PromiseLike<unknown> {
    const { emitter, timers } = this.#options;
    const before = emitter.emittedBytes;
    this.#show("timer");
    const returned = timers.takeDue(nowMs)?.();
    if (returned === undefined) return this.#told(before);
    return this.#then(returned, () => this.#told(before));
  }

  #tryCall(retries: SpoutRetries, nowMs: number): number | PromiseLike<unknown> {
    retries.begin();
    let returned: MaybePromise<void>;
    try {
      returned = this.#options.spout.nextTuple();
    } catch (thrown) {
      return this.#callFailed(retries, thrown);
    }
    if (returned === undefined) {
      retries.succeeded();
      return this.#nextReturned(nowMs);
    }
    return Promise.resolve(returned).then(() => {
      retries.succeeded();
      this.#cameTo = this.#nextReturned(nowMs);
    }, (thrown: unknown) => {
      this.#cameTo = this.#callFailed(retries, thrown);
    });
  }

  #callFailed(retries: SpoutRetries, thrown: unknown): number {
    const { emitter, nowMs } = this.#options;
    this.#waitUntilMs = retries.failed(thrown, nowMs());
    if (emitter.emittedBytes !== this.#emittedBefore) this.#isFlushDue = true;
    // It asks for nothing more once it has ended; a call for a tuple that failed is still owed.
    if (this.#isEndAsked) this.#replayCalls++;
    return 0;
  }

  #nextReturned(nowMs: number): number {
    const { emitter, tracker } = this.#options;
    const hasEmitted = emitter.emittedBytes !== this.#emittedBefore;
    if (hasEmitted) this.#isFlushDue = true;
    if (hasEmitted || this.#isEndAsked || tracker.hasNews) {
      this.#idleWait.end();
      return 1;
    }
    this.#waitUntilMs = nowMs + this.#idleWait.next(nowMs);
    return 0;
  }

  /** A tuple is done: the spout may have another one to emit in its place. */
  #endWait(nowMs: number): void {
    this.#idleWait.end();
    if (this.#waitUntilMs === undefined || this.#retries?.isWaiting === true) return;
    this.#waitUntilMs = Math.min(this.#waitUntilMs, nowMs + this.#options.system.spoutWaitMs);
  }

  /** The input has ended and tuples are open: who keeps some back is to let go. */
  #awaitTheRest(nowMs: number): number {
    this.#isHeldUp = false;
    this.#waitUntilMs = undefined;
    this.#flushNowAndThen(nowMs);
    return 0;
  }

  #flushNowAndThen(nowMs: number): void {
    if (!this.#isFlushDue && nowMs < (this.#flushAtMs ?? Infinity)) return;
    this.#isFlushDue = false;
    // In a cycle a flush may pass before what it is for: it comes again while something is open.
    const { topologyMessageTimeoutSecs } = this.#options.system;
    this.#flushAtMs = nowMs + topologyMessageTimeoutSecs * 1000 / FLUSHES_PER_TIMEOUT;
    this.#options.emitter.flushMark(++this.#flushId);
  }

  #tell({ messageId, failure }: DoneTuple): number | PromiseLike<unknown> {
    const { spout } = this.#options;
    let returned: MaybePromise<void>;
    const before = this.#options.emitter.emittedBytes;
    if (failure === undefined) {
      this.#acked++;
      if (spout.ack === undefined) return 1;
      this.#show("ack");
      returned = spout.ack(messageId);
    } else {
      this.#failed++;
      this.#takeBackEnd();
      if (spout.fail === undefined) return 1;
      this.#show("fail");
      returned = spout.fail(messageId, failure);
    }
    if (returned === undefined) return this.#told(before);
    return this.#then(returned, () => this.#told(before));
  }

  /** Shows which method is called next, where it is another one than before. */
  #show(method: UserMethod): void {
    if (method === this.#shown) return;
    this.#shown = method;
    this.#options.calling(method);
  }

  #told(emittedBefore: number): number {
    if (this.#options.emitter.emittedBytes !== emittedBefore) this.#isFlushDue = true;
    return 1;
  }

  #takeBackEnd(): void {
    if (!this.#isEndAsked) return;
    // What was kept back by a task that is gone is to be let go by its next life.
    this.#isFlushDue = true;
    if (this.#isDraining) this.#replayCalls++;
    else {
      this.#isEndAsked = false;
      this.#isEndTakenBack = true;
    }
  }

  finish(): void {
    this.#options.timers.end();
  }

  drain(): void {
    this.#isDraining = true;
    this.#askEnd();
  }

  #askEnd(): void {
    if (!this.#isEndAsked) this.#isFlushDue = true;
    this.#isEndAsked = true;
    this.#isEndTakenBack = false;
  }

  close(): MaybePromise<void> {
    return this.#options.spout.close?.();
  }

  #createCollector(): SpoutOutputCollector {
    const { tracker, ready, reportError } = this.#options;
    return {
      emit: (first: unknown, second?: unknown, third?: unknown) => {
        if (Array.isArray(first)) return tracker.emit(DEFAULT_STREAM, first, second);
        const { stream, values, messageId } = emissionOf([first, second, third]);
        return tracker.emit(stream, values, messageId);
      },
      emitDirect: (taskId: number, ...args: unknown[]) =>
        tracker.emitDirect(taskId, emissionOf(args)),
      end: () => this.#endInput(),
      ready,
      reportError,
    };
  }

  #endInput(): void {
    const { endless, context } = this.#options;
    if (endless !== undefined) {
      const spout = context.getThisComponentId();
      throw new HeronError("invalid_topology", `End the input of spout "${spout}": ${endless}`);
    }
    this.#askEnd();
  }
}

/** Sorts out `emit([stream,] values [, messageId])`. */
function emissionOf(args: readonly unknown[]): SpoutEmission {
  const hasStream = typeof args[0] === "string";
  const stream = hasStream ? String(args[0]) : DEFAULT_STREAM;
  const values = hasStream ? args[1] : args[0];
  if (!Array.isArray(values)) {
    throw noValues(stream, values);
  }
  return { stream, values, messageId: hasStream ? args[2] : args[1] };
}
