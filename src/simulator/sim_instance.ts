/**
 * One life of a simulated instance: the real gateway core, executor, slots, and
 * what lies between the two, be it rings and doorbells or, in one thread,
 * nothing; only threads and the socket are virtual.
 */

import { createPacket } from "../base/wire/mod.ts";
import { GatewayCore, type TaskCore, type TaskTotals } from "../instance/mod.ts";
import { componentSettings, instanceId } from "../plan/mod.ts";
import {
  allocateSlots,
  CreditTable,
  decodeGrant,
  Doorbell,
  PACKET_FIELD,
  type TaskLife,
} from "../tuples/mod.ts";
import { instanceBoundBytes } from "./bounds.ts";
import { batchOf, isTuplePath, lossOf, peekFrame, type SimFrame } from "./frames.ts";
import { KeptLink } from "./kept_link.ts";
import type { SimChild } from "./sim_container.ts";
import { SimExecutor } from "./sim_executor.ts";
import { SimOneThread, SimTwoThreads, type ThreadPipes } from "./sim_pipes.ts";
import type { Scenario } from "./scenario.ts";
import type { SimRun } from "./sim_run.ts";
import { send } from "./frames.ts";
import type { Hello } from "./sim_network.ts";
import type { LinkEnd } from "./virtual_link.ts";
import { VirtualProcess } from "./virtual_process.ts";

/** Looks for late tuples in a message time-out. */
const EXPIRY_LOOKS = 20;

/** A task as it is packed. */
export interface SimTask {
  readonly taskId: number;
  readonly componentName: string;
  readonly componentIndex: number;
}

/** What a simulated instance is made of. */
export interface SimInstanceOptions {
  readonly run: SimRun;
  readonly container: number;
  readonly task: SimTask;
  readonly life: TaskLife;
  /** The tasks that its tuples reach, when it is a spout. */
  readonly reached: ReadonlySet<number> | undefined;
  /** A grant for the channel to `destinationTask` was taken. */
  granted(destinationTask: number): void;
  /** A part of a tuple of `sourceTask` was taken, and not its last. */
  partCame(sourceTask: number, closeLink: () => void): void;
  /** The task has told its end for the first time in this life. */
  toldEnd(): void;
}

/** A life of an instance. */
export class SimInstance implements SimChild {
  readonly taskId: number;
  readonly life: TaskLife;
  /** The thread with the socket; the executor's too, where there is just one. */
  readonly process: VirtualProcess;
  readonly executor: SimExecutor;
  readonly credit: CreditTable;
  readonly #options: SimInstanceOptions;
  readonly #gateway: GatewayCore;
  readonly #pipes: ThreadPipes;
  #end: LinkEnd | undefined;
  #arrivedBytes = 0;
  #boundBytes = Infinity;
  #totals: TaskTotals | undefined;
  #endedMs: number | undefined;
  #hasEndedBefore = false;

