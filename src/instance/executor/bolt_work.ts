/**
 * Drives a bolt: tuple after tuple of the batches that came, ticks between
 * them, `finish` when all its input has ended.
 */

import {
  type Anchors,
  createTickTuple,
  DEFAULT_STREAM,
  errorPolicyOf,
  type IBolt,
  isTick,
  maxConcurrencyOf,
  type MaybePromise,
  type OutputCollector,
  type Tuple,
} from "../../api/mod.ts";
import type { PhysicalPlan } from "../../plan/mod.ts";
import { ACK_KIND, type ValueReader } from "../../tuples/mod.ts";
import { BatchTuples } from "./batch_tuples.ts";
import type { BoltAcks } from "./bolt_acks.ts";
import { BoltCalls } from "./bolt_calls.ts";
import { emissionOf } from "./bolt_emission.ts";
import { BoltOrigins } from "./bolt_origins.ts";
import type { CopyRoots } from "./content.ts";
import { GivenUpTuples, isOpen } from "./given_up.ts";
import type { Intake } from "./intake.ts";
import type { QueuedBatch } from "./queued_batch.ts";
import type { SampledTimes } from "./sampled_times.ts";
import type { StreamTallies } from "./stream_tallies.ts";
import { Ticks } from "./tick_period.ts";
import { settle } from "./tuple_checks.ts";
import { earlier } from "./turn_result.ts";
import type { ErrorCounts, Work, WorkOptions } from "./work.ts";

/** What a bolt is driven with. */
export interface BoltWorkOptions extends WorkOptions {
  readonly bolt: IBolt;
  readonly intake: Intake;
  readonly plan: PhysicalPlan;
  /** Absent: tuples are not followed. */
  readonly acks: BoltAcks | undefined;
  /** Reads the values of tuples; absent: no class of the user is among them. */
  readonly valueReader: ValueReader | undefined;
  readonly tallies: StreamTallies;
  /** How long tuples take to be decoded, by input. */
  readonly decodeTimes: SampledTimes;
  /** Called before a batch's tuples and around a tick, where what went before is timed apart. */
  mark?: (() => void) | undefined;
}

const TICK = createTickTuple();
/** How often waiting tuples have their time-outs begun anew, in one message time-out. */
const RESETS_PER_TIMEOUT = 10;

/** The work of a bolt task. */
export class BoltWork implements Work {
  readonly kind = "bolt";
  readonly #options: BoltWorkOptions;
  readonly #tuples: BatchTuples;
  readonly #origins: BoltOrigins;
  readonly #ticks: Ticks;
  readonly #tickInput: number;
  #batch: QueuedBatch | undefined;
  #turnBytes = 0;
  readonly executedByInput: number[];
  #flushes = 0;
  #resetAtMs: number | undefined;
  /** Absent: one call at a time, and what it throws ends the task. */
  #calls: BoltCalls | undefined;
  #givenUp: GivenUpTuples | undefined;

