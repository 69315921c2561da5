/**
 * A simulated instance: the real gateway core, rings, doorbells, executor and
 * task core; only threads and the socket are virtual. A sleeping executor takes
 * a turn when its doorbell rings or its time is over and at no other time, so a
 * lost wake-up shows.
 */

import { createPacket } from "../base/wire/mod.ts";
import { seededRandom } from "../base/mod.ts";
import { Executor, GatewayCore, RingSink, TaskCore, type TaskTotals } from "../instance/mod.ts";
import { instanceId } from "../plan/mod.ts";
import {
  allocateRing,
  CreditTable,
  decodeGrant,
  Doorbell,
  type FrameSink,
  PACKET_FIELD,
  RingReader,
  RingWriter,
} from "../tuples/mod.ts";
import { batchOf, isTuplePath, packetOf, peekFrame, type SimFrame } from "./frames.ts";
import type { Interposer } from "./interposer.ts";
import type { PlanCache } from "./plan_cache.ts";
import { instanceBoundBytes } from "./bounds.ts";
import type { Scenario } from "./scenario.ts";
import { SimBolt, SimSpout } from "./sim_user_code.ts";
import { send } from "./sim_stmgr.ts";
import { EPOCH } from "./sim_tm.ts";
import type { TupleLedger } from "./tuple_ledger.ts";
import type { LinkEnd, LinkHandlers } from "./virtual_link.ts";
import { VirtualProcess } from "./virtual_process.ts";
import type { VirtualWorld } from "./virtual_world.ts";

/** Bytes in the link's queue past which a gateway may sleep with records in its ring. */
const LINK_QUEUE_BYTES_MAX = 1024 * 1024;

/** What a simulated instance is made of. */
export interface SimInstanceOptions {
  readonly world: VirtualWorld;
  readonly scenario: Scenario;
  readonly ledger: TupleLedger;
  readonly plans: PlanCache;
  readonly interposer: Interposer;
  readonly container: number;
  readonly task: {
    readonly taskId: number;
    readonly componentName: string;
    readonly componentIndex: number;
  };
  readonly largestTaskId: number;
  /** A grant for the channel to `destinationTask` was taken. */
  granted(destinationTask: number): void;
}

/** An instance of a run. */
export class SimInstance {
  readonly taskId: number;
  readonly gateway: VirtualProcess;
  readonly executorThread: VirtualProcess;
  readonly core: TaskCore;
  readonly credit: CreditTable;
  readonly #options: SimInstanceOptions;
  readonly #gatewayCore: GatewayCore;
  readonly #executor: Executor;
  readonly #gatewayBell: Doorbell;
  readonly #executorBell: Doorbell;
  readonly #dataIn: RingReader;
  readonly #dataOut: RingReader;
  #end: LinkEnd | undefined;
  #isExecutorAsleep = false;
  #isGatewayAsleep = false;
  #sleeps = 0;
  #busyMs = 0;
  #arrivedBytes = 0;
  #boundBytes = Infinity;
  #totals: TaskTotals | undefined;

  /** An instance that has started and is not connected. */
  constructor(options: SimInstanceOptions) {
    this.#options = options;
    const { world, scenario, task, interposer } = options;
    const { taskId } = task;
    this.taskId = taskId;
    this.gateway = new VirtualProcess(`gateway-${taskId}`, world, 0.2);
    this.executorThread = new VirtualProcess(`executor-${taskId}`, world, 0.2);
    // Somewhere before the positions wrap, or at the start.
    const start = world.chance(0.5) ? 0 : -scenario.ringBytes;
    const dataIn = allocateRing(scenario.ringBytes, start);
    const dataOut = allocateRing(scenario.ringBytes, start);
    this.#gatewayBell = this.#createBell(() => this.#wakeGateway());
    this.#executorBell = this.#createBell(() => this.#wakeExecutor());
    this.credit = interposer.credit(new CreditTable(new Int32Array(options.largestTaskId + 1)));
    const life = { epoch: EPOCH, counter: taskId };
    this.#dataOut = new RingReader(dataOut, this.#executorBell);
    this.#dataIn = new RingReader(dataIn, this.#gatewayBell);
    this.#gatewayCore = new GatewayCore({
      life,
      dataIn: new RingWriter(dataIn, this.#executorBell),
      dataOut: this.#dataOut,
      credit: this.credit,
      executorBell: this.#executorBell,
    });
    const sink = new RingSink(new RingWriter(dataOut, this.#gatewayBell));
    this.core = this.#createTask(sink, life);
    this.#executor = new Executor({
      core: this.core,
      dataIn: this.#dataIn,
      sink,
      bell: this.#executorBell,
      clock: world,
      afterTurn: () => {},
    });
    this.#postTurn();
    this.gateway.post(() => this.#pump());
  }