  /** An instance that has started and is not connected. */
  constructor(options: SimInstanceOptions) {
    this.#options = options;
    const { run: { world, scenario, interposer, largestTaskId }, task, life } = options;
    const { taskId } = task;
    this.taskId = taskId;
    this.life = life;
    this.process = new VirtualProcess(`gateway-${taskId}`, world, 0.2);
    const isAlone = options.run.hosting.threadsOf(taskId) === 1;
    const executorBell = this.#createBell(() => this.executor.wake());
    this.#pipes = isAlone
      ? new SimOneThread({ bell: executorBell, gateway: () => this.#gateway })
      : new SimTwoThreads({
        run: options.run,
        process: this.process,
        executorBell,
        gateway: () => this.#gateway,
        createBell: (rung) => this.#createBell(rung),
      });
    this.credit = interposer.credit(new CreditTable(new Int32Array(largestTaskId + 1)));
    const isFollowed = options.reached !== undefined && scenario.isAcked;
    const slots = isFollowed
      ? allocateSlots(spoutPending(scenario, task) + options.run.hosting.slotsExtra)
      : undefined;
    const closer = slots === undefined ? undefined : interposer.closer(slots, this.#timeoutMs);
    this.#gateway = new GatewayCore({
      life,
      dataIn: this.#pipes.dataIn,
      dataOut: this.#pipes.dataOut,
      credit: this.credit,
      executorBell,
      spout: closer === undefined
        ? undefined
        : { slots: closer, reaches: (other) => options.reached?.has(other) === true },
      pauseSpout: (isPaused) => this.executor.post((core) => core.pause(isPaused)),
      nowMs: () => this.process.clock.nowMs(),
    });
    this.executor = new SimExecutor({
      run: options.run,
      taskId,
      life,
      thread: isAlone ? this.process : new VirtualProcess(`executor-${taskId}`, world, 0.2),
      isAlone,
      sink: this.#pipes.sink,
      credit: this.credit,
      slots: slots === undefined ? undefined : interposer.opener(slots),
      dataIn: this.#pipes.forExecutor,
      bell: executorBell,
      ended: (totals) => this.process.post(() => this.#ended(totals)),
    });
    const timeoutMs = this.#timeoutMs;
    if (isFollowed && timeoutMs !== undefined) {
      this.process.clock.every(timeoutMs / EXPIRY_LOOKS, () => this.#gateway.expire());
    }
    this.#pipes.start(this.executor.executor);
    this.#connect();
  }

  get #timeoutMs(): number | undefined {
    const { config } = this.#options.run.scenario;
    return config.topologyEnableMessageTimeouts
      ? config.topologyMessageTimeoutSecs * 1000
      : undefined;
  }

  /** The core of its task. */
  get core(): TaskCore {
    return this.executor.core;
  }

  /** What it counted, once it has told its end. */
  get totals(): TaskTotals | undefined {
    return this.#totals;
  }

  /** When that was. */
  get endedMs(): number | undefined {
    return this.#endedMs;
  }

  /** The task ended in an earlier life. */
  get hasEndedBefore(): boolean {
    return this.#hasEndedBefore;
  }

  /** Bytes of batches that came to this life. */
  get arrivedBytes(): number {
    return this.#arrivedBytes;
  }

  kill(): void {
    this.executor.thread.kill();
    this.process.kill();
  }

  stopUntil(timeMs: number): void {
    this.process.holdUntil(timeMs);
    this.executor.thread.holdUntil(timeMs);
  }

  #createBell(rung: () => void): Doorbell {
    const { interposer } = this.#options.run;
    const words = new Int32Array(Doorbell.bytes / Int32Array.BYTES_PER_ELEMENT);
    return new Doorbell(words, {
      onRung: () => {
        if (interposer.bell()) rung();
      },
    });
  }

  #connect(): void {
    const { run: { network, registry, world, interposer }, container, task, life } = this.#options;
    const id = instanceId(container, task.componentName, task.taskId);
    new KeptLink({
      network,
      process: this.process,
      site: container,
      kinds: ["instance_to_stmgr", "stmgr_to_instance"],
      address: () => registry.atPath(`stmgr-${container}.sock`),
      hello: (): Hello => ({
        role: "instance",
        id,
        life: interposer.helloLife(id, life),
        table: { tasks: [], stmgrs: [] },
      }),
      refused: (reason) => {
        world.note(() => `task ${task.taskId} leaves: ${reason}`);
        this.kill();
      },
      handlers: {
        opened: (end) => this.#register(end),
        frame: (end, bytes) => {
          for (const one of this.#options.run.interposer.taken(bytes, task.taskId)) {
            this.#take(end, peekFrame(one));
          }
        },
        drained: () => this.#gateway.pump(),
        closed: () => {
          this.#end = undefined;
          this.#gateway.detach();
        },
      },
    });
  }

