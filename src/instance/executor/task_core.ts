/**
 * A running task without threads and sockets: packets and time in, packets
 * out. It decides when user code is called: one call at a time, only with
 * credit, never after the end. The executor thread and the simulator drive it.
 */

import type { PhysicalPlan } from "../../plan/mod.ts";
import type { OutChannel } from "../../tuples/mod.ts";
import { CALLS_PER_TURN_MAX, callsToLook, isLook, TURN_MS_MAX } from "./call_looks.ts";
import { createEmitter } from "./create_emitter.ts";
import { type CreatedWork, createWork } from "./create_work.ts";
import { creditAsk } from "./credit_ask.ts";
import type { Emitter } from "./emitter.ts";
import { Intake } from "./intake.ts";
import { leadsTo, readLost } from "./loss.ts";
import { ReadyWaiters } from "./ready_waiters.ts";
import { SpoutPause } from "./spout_pause.ts";
import type { TaskOptions } from "./task_ports.ts";
import { taskTotals } from "./task_totals.ts";
import { TaskWatch } from "./task_watch.ts";
import { AGAIN, earlier, type TurnResult, WAITING, waitUntil } from "./turn_result.ts";
import { UserCalls } from "./user_calls.ts";
import { FatalUserError, type TaskTotals, type Work } from "./work.ts";

/** In place of the number of calls: there was nothing to call for. */
const IDLE = 0;
/** In place of the number of calls: the last one has not returned. */
const PENDING = -1;

/** A task's state. */
export type TaskState = "waiting" | "opening" | "running" | "ending" | "ended" | "closed";

/** The core of one task. */
export class TaskCore {
  readonly #options: TaskOptions;
  #state: TaskState = "waiting";
  #plan: PhysicalPlan | undefined;
  #emitter: Emitter | undefined;
  #intake: Intake | undefined;
  #watch: TaskWatch | undefined;
  readonly #pause = new SpoutPause();
  readonly #calls: UserCalls;
  readonly #readyWaiters = new ReadyWaiters();
  #isDraining = false;
  /** The last turn stopped for want of credit or room. */
  #isStuck = false;
  #made: CreatedWork | undefined;
  #hasProgressed = false;
  /** The task ended in an earlier life: nothing runs. */
  #hasEndedBefore = false;
  /** The end of the task is stored: its channels may say so. */
  #isEndStored = false;
  #hasToldEnd = false;
  /** What came before the plan. */
  #early: (() => void)[] = [];

  /** A task that waits for its plan. */
  constructor(options: TaskOptions) {
    this.#options = options;
    this.#calls = new UserCalls(options.ports.requestTurn);
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
    return this.#calls.isPending || (this.work?.openCalls ?? 0) > 0;
  }

  /** Number, from 1 on, of the call that has not returned, unless it is one of the work's; 0: none. */
  get pendingCall(): number {
    return this.#calls.pendingCall;
  }

  /** What keeps the task from going on is others' credit. */
  get awaitsCredit(): boolean {
    return this.#isStuck || this.#readyWaiters.areThere;
  }