  #createBell(rung: () => void): Doorbell {
    const { interposer } = this.#options;
    const words = new Int32Array(Doorbell.bytes / Int32Array.BYTES_PER_ELEMENT);
    return new Doorbell(words, {
      onRung: () => {
        if (interposer.bell()) rung();
      },
    });
  }

  #createTask(sink: RingSink & FrameSink, life: { epoch: number; counter: number }): TaskCore {
    const { scenario, world, task } = this.#options;
    return new TaskCore({
      taskId: task.taskId,
      life,
      topology: {
        definition: scenario.definition,
        component: (name) => this.#createUserCode(name),
      },
      config: scenario.config,
      ports: {
        sink,
        credit: this.credit,
        random: seededRandom(scenario.seed * 31 + task.taskId),
        waitForCredit: () => false,
        requestTurn: () => this.#executor.requestTurn(),
        ended: (totals) => this.gateway.post(() => this.#tellEnd(totals)),
        reported: (error) => world.break(`task ${task.taskId} reports ${String(error)}`),
      },
    });
  }

  #createUserCode(name: string): SimSpout | SimBolt {
    const { scenario, world, ledger, interposer } = this.#options;
    const behaviour = scenario.behaviours.get(name);
    const component = scenario.definition.components.find((one) => one.name === name);
    if (behaviour === undefined || component === undefined) throw new RangeError(`No "${name}"`);
    const options = {
      taskId: this.taskId,
      seed: scenario.seed,
      behaviour,
      isCyclic: scenario.isCyclic,
      world,
      ledger,
      busy: (ms: number) => {
        this.#busyMs += ms;
      },
    };
    return interposer.userCode(
      component.kind === "spout" ? new SimSpout(options) : new SimBolt(options),
    );
  }

  /** Nothing runs of it before `timeMs`. */
  stopUntil(timeMs: number): void {
    this.gateway.holdUntil(timeMs);
    this.executorThread.holdUntil(timeMs);
  }

  /** What it counted, once it has told its end. */
  get totals(): TaskTotals | undefined {
    return this.#totals;
  }

  /** The link to its stream manager. */
  readonly handlers: LinkHandlers = {
    opened: (end) => this.#register(end),
    frame: (end, bytes) => this.#take(end, peekFrame(bytes)),
    drained: () => this.#gatewayCore.pump(),
    closed: () => this.#gatewayCore.detach(),
  };

  #register(end: LinkEnd): void {
    const { container, task } = this.#options;
    const value = {
      instance: {
        instanceId: instanceId(container, task.componentName, task.taskId),
        stmgrId: `stmgr-${container}`,
        info: {
          taskId: task.taskId,
          componentIndex: task.componentIndex,
          componentName: task.componentName,
        },
      },
      incarnation: { epoch: EPOCH, counter: task.taskId },
    };
    send(end, createPacket({ requestId: 1, body: { case: "registerInstance", value } }));
  }

  #take(end: LinkEnd, frame: SimFrame): void {
    if (isTuplePath(frame)) {
      this.#arrivedBytes += batchOf(frame)?.creditBytes ?? 0;
      this.#gatewayCore.takeFrame(frame.body, frame);
      if (frame.body === PACKET_FIELD.grant) {
        const grant = decodeGrant(frame.bytes, frame.bodyStart, frame.end);
        this.#options.granted(grant.destinationTask);
      }
      this.#checkInside();
      this.checkAwake();
      return;
    }
    const plan = this.#options.plans.planOf(frame);
    if (plan !== undefined) {
      this.#boundBytes = instanceBoundBytes(this.#options.scenario, plan, this.taskId);
      this.executorThread.post(() => {
        this.core.takePlan(plan);
        this.#executor.requestTurn();
      });
    }
    const { body } = plan === undefined
      ? packetOf(frame)
      : { body: { case: "planUpdate" as const } };
    if (body.case === "peerUp") {
      const { stmgr } = body.value;
      this.executorThread.post(() => {
        this.core.peerUp(stmgr);
        this.#executor.requestTurn();
      });
    } else if (body.case === "drainSpouts") {
      this.executorThread.post(() => {
        this.core.drain();
        this.#executor.requestTurn();
      });
    }
    if (this.#end === undefined && (plan !== undefined || body.case === "instanceRegistered")) {
      this.#end = end;
      this.#gatewayCore.attach(end);
    }
  }

  /** Takes a frame that no link brought. */
  takeFrame(bytes: Uint8Array): void {
    const frame = peekFrame(bytes);
    this.#gatewayCore.takeFrame(frame.body, frame);
  }

  /** What gateway, ring and intake hold together. */
  #checkInside(): void {
    const inside = this.#arrivedBytes - (this.core.intake?.doneBytes ?? 0);
    if (inside <= this.#boundBytes) return;
    this.#options.world.break(
      `task ${this.taskId} holds ${inside} B, its bound is ${this.#boundBytes} B`,
    );
  }

  #tellEnd(totals: TaskTotals): void {
    this.#gatewayCore.pump();
    this.#totals = totals;
    this.#options.world.note(() => `task ${this.taskId} tells its end`);
    if (this.#end === undefined) return;
    const value = { task: this.taskId, incarnation: { epoch: EPOCH, counter: this.taskId } };
    send(this.#end, {
      body: { case: "taskEnded", value: { ...value, totals: { component: totals.component } } },
    });
  }

  // The executor thread.

  #wakeExecutor(): void {
    if (!this.#isExecutorAsleep) return;
    this.#isExecutorAsleep = false;
    this.#sleeps++;
    this.#postTurn();
  }

  #postTurn(): void {
    this.executorThread.post(() => this.#turn());
  }

  #turn(): void {
    const { world } = this.#options;
    try {
      const result = this.#executor.turn();
      this.#afterCall();
      if (result.kind === "again") this.#postTurn();
      // Others may do something between the turn and the sleep.
      else if (world.chance(0.3)) this.executorThread.post(() => this.#sleep(result.untilMs));
      else this.#sleep(result.untilMs);
    } catch (thrown) {
      const error = thrown instanceof Error && thrown.cause instanceof Error
        ? thrown.cause
        : thrown;
      world.break(
        `task ${this.taskId} throws ${error instanceof Error ? error.stack : String(error)}`,
      );
    }
  }

  #afterCall(): void {
    const { world } = this.#options;
    if (this.core.isPending || this.core.state === "ending") world.settle();
    if (this.#busyMs === 0) return;
    this.executorThread.holdUntil(world.nowMs() + this.#busyMs);
    this.#busyMs = 0;
  }

  #sleep(untilMs: number | undefined): void {
    const ticket = this.#executor.prepareSleep();
    if (ticket === undefined) {
      this.#postTurn();
      return;
    }
    this.#isExecutorAsleep = true;
    this.checkAwake();
    if (untilMs === undefined) return;
    const sleep = this.#sleeps;
    this.#options.world.at(untilMs, () => {
      if (!this.#isExecutorAsleep || this.#sleeps !== sleep) return;
      this.#executorBell.cancelSleep();
      this.#wakeExecutor();
    });
  }

  /** Nobody sleeps while there is something for it to do. */
  checkAwake(): void {
    const { world } = this.#options;
    if (this.#isExecutorAsleep) {
      if (!this.#dataIn.isEmpty) {
        world.break(`the executor of task ${this.taskId} sleeps and its ring has records`);
      } else if (this.core.canProceed()) {
        world.break(`the executor of task ${this.taskId} sleeps and could proceed`);
      }
    }
    if (!this.#isGatewayAsleep) return;
    // A link whose queue was full tells when it has drained, which may be under way.
    const canSend = this.#end !== undefined && this.#end.queuedBytesMax < LINK_QUEUE_BYTES_MAX;
    if (canSend && !this.#dataOut.isEmpty) {
      world.break(`the gateway of task ${this.taskId} sleeps and its ring has records`);
    }
    if (this.#gatewayCore.waitingBytes > 0 && this.#dataIn.isEmpty) {
      world.break(`the gateway of task ${this.taskId} sleeps with records for an empty ring`);
    }
  }

  // The gateway thread.

  #wakeGateway(): void {
    if (!this.#isGatewayAsleep) return;
    this.#isGatewayAsleep = false;
    this.gateway.post(() => this.#pump());
  }

  #pump(): void {
    this.#gatewayCore.pump();
    this.#gatewayBell.prepareSleep();
    if (this.#gatewayCore.hasWork()) {
      this.#gatewayBell.cancelSleep();
      this.gateway.post(() => this.#pump());
      return;
    }
    this.#isGatewayAsleep = true;
  }
}