  #register(end: LinkEnd): void {
    const { container, task } = this.#options;
    const id = instanceId(container, task.componentName, task.taskId);
    const value = {
      instance: {
        instanceId: id,
        stmgrId: `stmgr-${container}`,
        info: {
          taskId: task.taskId,
          componentIndex: task.componentIndex,
          componentName: task.componentName,
        },
      },
      incarnation: this.#options.run.interposer.helloLife(id, this.life),
    };
    send(end, createPacket({ requestId: 1, body: { case: "registerInstance", value } }));
  }

  #take(end: LinkEnd, frame: SimFrame): void {
    if (isTuplePath(frame)) {
      this.#takeTuples(frame);
      return;
    }
    const { run } = this.#options;
    const { packet: { body }, plan } = run.plans.read(frame);
    if (body.case === "instanceRegistered" && body.value.ended && this.#totals === undefined) {
      this.#hasEndedBefore = true;
      this.executor.post((core) => core.endBefore());
    }
    if (plan !== undefined) {
      this.#boundBytes = instanceBoundBytes(run.scenario, plan, this.taskId);
      const sources = plan.sourcesOf(this.taskId);
      this.executor.post((core) => {
        const isFirst = core.intake === undefined;
        core.takePlan(plan);
        const channels = sources.map((source) => core.intake?.channel(source));
        if (isFirst) run.interposer.channels(channels.filter((one) => one !== undefined));
      });
    }
    if (body.case === "peerUp") {
      const { stmgr } = body.value;
      this.executor.post((core) => core.peerUp(stmgr));
    } else if (body.case === "backPressure") this.#gateway.takePressure(body.value.culprits);
    else if (body.case === "endsStored") this.#endStored();
    else if (body.case === "drainSpouts") this.executor.post((core) => core.drain());
    else if (body.case === "instanceRegistered") this.#registered(end);
  }

  #registered(end: LinkEnd): void {
    this.#end = end;
    const { roots } = this.#options.run;
    roots.settled(this.taskId, this.life);
    if (this.#gateway.attach(end)) this.executor.post((core) => core.linkUp());
    if (this.#totals !== undefined) this.#tellEnd(this.#totals);
  }

  #takeTuples(frame: SimFrame): void {
    const batch = batchOf(frame);
    this.#arrivedBytes += batch?.creditBytes ?? 0;
    const loss = lossOf(frame);
    if (loss?.settled === true) this.#options.run.roots.settled(this.taskId, this.life);
    this.takeFrame(frame);
    if (batch?.isMiddlePart === true) {
      this.#options.partCame(batch.source, () => this.#end?.close());
    }
    if (frame.body === PACKET_FIELD.grant) {
      const grant = decodeGrant(frame.bytes, frame.bodyStart, frame.end);
      this.#options.granted(grant.destinationTask);
    }
    this.#checkInside();
    this.checkAwake();
  }

  /** Takes a frame of the tuple path. */
  takeFrame(frame: SimFrame): void {
    this.#gateway.takeFrame(frame.body, frame);
  }

  /** What gateway, ring and intake hold together. */
  #checkInside(): void {
    const inside = this.#arrivedBytes - (this.core.intake?.doneBytes ?? 0);
    if (inside <= this.#boundBytes) return;
    this.#options.run.world.break(
      `task ${this.taskId} holds ${inside} B, its bound is ${this.#boundBytes} B`,
    );
  }

  #ended(totals: TaskTotals): void {
    this.#totals = totals;
    this.#endedMs = this.#options.run.world.nowMs();
    this.#tellEnd(totals);
    if (!this.#options.run.interposer.endWaits()) this.#endStored();
    this.#options.toldEnd();
  }

  #endStored(): void {
    this.#hasEndedBefore ||= this.#totals === undefined;
    this.executor.post((core) => core.endStored());
  }

  #tellEnd(totals: TaskTotals): void {
    this.#gateway.pump();
    this.#options.run.world.note(() => `task ${this.taskId} tells its end`);
    if (this.#end === undefined) return;
    const value = { task: this.taskId, incarnation: this.life };
    send(this.#end, {
      body: { case: "taskEnded", value: { ...value, totals: { component: totals.component } } },
    });
  }

  /** Nobody sleeps while there is something for it to do. */
  checkAwake(): void {
    const { world } = this.#options.run;
    this.executor.checkAwake();
    if (this.process.isDead) return;
    const fault = this.#pipes.sleepsOver(this.#end);
    if (fault !== undefined) world.break(`the gateway of task ${this.taskId} sleeps ${fault}`);
  }
}

/** Most open tuples of a task: its component's own setting, or the topology's. */
function spoutPending({ config, definition }: Scenario, { componentName }: SimTask): number {
  const component = definition.components.find(({ name }) => name === componentName);
  const { topologyMaxSpoutPending } = component === undefined
    ? config
    : componentSettings(config, component);
  return topologyMaxSpoutPending;
}
