/**
 * A running task without threads and sockets: packets and time in, packets
 * out. It decides when user code is called: one call at a time, only with
 * credit, never after the end. The executor thread and the simulator drive it.
 */

import type { MaybePromise, Topology } from "../../api/mod.ts";
import type { Random } from "../../base/mod.ts";
import type { SystemConfig } from "../../base/config/mod.ts";
import type { PhysicalPlan } from "../../plan/mod.ts";
import type { CreditTable, FrameSink, OutChannel, TaskLife } from "../../tuples/mod.ts";
import { BoltWork } from "./bolt_work.ts";
import { TaskContext } from "./context.ts";
import { Emitter } from "./emitter.ts";
import { Intake } from "./intake.ts";
import { SpoutWork } from "./spout_work.ts";
import { StuckWatch } from "./stuck_watch.ts";
import { FatalUserError, type TaskTotals, type Work } from "./work.ts";

/** Most calls of user code in one turn. */
const CALLS_PER_TURN_MAX = 1024;

/** What a task hands its packets to. */
export interface TaskSink extends FrameSink {
  /** Nothing waits for room: user code may be called. */
  hasRoom(): boolean;
}

/** What a task needs from where it runs. */
export interface TaskPorts {
  readonly sink: TaskSink;
  readonly credit: CreditTable;
  readonly random: Random;
  /** Waits, blocking, until `channel` has credit; false where nothing can wait. */
  waitForCredit(channel: OutChannel): boolean;
  /** Something is to be done though no packet came: a turn is due. */
  requestTurn(): void;
  /** The task has ended: its end is to be told, with what it counted. */
  ended(totals: TaskTotals): void;
  /** An error that user code reported, without ending the task. */
  reported(error: unknown): void;
}

/** What a task is. */
export interface TaskOptions {
  readonly taskId: number;
  readonly life: TaskLife;
  readonly topology: Topology;
  readonly config: SystemConfig;
  readonly ports: TaskPorts;
}

/** A task's state. */
export type TaskState = "waiting" | "opening" | "running" | "ending" | "ended" | "closed";

/** What the driver is to do after a turn. */
export type TurnResult =
  | { readonly kind: "again" }
  | { readonly kind: "wait"; readonly untilMs: number | undefined };

const AGAIN: TurnResult = Object.freeze({ kind: "again" });
const WAITING: TurnResult = Object.freeze({ kind: "wait", untilMs: undefined });

/** The core of one task. */
export class TaskCore {
  readonly #options: TaskOptions;
  #state: TaskState = "waiting";
  #plan: PhysicalPlan | undefined;
  #emitter: Emitter | undefined;
  #intake: Intake | undefined;
  #work: Work | undefined;
  #watch: StuckWatch | undefined;
  #isPending = false;
  #failure: { error: unknown } | undefined;
  #readyWaiters: (() => void)[] = [];
  #isDraining = false;
  /** The last turn stopped for want of credit or room. */
  #isStuck = false;
  /** Frames that came before the plan: kind, bytes. */
  #early: { isMarker: boolean; bytes: Uint8Array }[] = [];

  /** A task that waits for its plan. */
  constructor(options: TaskOptions) {
    this.#options = options;
  }

  /** Where the task is in its life. */
  get state(): TaskState {
    return this.#state;
  }

  /** The receiving side, once there is a plan. */
  get intake(): Intake | undefined {
    return this.#intake;
  }

  /** The sending side, once there is a plan. */
  get emitter(): Emitter | undefined {
    return this.#emitter;
  }

  /** A call of user code has not returned yet. */
  get isPending(): boolean {
    return this.#isPending;
  }

