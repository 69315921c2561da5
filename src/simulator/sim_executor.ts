/**
 * The executor of a simulated instance, in a thread of its own or in its
 * gateway's: the real executor and task core, driven by a doorbell. A sleeping
 * executor takes a turn when its doorbell rings or its time is over and at no
 * other time, so a lost wake-up shows.
 */

import { seededRandom } from "../base/mod.ts";
import { type DrainedSink, Executor, TaskCore, type TaskTotals } from "../instance/mod.ts";
import type { CreditTable, Doorbell, RingReader, SlotOpener, TaskLife } from "../tuples/mod.ts";
import { lifeNumber } from "./sim_code.ts";
import type { Ways } from "./route_check.ts";
import type { SimRun, TaskCode } from "./sim_run.ts";
import type { VirtualProcess } from "./virtual_process.ts";

/** What an executor thread is made of. */
export interface SimExecutorOptions {
  readonly run: SimRun;
  readonly taskId: number;
  readonly life: TaskLife;
  /** Where it runs. */
  readonly thread: VirtualProcess;
  /** It shares its thread with the gateway: what that asks for is done at once. */
  readonly isAlone: boolean;
  readonly sink: DrainedSink;
  readonly credit: CreditTable;
  readonly slots: SlotOpener | undefined;
  /** Absent in one thread. */
  readonly dataIn: RingReader | undefined;
  readonly bell: Doorbell;
  /** The task has ended. */
  ended(totals: TaskTotals): void;
}

/** The executor of an instance. */
export class SimExecutor {
  readonly thread: VirtualProcess;
  readonly core: TaskCore;
  readonly #options: SimExecutorOptions;
  /** Takes frames, in one thread. */
  readonly executor: Executor;
  #isAsleep = false;
  #sleeps = 0;
  #busyMs = 0;

  /** A thread that waits for a plan. */
  constructor(options: SimExecutorOptions) {
    this.#options = options;
    const { thread, dataIn, sink, bell } = options;
    this.thread = thread;
    this.core = this.#createTask();
    this.executor = new Executor({
      core: this.core,
      dataIn,
      sink,
      bell,
      clock: this.thread.clock,
      // As its counters do: most tuples are not timed, and take a shorter way.
      afterTurn: (_, nowMs) => {
        this.core.emitter?.encodeTimes.turn(nowMs);
        this.core.made?.decodeTimes?.turn(nowMs);
      },
    });
    this.#postTurn();
  }

  #createTask(): TaskCore {
    const { run, taskId, life, sink, credit, slots, ended } = this.#options;
    const { scenario, world, interposer } = run;
    return new TaskCore({
      taskId,
      life,
      topology: { ...this.#createUserCode(), definition: scenario.definition },
      config: interposer.config(scenario.config),
      ports: {
        sink,
        credit,
        slots,
        random: interposer.random(
          // Of two lives with the same chance, the keys would cancel each other out.
          seededRandom(
            Math.imul(scenario.seed, 0x9e3779b1) ^ Math.imul(taskId, 0x85ebca6b) ^
              Math.imul(lifeNumber(life), 0xc2b2ae35),
          ),
        ),
        nowMs: () => world.nowMs() + this.#busyMs,
        waitFor: () => false,
        progressed: () => {},
        requestTurn: () => this.executor.requestTurn(),
        ended,
        reported: ({ message, stack }, count) =>
          run.hosting.reported(run, taskId, { message, stack, count }),
      },
    });
  }

  #createUserCode(): TaskCode {
    const { run, taskId, life } = this.#options;
    return run.hosting.create(run, {
      taskId,
      life,
      thread: this.thread,
      ways: this.#ways,
      isPaused: () => this.core.isPaused,
      busy: (ms) => {
        this.#busyMs += ms;
      },
    });
  }

  readonly #ways: Ways = {
    headroom: (task) => this.core.emitter?.channels.get(task)?.headroom() ?? 0,
    isNear: (task) => this.#options.run.routes.isNear(task, this.#options.taskId),
  };

  /** Asks the thread to do something with the core, and to take a turn. */
  post(run: (core: TaskCore) => void): void {
    const take = (): void => {
      run(this.core);
      this.executor.requestTurn();
    };
    if (this.#options.isAlone) take();
    else this.thread.post(take);
  }

  /** Its doorbell rang. */
  wake(): void {
    if (!this.#isAsleep) return;
    this.#isAsleep = false;
    this.#sleeps++;
    this.#postTurn();
  }

  #postTurn(): void {
    this.thread.post(() => this.#turn());
  }

  #turn(): void {
    const { run, taskId } = this.#options;
    const { world } = run;
    try {
      const result = this.executor.turn();
      this.#afterCall();
      if (result.kind === "again") this.#postTurn();
      // Others may do something between the turn and the sleep.
      else if (world.chance(0.3)) this.thread.post(() => this.#sleep(result.untilMs));
      else this.#sleep(result.untilMs);
    } catch (thrown) {
      const error = thrown instanceof Error && thrown.cause instanceof Error
        ? thrown.cause
        : thrown;
      run.hosting.threw(run, taskId, error);
    }
  }

  #afterCall(): void {
    const { world } = this.#options.run;
    if (this.core.isPending || this.core.state === "ending") world.settle();
    if (this.#busyMs === 0) return;
    this.thread.holdUntil(world.nowMs() + this.#busyMs);
    this.#busyMs = 0;
  }

  #sleep(untilMs: number | undefined): void {
    const ticket = this.executor.prepareSleep();
    if (ticket === undefined) {
      this.#postTurn();
      return;
    }
    this.#isAsleep = true;
    this.checkAwake();
    if (untilMs === undefined) return;
    const sleep = this.#sleeps;
    const { clock } = this.thread;
    clock.after(untilMs - clock.nowMs(), () => {
      if (!this.#isAsleep || this.#sleeps !== sleep) return;
      this.#options.bell.cancelSleep();
      this.wake();
    });
  }

  /** It does not sleep while there is something to do. */
  checkAwake(): void {
    const { run: { world }, taskId, dataIn } = this.#options;
    if (!this.#isAsleep || this.thread.isDead) return;
    if (dataIn?.isEmpty === false) {
      world.break(`the executor of task ${taskId} sleeps and its ring has records`);
    } else if (this.core.canProceed()) {
      world.break(`the executor of task ${taskId} sleeps and could proceed`);
    } else if (this.core.emitter?.hasCredit() === false) {
      if (this.#options.run.routes.mayWait(taskId, this.#ways.headroom)) return;
      world.break(`task ${taskId} waits for credit that it does not need`);
    }
  }
}