  /** Nothing is called before `open`. */
  constructor(options: BoltWorkOptions) {
    this.#options = options;
    this.#tuples = new BatchTuples((tuple) => options.tallies.hand(tuple));
    this.#origins = new BoltOrigins(options);
    this.#ticks = new Ticks(options.config);
    const { inputs } = options.plan.component(options.context.getThisComponentId());
    // Behind the inputs: ticks, where there are any.
    this.#tickInput = inputs.length;
    this.executedByInput = inputs.map(() => 0);
    if (this.#ticks.areAsked) this.executedByInput.push(0);
  }

  get calls(): number {
    return this.executed + (this.executedByInput[this.#tickInput] ?? 0);
  }

  get executed(): number {
    let sum = 0;
    for (let input = 0; input < this.#tickInput; input++) sum += this.executedByInput[input] ?? 0;
    return sum;
  }

  get acked(): number {
    return this.#options.tallies.acked;
  }

  get failed(): number {
    return this.#options.tallies.failed;
  }

  get isTurnOver(): boolean {
    return this.#turnBytes >= this.#options.system.instanceTurnBytes;
  }

  /** What comes to a bolt wakes it anyhow. */
  get hasNews(): boolean {
    return false;
  }

  get hasEnded(): boolean {
    return this.#batch === undefined && this.#options.intake.hasEnded && this.openCalls === 0;
  }

  get openCalls(): number {
    return this.#calls?.openCount ?? 0;
  }

  get openCall(): number {
    return this.#calls?.openCall ?? 0;
  }

  get settledCalls(): number | undefined {
    return this.#calls?.settledCount;
  }

  get errors(): ErrorCounts | undefined {
    if (this.#calls === undefined || this.#givenUp === undefined) return undefined;
    const { skipped, deadLetters } = this.#givenUp;
    return { retries: this.#calls.retries, skipped, deadLetters };
  }

  get wakeAtMs(): number | undefined {
    const calls = this.#calls;
    const tickMs = calls?.isFull === true ? Infinity : this.#ticks.nextAtMs;
    const timerMs = this.#mayRunTimer() ? this.#options.timers.nextAtMs : Infinity;
    const earliestMs = Math.min(tickMs, timerMs, calls?.retryAtMs ?? Infinity);
    return earliestMs === Infinity ? undefined : earliestMs;
  }

  open(): MaybePromise<void> {
    const { bolt, config, context } = this.#options;
    const collector = this.#createCollector();
    this.#openCalls(collector);
    return bolt.prepare?.(config, context, collector);
  }

  #openCalls(collector: OutputCollector): void {
    const { config, context, nowMs, requestTurn, intake, acks } = this.#options;
    const policy = errorPolicyOf(config);
    const concurrency = maxConcurrencyOf(config);
    if (concurrency === 1 && policy.retries === 0 && policy.then === "crash") return;
    const component = context.getThisComponentId();
    const givenUp = new GivenUpTuples({ then: policy.then, component, collector });
    this.#givenUp = givenUp;
    this.#calls = new BoltCalls({
      // Read at each call: what looks on takes its place when it is opened.
      execute: (tuple) => this.#options.bolt.execute(tuple),
      concurrency,
      policy,
      nowMs,
      requestTurn,
      handled: (batch) => intake.handled(batch),
      mayRetry: (tuple) => {
        acks?.resetTimeout(tuple);
        return isTick(tuple) || isOpen(tuple);
      },
      giveUp: (call) => givenUp.add(call),
    });
  }

  beginTurn(nowMs: number): void {
    this.#turnBytes = 0;
    this.#ticks.begin(nowMs);
  }

  /**
   * What waits for this bolt does not time out: it is neither lost nor forgotten. Only what has
   * waited for long is told of, so a bolt that keeps up tells of nothing.
   */
  #tendWaiting(nowMs: number): number | undefined {
    const { acks, intake, system } = this.#options;
    const isIdle = this.#batch === undefined && intake.isEmpty && intake.partials.isEmpty &&
      this.#calls?.isRetryWaiting !== true;
    if (acks === undefined || isIdle) {
      this.#resetAtMs = undefined;
      return undefined;
    }
    const periodMs = system.topologyMessageTimeoutSecs * 1000 / RESETS_PER_TIMEOUT;
    this.#resetAtMs ??= nowMs + periodMs;
    if (nowMs >= this.#resetAtMs) {
      // A call that blocks leaves no time for a second look.
      const since = nowMs >= this.#resetAtMs + periodMs / 2 ? intake.round + 1 : intake.round;
      this.#resetAtMs = nowMs + periodMs;
      if (this.#batch !== undefined && this.#batch.round < since) {
        acks.resetWaiting(this.#batch.bytes, this.#tuples.handed);
      }
      for (const { roots, source } of intake.partials.since(since)) acks.resetRoots(roots, source);
      for (const { bytes } of intake.waitingSince(since)) acks.resetWaiting(bytes, 0);
      for (const tuple of this.#calls?.waitingTuples ?? []) acks.resetTimeout(tuple);
    }
    return this.#resetAtMs;
  }

  tend(nowMs: number): number | undefined {
    this.#calls?.throwFailure();
    const waitingAtMs = this.#tendWaiting(nowMs);
    const partialsAtMs = this.#options.intake.partials.tend(nowMs);
    return earlier(waitingAtMs, partialsAtMs);
  }

  /** Goes on for as long as the task would be called anyhow: what it emits leaves room and credit. */
  step(nowMs: number, callsMax: number): number | PromiseLike<unknown> {
    const { timers, bolt, emitter } = this.#options;
    const isDue = nowMs >= timers.nextAtMs || nowMs >= this.#ticks.nextAtMs;
    if (isDue || this.#calls !== undefined) return this.#stepOtherwise(nowMs);
    const { batches } = emitter.sent;
    let { emittedBytes } = emitter;
    for (let calls = 1;; calls++) {
      const tuple = this.#nextTuple();
      if (tuple === undefined) return calls > 1 ? calls - 1 : this.#stepIdle();
      const returned = bolt.execute(tuple);
      if (returned !== undefined) return Promise.resolve(returned);
      if (calls === callsMax || this.isTurnOver) return calls;
      // Room and credit go with what is emitted.
      if (emitter.emittedBytes === emittedBytes) continue;
      ({ emittedBytes } = emitter);
      if (emitter.sent.batches > batches || !emitter.hasCredit()) return calls;
    }
  }

  /** The same where a timer or tick is due, or calls may be open. */
  #stepOtherwise(nowMs: number): number | PromiseLike<unknown> {
    const { timers, bolt, mark } = this.#options;
    if (nowMs >= timers.nextAtMs && this.#mayRunTimer()) {
      return this.#call("timer", timers.takeDue(nowMs), () => {});
    }
    if (this.#calls !== undefined) return this.#stepCalls(this.#calls, nowMs);
    if (!this.#takeTick(nowMs)) return 0;
    const returned = bolt.execute(TICK);
    mark?.();
    return returned === undefined ? 1 : Promise.resolve(returned);
  }

  #stepIdle(): number | PromiseLike<unknown> {
    return this.#options.intake.takeFlush() ? this.#flush() : 0;
  }

  /** A timer is a call of its own: beside others only where several may be open. */
  #mayRunTimer(): boolean {
    const calls = this.#calls;
    return calls === undefined || calls.isConcurrent || calls.openCount === 0;
  }

  /** The same as `step`, where calls may be open and fail. */
  #stepCalls(calls: BoltCalls, nowMs: number): number | PromiseLike<unknown> {
    calls.throwFailure();
    if (calls.retry(nowMs)) return 1;
    // A call that settles asks for a turn.
    if (calls.isFull) return 0;
    if (this.#takeTick(nowMs)) {
      calls.startTick(TICK);
      this.#options.mark?.();
      return 1;
    }
    const tuple = this.#nextTuple();
    if (tuple !== undefined) {
      calls.start(tuple);
      return 1;
    }
    // What open calls still emit comes before the mark.
    return calls.openCount > 0 ? 0 : this.#stepIdle();
  }

  #takeTick(nowMs: number): boolean {
    if (!this.#ticks.take(nowMs)) return false;
    this.#options.mark?.();
    this.executedByInput[this.#tickInput] = (this.executedByInput[this.#tickInput] ?? 0) + 1;
    return true;
  }

  /** Nothing comes before what is kept back has left. */
  #flush(): number | PromiseLike<unknown> {
    const { bolt, emitter } = this.#options;
    return this.#call("flush", () => bolt.flush?.(), () => emitter.flushMark(++this.#flushes));
  }

  /** A call of user code that most turns do not make. */
  #call(
    method: "timer" | "flush",
    call: (() => MaybePromise<void>) | undefined,
    then: () => void,
  ): number | PromiseLike<unknown> {
    const { calling } = this.#options;
    calling(method);
    const returned = call?.();
    if (returned !== undefined) return Promise.resolve(returned).then(then);
    calling("");
    then();
    return 1;
  }

  /** A call of a bolt has come to something. */
  returned(): number {
    return 1;
  }

  /** Short, so that the compiler puts it into `step`: what is done once a batch stands elsewhere. */
  #nextTuple(): Tuple | undefined {
    while (this.#batch !== undefined || this.#openBatch()) {
      const tuple = this.#tuples.next();
      if (tuple !== undefined) {
        const { input } = tuple;
        this.executedByInput[input] = (this.executedByInput[input] ?? 0) + 1;
        return tuple;
      }
      this.#closeBatch();
    }
    return undefined;
  }

  /** False: there is none. */
  #openBatch(): boolean {
    const { mark, intake } = this.#options;
    mark?.();
    const batch = intake.nextBatch();
    if (batch === undefined) return false;
    this.#batch = batch;
    this.#calls?.beginBatch(batch);
    this.#tuples.open(batch.bytes, (reader) => this.#origins.of(reader));
    return true;
  }