  /** Takes a plan. The first one opens the task; of a newer one user code hears, others change nothing. */
  takePlan(plan: PhysicalPlan): void {
    this.#pause.takePlan(plan);
    if (this.#plan !== undefined) {
      if (plan.version <= this.#plan.version) return;
      this.#plan = plan;
      this.#made?.planCalls.take(plan);
      return;
    }
    this.#plan = plan;
    const { taskId, life, config, ports } = this.#options;
    const emitter = createEmitter(this.#options, plan, (channel) => this.#waitForCredit(channel));
    this.#emitter = emitter;
    this.#intake = new Intake({
      plan,
      taskId,
      life,
      terms: config,
      tupleBytesMax: config.topologyTupleMaxBytes,
      silenceMs: config.netSilenceMs,
    });
    const intake = this.#intake;
    this.#watch = new TaskWatch({ plan, taskId, life, config, emitter, intake, sink: ports.sink });
    emitter.sync(() => true);
    for (const take of this.#early) take();
    this.#early = [];
    if (this.#hasEndedBefore || this.#isEndStored) {
      this.#state = "ending";
      // Who knew of the end may be gone before the topology master has stored it.
      this.#tellEnd();
      return;
    }
    const parts = { plan, emitter, intake, pause: this.#pause, ready: () => this.#ready() };
    this.#made = createWork(this.#options, parts);
    this.#state = "opening";
  }

  /** This task ended in an earlier life; to be said before the plan. */
  endBefore(): void {
    if (this.#plan === undefined) this.#hasEndedBefore = true;
  }

  /**
   * The end of this task is stored, so that no later life of it works: those it sends to may act on it. A life
   * that did not know that an earlier one had ended stops.
   */
  endStored(): void {
    this.#isEndStored = true;
  }

  /** Credit comes from others, who may wait for what this task has done. */
  #waitForCredit(channel: OutChannel): boolean {
    const { sink, waitFor } = this.#options.ports;
    this.#made?.acks?.flush(sink);
    // A call that waits is as stuck as a task that may not be called.
    this.#isStuck = true;
    const hasCredit = waitFor(creditAsk(channel, this.#options.ports));
    this.#isStuck = false;
    return hasCredit;
  }

  /** Takes a batch body. */
  takeBatch(bytes: Uint8Array, start: number, end: number): void {
    if (this.#intake !== undefined) this.#intake.takeBatch(bytes, start, end);
    else this.#keep("takeBatch", bytes.slice(start, end));
  }

  /** Takes a marker body. */
  takeMarker(bytes: Uint8Array, start: number, end: number): void {
    if (this.#intake !== undefined) this.#intake.takeMarker(bytes, start, end);
    else this.#keep("takeMarker", bytes.slice(start, end));
  }

  /** Takes a loss notice: channels to what was lost say where they stand. */
  takeNotice(bytes: Uint8Array, start: number, end: number): void {
    const plan = this.#plan;
    // A channel that is not open yet says so anyhow when it is.
    if (plan === undefined) return;
    const lost = readLost(bytes, start, end);
    const here = plan.task(this.#options.taskId).stmgrId;
    this.#emitter?.sync((task) => leadsTo(lost, { task, here, there: plan.task(task).stmgrId }));
  }

  /** The stream manager asks: it is to be told when half of the budget is free. */
  askRelief(): void {
    if (this.#watch === undefined) this.#early.push(() => this.askRelief());
    else this.#watch.askRelief();
  }

  /** A spout that is paused for back pressure is not asked for tuples. */
  pause(isPaused: boolean): void {
    this.#pause.isPaused = isPaused;
  }

  /** Whether it is. */
  get isPaused(): boolean {
    return this.#pause.isPaused;
  }

  /** The link to the task's own stream manager is new: all channels say where they stand. */
  linkUp(): void {
    this.#emitter?.sync(() => true);
  }

  #keep(take: "takeBatch" | "takeMarker", kept: Uint8Array): void {
    this.#early.push(() => this.#intake?.[take](kept, 0, kept.length));
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
    this.work?.drain();
  }

  /**
   * Does what can be done now. Call it again as the result says, and whenever
   * a packet came, credit or room grew, or a turn was requested.
   * @throws what user code threw
   */
  turn(nowMs: number): TurnResult {
    this.#calls.throwFailure();
    this.#wakeReady();
    this.#isStuck = false;
    let result = WAITING;
    if (this.#state === "opening" && !this.#calls.isPending) this.#open();
    if (this.#isEndStored) this.#leave();
    if (this.#state === "running") {
      this.#made?.times.begin(this.#calls.isPending);
      result = this.#run(nowMs);
      this.#made?.times.end(this.#calls.isPending);
    }
    if (!this.#hasProgressed && (this.work?.settledCalls ?? 0) > 0) this.#returned();
    const tendAtMs = earlier(this.work?.tend(nowMs), this.#made?.onlookers.tend(nowMs));
    this.#emitter?.flush();
    this.#made?.acks?.endTurn(this.#options.ports.sink);
    this.#intake?.grant(this.#options.ports.sink);
    const untilMs = this.watchStuck(nowMs);
    if (this.#state === "opening" && !this.#calls.isPending) return AGAIN;
    if (result.kind === "again") return AGAIN;
    return waitUntil(earlier(result.untilMs, untilMs), tendAtMs);
  }

  /** Looks whether nothing happens for want of credit; returns when to look again. */
  watchStuck(nowMs: number): number | undefined {
    const isWaiting = this.#isStuck || this.#readyWaiters.areThere;
    return this.#watch?.look(nowMs, isWaiting && this.#emitter?.hasCredit() === false);
  }

  #open(): void {
    if (this.#isDraining) this.work?.drain();
    this.#calls.run(() => this.#made?.planCalls.open(), () => this.#enter("running"));
  }

  /** Another method is called from here on, also within this turn. */
  #enter(state: TaskState): void {
    this.#state = state;
    this.#options.ports.calling?.("");
  }

  #run(nowMs: number): TurnResult {
    const work = this.work;
    const emitter = this.#emitter;
    if (work === undefined || emitter === undefined || this.#calls.isPending) return WAITING;
    const { sink, nowMs: clockMs } = this.#options.ports;
    const bytesMax = emitter.emittedBytes + this.#options.config.instanceTurnBytes;
    work.beginTurn(nowMs);
    if (this.#made?.planCalls.isDue === true && !work.hasEnded) return this.#update();
    const startMs = clockMs();
    for (let calls = 0; calls < CALLS_PER_TURN_MAX;) {
      if (isLook(calls) && clockMs() - startMs >= TURN_MS_MAX) return AGAIN;
      if (work.hasEnded) return this.#end();
      if (!sink.hasRoom() || !emitter.hasCredit()) return this.#stuck();
      const called = this.#step(work, nowMs, callsToLook(calls));
      if (called === IDLE) return work.hasEnded ? AGAIN : waitUntil(work.wakeAtMs);
      if (called === PENDING) return WAITING;
      calls += called;
      if (emitter.emittedBytes >= bytesMax || work.isTurnOver) return AGAIN;
    }
    return AGAIN;
  }

  #update(): TurnResult {
    if (!this.#options.ports.sink.hasRoom() || this.#emitter?.hasCredit() !== true) {
      return this.#stuck();
    }
    const { calling } = this.#options.ports;
    calling?.("update");
    this.#calls.run(() => this.#made?.planCalls.update(), () => {});
    if (!this.#calls.isPending) calling?.("");
    return this.#calls.isPending ? WAITING : AGAIN;
  }

  #stuck(): TurnResult {
    if (this.#made !== undefined) this.#made.times.refused++;
    this.#isStuck = true;
    return WAITING;
  }

  /** Credit or room that the last turn lacked is there now. */
  canProceed(): boolean {
    const isAwaited = this.#isStuck || this.#readyWaiters.areThere ||
      (this.#state === "running" && !this.#calls.isPending && this.work?.hasNews === true);
    if (!isAwaited) return false;
    return this.#emitter?.hasCredit() === true && this.#options.ports.sink.hasRoom();
  }

  /** How many calls were made; `IDLE`, or `PENDING`. */
  #step(work: Work, nowMs: number, callsMax: number): number {
    let returned: number | PromiseLike<unknown>;
    try {
      returned = work.step(nowMs, callsMax);
    } catch (thrown) {
      throw FatalUserError.of(thrown);
    }
    if (typeof returned !== "number") {
      this.#calls.wait(returned, this.#stepReturned);
      return PENDING;
    }
    if (!this.#hasProgressed) this.#stepped(work, returned);
    return returned;
  }

  readonly #stepReturned = (): void => {
    if (this.work !== undefined) this.#stepped(this.work, this.work.returned());
  };

  /** A call that came to nothing, or failed and is made again, is no progress, async or not. */
  #stepped(work: Work, called: number): void {
    if (called > 0 && work.settledCalls === undefined) this.#returned();
  }

  #returned(): void {
    if (this.#hasProgressed) return;
    this.#hasProgressed = true;
    this.#options.ports.progressed();
  }

  #end(): TurnResult {
    const work = this.work;
    if (work === undefined) return WAITING;
    this.#enter("ending");
    this.#calls.run(() => work.finish(), () => this.#tellEnd());
    return AGAIN;
  }

  #tellEnd(): void {
    this.#hasToldEnd = true;
    this.#emitter?.refuse();
    this.#returned();
    this.#options.ports.ended(this.totals());
  }

  #leave(): void {
    if (this.isPending || (this.#state !== "running" && this.#state !== "ending")) return;
    if (!this.#hasToldEnd) this.#tellEnd();
    this.#emitter?.end();
    this.#watch?.end();
    this.#state = "ended";
    this.#intake?.close();
  }

  /** What the task has counted. */
  totals(): TaskTotals {
    return taskTotals(this.#options.taskId, this.#plan, this);
  }

  /** What it drives and what that counts, once there is a plan. */
  get made(): CreatedWork | undefined {
    return this.#made;
  }

  /** What it drives, once there is a plan. */
  get work(): Work | undefined {
    return this.#made?.work;
  }

  #ready(): Promise<void> {
    this.#emitter?.flush();
    this.#options.ports.requestTurn();
    return this.#readyWaiters.wait();
  }

  #wakeReady(): void {
    if (!this.#readyWaiters.areThere) return;
    if (this.#emitter?.hasCredit() !== true || !this.#options.ports.sink.hasRoom()) return;
    this.#readyWaiters.wake();
  }

  /** Orderly end of the process: calls `close` or `cleanup`, once. */
  async close(): Promise<void> {
    if (this.#state === "closed") return;
    const isOpen = this.#state !== "waiting" && this.#state !== "opening";
    this.#state = "closed";
    this.#emitter?.refuse();
    try {
      if (isOpen) await this.work?.close();
    } finally {
      this.#made?.onlookers.end();
    }
  }
}
