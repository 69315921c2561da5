/**
 * A task as it runs in an instance, with one thread or two: its core, its
 * executor and its counters over the memory it shares with the gateway, and
 * what the gateway's messages do to them.
 */

import { fromBinary } from "@bufbuild/protobuf";
import type { Topology } from "../../api/mod.ts";
import { type Clock, HeronError, type Random } from "../../base/mod.ts";
import { type SystemConfig, systemConfigFrom } from "../../base/config/mod.ts";
import { PlanUpdateSchema } from "../../base/gen/heron_bin/packet_pb.ts";
import { PhysicalPlan } from "../../plan/mod.ts";
import { CreditTable, type Doorbell, SlotOpener, type TaskLife } from "../../tuples/mod.ts";
import type { RecordReader, TaskJob, TaskMemory, ToExecutor, ToGateway } from "../bridge.ts";
import { CallMark } from "./call_mark.ts";
import { Counters } from "./counters.ts";
import { EngineFigures } from "./engine_figures.ts";
import { type DrainedSink, Executor } from "./executor.ts";
import { TaskCore } from "./task_core.ts";
import type { TaskPorts } from "./task_ports.ts";
import { FatalUserError, type TaskTotals } from "./work.ts";

/** What a task runs in. */
export interface TaskPlace {
  readonly taskId: number;
  readonly life: TaskLife;
  readonly job: TaskJob;
  readonly topology: Topology;
  readonly memory: TaskMemory;
  /** Absent in one thread: frames are handed to the executor. */
  readonly dataIn?: RecordReader | undefined;
  readonly sink: DrainedSink;
  readonly bell: Doorbell;
  /** Whether a call of user code may block until others have done something. */
  readonly mayBlock: boolean;
  readonly clock: Clock;
  readonly random: Random;
  tell(message: ToGateway): void;
}

/** A running task. */
export class TaskRun {
  readonly executor: Executor;
  readonly #core: TaskCore;
  readonly #counters: Counters;
  readonly #mark: CallMark;
  /** Absent: the thread is the gateway's. */
  readonly #engine: EngineFigures | undefined;

  /** A task that waits for its plan. */
  constructor(place: TaskPlace) {
    const { taskId, life, topology, job, memory, dataIn, sink, bell, clock } = place;
    const config: SystemConfig = systemConfigFrom(job.definition.config);
    this.#core = new TaskCore({ taskId, life, topology, config, ports: this.#portsOf(place) });
    const words = new Float64Array(memory.counters);
    this.#counters = new Counters(words, this.#core);
    this.#engine = dataIn === undefined ? undefined : new EngineFigures(words);
    this.#mark = new CallMark(new Int32Array(memory.calls), this.#core);
    this.executor = new Executor({
      core: this.#core,
      mark: this.#mark,
      dataIn,
      sink,
      bell,
      clock,
      afterTurn: (result, nowMs) => {
        this.#counters.show(result, nowMs);
        this.#engine?.turn(nowMs);
      },
    });
  }

  #portsOf({ memory, sink, clock, random, mayBlock, tell }: TaskPlace): TaskPorts {
    return {
      sink,
      credit: new CreditTable(new Int32Array(memory.credit)),
      random,
      slots: memory.slots === undefined ? undefined : new SlotOpener(memory.slots),
      nowMs: () => clock.nowMs(),
      waitFor: (isReady) => mayBlock && this.#mark.excuse(() => this.executor.waitFor(isReady)),
      requestTurn: () => this.executor.requestTurn(),
      calling: (method) => this.#mark.calling(method),
      ended: (totals) => tell({ kind: "ended", totals: postedTotals(totals) }),
      progressed: () => tell({ kind: "progressed" }),
      reported: (failure, count) => tell({ kind: "reported", failure, count }),
      published: (metrics) => tell({ kind: "published", metrics }),
      emitted: (emits, leftOut) => tell({ kind: "emitted", emits, leftOut }),
    };
  }

  /** Grows with each tuple. */
  get workDone(): number {
    const { emitter, work } = this.#core;
    return (emitter?.emitted ?? 0) + (work?.executed ?? 0);
  }

  /** The engine has collected its garbage while nothing was to do. */
  collected(): void {
    this.#engine?.show();
  }

  /** Does what the gateway asks. */
  take(message: ToExecutor): void {
    const core = this.#core;
    switch (message.kind) {
      case "plan": {
        const plan = PhysicalPlan.from(fromBinary(PlanUpdateSchema, message.update));
        core.takePlan(plan);
        this.#counters.takePlan(plan);
        break;
      }
      case "peerUp":
        core.peerUp(message.stmgr);
        break;
      case "linkUp":
        core.linkUp();
        break;
      case "endedBefore":
        core.endBefore();
        break;
      case "endStored":
        core.endStored();
        break;
      case "drain":
        core.drain();
        break;
      case "pause":
        core.pause(message.isPaused);
        break;
      case "close":
        this.executor.close();
        return;
      case "start":
        throw new HeronError("protocol", "Start the executor: it runs already");
    }
    this.executor.requestTurn();
  }

  /** The orderly end: user code's `close` or `cleanup` runs. */
  async close(): Promise<void> {
    try {
      await this.#core.close();
    } catch (thrown) {
      throw FatalUserError.of(thrown, "cleanup_failed");
    }
  }
}

function postedTotals(totals: TaskTotals) {
  const { component, emitted, executed, acked, failed, dropped } = totals;
  return { component, emitted, executed, acked, failed, dropped: [...dropped] };
}