  #closeBatch(): void {
    if (this.#batch === undefined) return;
    this.#turnBytes += this.#batch.creditBytes;
    if (this.#calls === undefined) this.#options.intake.handled(this.#batch);
    else this.#calls.endBatch();
    this.#batch = undefined;
  }

  finish(): MaybePromise<void> {
    this.#ticks.end();
    this.#options.timers.end();
    return this.#options.bolt.finish?.();
  }

  drain(): void {}

  close(): MaybePromise<void> {
    return this.#options.bolt.cleanup?.();
  }

  #createCollector(): OutputCollector {
    const { emitter, acks, tallies, ready, reportError } = this.#options;
    return {
      emit: (...args: unknown[]) => {
        const [first, second] = args;
        if (args.length === 1 && Array.isArray(first)) return emitter.emit(DEFAULT_STREAM, first);
        if (args.length === 2 && typeof first !== "string" && Array.isArray(second)) {
          // What is no tuple among the anchors is found where they are read.
          return emitter.emit(DEFAULT_STREAM, second, this.#rootsOf(first as Anchors));
        }
        const { stream, values, anchors } = emissionOf(args);
        return emitter.emit(stream, values, this.#rootsOf(anchors));
      },
      emitDirect: (taskId: number, ...args: unknown[]) => {
        const { stream, values, anchors } = emissionOf(args);
        return emitter.emitDirect(taskId, stream, { values, roots: this.#rootsOf(anchors) });
      },
      ack: (tuple) => {
        if (!settle(tuple)) return tallies.tickDone(tuple, true);
        acks?.record(tuple, ACK_KIND.ack);
        tallies.done(tuple, true);
      },
      fail: (tuple) => {
        if (!settle(tuple)) return tallies.tickDone(tuple, false);
        acks?.record(tuple, ACK_KIND.fail);
        tallies.done(tuple, false);
      },
      resetTimeout: (tuple) => acks?.resetTimeout(tuple),
      ready,
      reportError,
    };
  }

  #rootsOf(anchors: Anchors | undefined): CopyRoots | undefined {
    return anchors === undefined ? undefined : this.#options.acks?.anchoredTo(anchors);
  }
}
