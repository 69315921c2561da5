/**
 * An executor in the thread of its gateway: no Worker, no rings. Frames go from
 * the link to the task and back at once, between calls of user code. User code
 * that blocks stops sockets and heartbeats too.
 */

import type { Clock, Random } from "../base/mod.ts";
import type { Doorbell, TaskLife } from "../tuples/mod.ts";
import type {
  ExecutorSide,
  GatewaySide,
  TaskJob,
  TaskMemory,
  ToExecutor,
  ToGateway,
} from "./bridge.ts";
import { DirectIntake } from "./executor/direct_intake.ts";
import { failureOf } from "./executor/failure.ts";
import { guardUserCode } from "./executor/guard_user_code.ts";
import { LinkSink } from "./executor/link_sink.ts";
import { loadTopology } from "./executor/load_topology.ts";
import { TaskRun } from "./executor/task_run.ts";
import { TurnLoop } from "./executor/turn_loop.ts";

/** What an executor in the gateway's thread is made of. */
export interface OneThreadOptions {
  readonly memory: TaskMemory;
  readonly job: TaskJob;
  readonly taskId: number;
  readonly life: TaskLife;
  readonly clock: Clock;
  readonly random: Random;
}

/** The executor of an instance with one thread, as its gateway sees it. */
export class OneThread implements ExecutorSide {
  readonly dataIn = new DirectIntake();
  readonly dataOut: LinkSink;
  readonly #options: OneThreadOptions;
  readonly #loop: TurnLoop;
  #gateway: GatewaySide | undefined;
  #task: TaskRun | undefined;
  /** Messages until the task is there. */
  readonly #early: ToExecutor[] = [];

  /** An executor that is not started. */
  constructor(options: OneThreadOptions) {
    this.#options = options;
    this.#loop = new TurnLoop({
      clock: options.clock,
      closed: () => this.#run(() => this.#close()),
      failed: (thrown) => this.#fail(thrown),
    });
    this.dataOut = new LinkSink({
      bell: this.#loop.bell,
      send: (bytes, start, end) => this.#gateway?.send(bytes, start, end) === true,
    });
  }

  get bell(): Doorbell {
    return this.#loop.bell;
  }

  get workDone(): number {
    return this.#task?.workDone ?? 0;
  }

  start(gateway: GatewaySide): void {
    this.#gateway = gateway;
    guardUserCode((failure) => this.#tell({ kind: "strayed", failure }));
    this.#run(() => this.#load(gateway));
  }

  post(message: ToExecutor): void {
    if (this.#task === undefined) {
      this.#early.push(message);
      return;
    }
    // What it breaks is no fault of the link that brought it.
    try {
      this.#task.take(message);
    } catch (thrown) {
      this.#fail(thrown);
    }
  }

  #run(work: () => Promise<void>): void {
    work().catch((thrown: unknown) => this.#fail(thrown));
  }

  #fail(thrown: unknown): void {
    this.#tell({ kind: "failed", failure: failureOf(thrown) });
  }

  /** As if it was posted: not in the midst of a turn, whose last frames leave before. */
  #tell(message: ToGateway): void {
    queueMicrotask(() => this.#gateway?.take(message));
  }

  async #load(gateway: GatewaySide): Promise<void> {
    const { memory, job, taskId, life, clock, random } = this.#options;
    const task = new TaskRun({
      taskId,
      life,
      job,
      topology: await loadTopology(job),
      memory,
      sink: this.dataOut,
      bell: this.#loop.bell,
      mayBlock: false,
      clock,
      random,
      tell: (message) => this.#tell(message),
    });
    this.#task = task;
    for (const message of this.#early) task.take(message);
    this.dataIn.open(task.executor);
    gateway.pump();
    this.#tell({ kind: "loaded" });
    this.#loop.start(task.executor);
  }

  async #close(): Promise<void> {
    await this.#task?.close();
    this.#tell({ kind: "closed" });
  }
}