  /** Takes a plan. The first one opens the task; one that is not newer changes nothing. */
  takePlan(plan: PhysicalPlan): void {
    if (this.#plan !== undefined) {
      if (plan.version > this.#plan.version) this.#plan = plan;
      return;
    }
    this.#plan = plan;
    const { taskId, life, config, ports } = this.#options;
    const emitter = new Emitter({
      plan,
      taskId,
      life,
      terms: config,
      batchBytesMax: config.instanceBatchBytes,
      overshootBytesMax: config.emitOvershootBytes,
      credit: ports.credit,
      random: ports.random,
      sink: ports.sink,
      waitForCredit: ports.waitForCredit,
      onOpen: ports.requestTurn,
    });
    this.#emitter = emitter;
    this.#intake = new Intake({ plan, taskId, life, terms: config });
    this.#watch = new StuckWatch({
      taskId,
      stallMs: config.cycleStallMs,
      emitter,
      sink: ports.sink,
    });
    emitter.sync(() => true);
    for (const frame of this.#early) this.#takeFrame(frame.isMarker, frame.bytes);
    this.#early = [];
    this.#work = this.#createWork(plan, emitter, this.#intake);
    this.#state = "opening";
  }

  #createWork(plan: PhysicalPlan, emitter: Emitter, intake: Intake): Work {
    const { taskId, topology, config, ports } = this.#options;
    const task = plan.task(taskId);
    const component = plan.component(task.component);
    const options = {
      context: new TaskContext(plan, taskId),
      config: { ...topology.definition.config, ...component.config },
      system: config,
      emitter,
      ready: () => this.#ready(),
      reportError: ports.reported,
    };
    const user = topology.component(task.component);
    if ("nextTuple" in user) {
      return new SpoutWork({
        ...options,
        spout: user,
        cycle: plan.cycleReachedFrom(task.component),
      });
    }
    return new BoltWork({ ...options, bolt: user, intake, plan });
  }

  /** Takes a batch body. */
  takeBatch(bytes: Uint8Array, start: number, end: number): void {
    if (this.#intake === undefined) this.#keep(false, bytes.slice(start, end));
    else this.#intake.takeBatch(bytes, start, end);
  }

  /** Takes a marker body. */
  takeMarker(bytes: Uint8Array, start: number, end: number): void {
    if (this.#intake === undefined) this.#keep(true, bytes.slice(start, end));
    else this.#intake.takeMarker(bytes, start, end);
  }

  #keep(isMarker: boolean, bytes: Uint8Array): void {
    this.#early.push({ isMarker, bytes });
  }

  #takeFrame(isMarker: boolean, bytes: Uint8Array): void {
    if (isMarker) this.#intake?.takeMarker(bytes, 0, bytes.length);
    else this.#intake?.takeBatch(bytes, 0, bytes.length);
  }

  /** The link to the stream manager `stmgrId` is new: channels through it say where they stand. */
  peerUp(stmgrId: string): void {
    const plan = this.#plan;
    if (plan === undefined) return;
    this.#emitter?.sync((task) => plan.task(task).stmgrId === stmgrId);
  }

  /** A spout is to end as if it had called `collector.end()`; others end when their input does. */
  drain(): void {
    this.#isDraining = true;
    this.#work?.drain();
  }

  /**
   * Does what can be done now. Call it again as the result says, and whenever
   * a packet came, credit or room grew, or a turn was requested.
   * @throws what user code threw
   */
  turn(nowMs: number): TurnResult {
    this.#throwFailure();
    this.#wakeReady();
    this.#isStuck = false;
    let result = WAITING;
    if (this.#state === "opening" && !this.#isPending) this.#open();
    if (this.#state === "running") result = this.#run(nowMs);
    this.#emitter?.flush();
    this.#intake?.grant(this.#options.ports.sink);
    const untilMs = this.watchStuck(nowMs);
    if (this.#state === "opening" && !this.#isPending) return AGAIN;
    if (result.kind === "again" || untilMs === undefined) return result;
    return { kind: "wait", untilMs: Math.min(untilMs, result.untilMs ?? untilMs) };
  }

  /** Looks whether nothing happens for want of credit; returns when to look again. */
  watchStuck(nowMs: number): number | undefined {
    const isWaiting = this.#isStuck || this.#readyWaiters.length > 0;
    if (isWaiting && this.#emitter?.hasCredit() === false) return this.#watch?.stuck(nowMs);
    this.#watch?.free();
    return undefined;
  }

  #throwFailure(): void {
    if (this.#failure === undefined) return;
    const { error } = this.#failure;
    throw new FatalUserError(error);
  }

  #open(): void {
    const work = this.#work;
    if (work === undefined) return;
    if (this.#isDraining) work.drain();
    this.#call(() => work.open(), () => {
      this.#state = "running";
    });
  }

  #run(nowMs: number): TurnResult {
    const work = this.#work;
    const emitter = this.#emitter;
    if (work === undefined || emitter === undefined || this.#isPending) return WAITING;
    const { sink } = this.#options.ports;
    const bytesMax = emitter.emittedBytes + this.#options.config.instanceTurnBytes;
    work.beginTurn(nowMs);
    for (let calls = 0; calls < CALLS_PER_TURN_MAX; calls++) {
      if (work.hasEnded) return this.#end();
      if (!sink.hasRoom() || !emitter.hasCredit()) return this.#stuck();
      const returned = this.#step(work, nowMs);
      if (returned === "idle") return work.hasEnded ? AGAIN : this.#waiting(work);
      if (returned === "pending") return WAITING;
      if (emitter.emittedBytes >= bytesMax || work.isTurnOver) return AGAIN;
    }
    return AGAIN;
  }

  #stuck(): TurnResult {
    this.#isStuck = true;
    return WAITING;
  }

  /** Credit or room that the last turn lacked is there now. */
  canProceed(): boolean {
    if (!this.#isStuck && this.#readyWaiters.length === 0) return false;
    return this.#emitter?.hasCredit() === true && this.#options.ports.sink.hasRoom();
  }

  #waiting(work: Work): TurnResult {
    return { kind: "wait", untilMs: work.wakeAtMs };
  }

  #step(work: Work, nowMs: number): "called" | "idle" | "pending" {
    let returned: MaybePromise<boolean>;
    try {
      returned = work.step(nowMs);
    } catch (thrown) {
      throw new FatalUserError(thrown);
    }
    if (typeof returned === "boolean") return returned ? "called" : "idle";
    this.#await(returned, () => {});
    return "pending";
  }

  /** Runs user code that may be async; `then` runs when it is done. */
  #call(run: () => MaybePromise<void>, then: () => void): void {
    let returned: MaybePromise<void>;
    try {
      returned = run();
    } catch (thrown) {
      throw new FatalUserError(thrown);
    }
    if (returned === undefined) then();
    else this.#await(returned, then);
  }

  #await(promise: PromiseLike<unknown>, then: () => void): void {
    this.#isPending = true;
    promise.then(
      () => {
        this.#isPending = false;
        then();
        this.#options.ports.requestTurn();
      },
      (error: unknown) => {
        this.#isPending = false;
        this.#failure = { error };
        this.#options.ports.requestTurn();
      },
    );
  }

  #end(): TurnResult {
    const work = this.#work;
    if (work === undefined) return WAITING;
    this.#state = "ending";
    this.#call(() => work.finish(), () => this.#ended());
    return AGAIN;
  }

  #ended(): void {
    this.#emitter?.end();
    this.#state = "ended";
    this.#intake?.close();
    this.#options.ports.ended(this.totals());
  }

  /** What the task has counted. */
  totals(): TaskTotals {
    const dropped = new Map<string, number>(this.#intake?.dropped);
    return {
      taskId: this.#options.taskId,
      component: this.#plan?.task(this.#options.taskId).component ?? "",
      emitted: this.#emitter?.emitted ?? 0,
      executed: this.#work?.executed ?? 0,
      acked: this.#work?.acked ?? 0,
      failed: this.#work?.failed ?? 0,
      dropped,
    };
  }

  /** Tuples executed so far, by input. */
  executedByInput(): readonly number[] {
    return this.#work?.executedByInput ?? [];
  }

  #ready(): Promise<void> {
    this.#emitter?.flush();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#readyWaiters.push(resolve);
    this.#options.ports.requestTurn();
    return promise;
  }

  #wakeReady(): void {
    if (this.#readyWaiters.length === 0) return;
    if (this.#emitter?.hasCredit() !== true || !this.#options.ports.sink.hasRoom()) return;
    const waiters = this.#readyWaiters;
    this.#readyWaiters = [];
    for (const resolve of waiters) resolve();
  }

  /** Orderly end of the process: calls `close` or `cleanup`, once. */
  async close(): Promise<void> {
    if (this.#state === "closed") return;
    const isOpen = this.#state !== "waiting" && this.#state !== "opening";
    this.#state = "closed";
    if (isOpen) await this.#work?.close();
  }
}
