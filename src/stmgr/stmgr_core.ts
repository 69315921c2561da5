/**
 * A stream manager without sockets: forwards whole frames by the task they are
 * for, keeps the plan, tells its instances of it, and its topology master of
 * them. It never looks into a batch.
 */

import { create } from "@bufbuild/protobuf";
import {
  type PlanUpdate,
  type RegisterStmgr,
  RegisterStmgrSchema,
  type StmgrRegistered,
  type TaskEnded,
  TaskEndedSchema,
  type TaskStuck,
} from "../base/gen/heron_bin/packet_pb.ts";
import { encodeFrame, type HelloTableInit } from "../base/wire/mod.ts";
import { PhysicalPlan } from "../plan/mod.ts";
import { countTuples, PACKET_FIELD, readTask, type TaskLife } from "../tuples/mod.ts";
import { type Link, Outlet } from "./outlet.ts";

/** A task of this stream manager's container. */
export interface LocalTask {
  readonly taskId: number;
  readonly instanceId: string;
  readonly component: string;
  readonly componentIndex: number;
}

/** Where a peer listens. */
export interface PeerAddress {
  readonly stmgrId: string;
  readonly host: string;
  readonly port: number;
}

/** What the core asks of its shell. */
export interface StmgrPorts {
  /** Keep a link to this peer, at this address; replaces an older address. */
  dial(peer: PeerAddress): void;
  /** All instances are here: register with the topology master, now and at each new link to it. */
  registerNow(): void;
  /** Tells the topology master; the packet is lost when there is no link. */
  tellTm(ended: TaskEnded): void;
  /** Tells the topology master that a task waits for credit; lost when there is no link. */
  tellStuck(stuck: TaskStuck): void;
  /** Something for the log. */
  report(event: string, fields: Readonly<Record<string, unknown>>): void;
}

/** What a stream manager is. */
export interface StmgrOptions {
  readonly stmgrId: string;
  readonly life: TaskLife;
  readonly localTasks: readonly LocalTask[];
  readonly ports: StmgrPorts;
}

/** Why a frame was dropped. */
type DropReason = "no_route" | "not_local";

/** The core of one stream manager. */
export class StmgrCore {
  readonly #options: StmgrOptions;
  readonly #local = new Map<number, Outlet>();
  readonly #lives = new Map<number, TaskLife>();
  readonly #peers = new Map<string, Outlet>();
  readonly #outlets: (Outlet | undefined)[] = [];
  readonly #ended = new Map<number, TaskEnded>();
  readonly #dropped = new Map<DropReason, number>();
  #update: PlanUpdate | undefined;
  /** Under what the newest topology master acts that this stream manager has heard. */
  #master: MasterTerm | undefined;
  #plan: PhysicalPlan | undefined;
  #isDraining = false;

  /** A stream manager without links. */
  constructor(options: StmgrOptions) {
    this.#options = options;
    for (const task of options.localTasks) {
      const outlet = new Outlet();
      this.#local.set(task.taskId, outlet);
      this.#outlets[task.taskId] = outlet;
    }
  }

  /** The newest plan. */
  get plan(): PhysicalPlan | undefined {
    return this.#plan;
  }

  /** A topology master has answered. */
  get hasMaster(): boolean {
    return this.#master !== undefined;
  }

  /** The newest plan, as it came. */
  get update(): PlanUpdate | undefined {
    return this.#update;
  }

  /** All instances of the container have registered. */
  get isComplete(): boolean {
    return this.#lives.size === this.#local.size;
  }

  /** Bytes that wait for a link. */
  get heldBytes(): number {
    let sum = 0;
    for (const outlet of this.#local.values()) sum += outlet.heldBytes;
    for (const outlet of this.#peers.values()) sum += outlet.heldBytes;
    return sum;
  }

  /** Bytes that wait, held or in a link's queue. */
  get waitingBytes(): number {
    let sum = 0;
    for (const outlet of this.#local.values()) sum += outlet.waitingBytes;
    for (const outlet of this.#peers.values()) sum += outlet.waitingBytes;
    return sum;
  }

  /** What went to local instances, by instance id. */
  *toInstances(): Iterable<readonly [instanceId: string, outlet: Outlet]> {
    for (const { taskId, instanceId } of this.#options.localTasks) {
      const outlet = this.#local.get(taskId);
      if (outlet !== undefined) yield [instanceId, outlet];
    }
  }

  /** What went to peers, by stream manager id. */
  toPeers(): Iterable<readonly [stmgrId: string, outlet: Outlet]> {
    return this.#peers;
  }

  /** Tuples dropped, by reason. */
  get dropped(): ReadonlyMap<string, number> {
    return this.#dropped;
  }

  /** Why an instance may not connect; undefined: it may. */
  refuseInstance(instanceId: string): string | undefined {
    const isKnown = this.#options.localTasks.some((task) => task.instanceId === instanceId);
    return isKnown ? undefined : `Instance "${instanceId}" is not of ${this.#options.stmgrId}`;
  }

  /** An instance has registered on its link; returns the plan, if there is one. */
  registerInstance(link: Link, taskId: number, life: TaskLife): PlanUpdate | undefined {
    const outlet = this.#local.get(taskId);
    if (outlet === undefined) {
      link.close(`Task ${taskId} is not of ${this.#options.stmgrId}`);
      return undefined;
    }
    const wasComplete = this.isComplete;
    this.#lives.set(taskId, life);
    outlet.attach(link);
    if (this.#isDraining) outlet.send(...wholeFrame(encodeFrame(DRAIN_SPOUTS)));
    if (this.isComplete && !wasComplete) this.#options.ports.registerNow();
    return this.#update;
  }

  /** The link to a peer is open, dialled by either side. */
  peerOpened(link: Link, stmgrId: string): void {
    this.#peer(stmgrId).attach(link);
    const frame = encodeFrame({ body: { case: "peerUp", value: { stmgr: stmgrId } } });
    for (const outlet of this.#local.values()) outlet.link?.sendFrame(...wholeFrame(frame));
  }

  #peer(stmgrId: string): Outlet {
    let outlet = this.#peers.get(stmgrId);
    if (outlet === undefined) {
      outlet = new Outlet();
      this.#peers.set(stmgrId, outlet);
    }
    return outlet;
  }

  /** A link has ended; later frames for its other side are held. */
  linkClosed(link: Link): void {
    for (const outlet of this.#local.values()) outlet.detach(link);
    for (const outlet of this.#peers.values()) outlet.detach(link);
  }

  /** All current incarnations that this stream manager knows: for its hellos and welcomes. */
  table(): Required<HelloTableInit> {
    const { stmgrId, life } = this.#options;
    const tasks = new Map<number, TaskLife>();
    for (const { taskId, incarnation } of this.#plan?.tasks ?? []) tasks.set(taskId, incarnation);
    for (const [taskId, own] of this.#lives) tasks.set(taskId, own);
    const others = (this.#update?.stmgrs ?? []).filter((one) => one.stmgr !== stmgrId);
    return {
      tasks: Array.from(tasks, ([task, incarnation]) => ({ task, incarnation })),
      stmgrs: [...others, { stmgr: stmgrId, incarnation: life }],
    };
  }

  /** What to tell the topology master at each registration. */
  registration(address: Omit<RegisterStmgr["stmgr"] & object, "$typeName">): RegisterStmgr {
    const { stmgrId, life, localTasks } = this.#options;
    return create(RegisterStmgrSchema, {
      stmgr: address,
      incarnation: life,
      instances: localTasks.map((task) => ({
        instanceId: task.instanceId,
        stmgrId,
        info: {
          taskId: task.taskId,
          componentIndex: task.componentIndex,
          componentName: task.component,
        },
      })),
      tasks: [...this.#lives].map(([task, incarnation]) => ({ task, incarnation })),
      ended: [...this.#ended.values()],
    });
  }

  /** The topology master has answered a registration. */
  registered(answer: StmgrRegistered): void {
    if (this.#master === undefined || isOlderMaster(this.#master, answer)) this.#master = answer;
    if (answer.draining) this.drainSpouts();
    if (answer.plan !== undefined) this.takePlan(answer.plan);
  }

  /** A plan came. One with a lower (epoch, lease) or version than seen is refused: false. */
  takePlan(update: PlanUpdate): boolean {
    const current = this.#update;
    const isOlder = this.#master !== undefined && isOlderMaster(update, this.#master);
    if (isOlder || (current !== undefined && isStale(update, current))) {
      this.#options.ports.report("stale plan refused", {
        version: update.planVersion,
        addresses: update.addressVersion,
      });
      return false;
    }
    const plan = PhysicalPlan.from(update);
    this.#master = update;
    this.#update = update;
    this.#plan = plan;
    const { stmgrId, ports } = this.#options;
    for (const task of plan.tasks) {
      if (!this.#local.has(task.taskId)) this.#outlets[task.taskId] = this.#peer(task.stmgrId);
    }
    for (const peer of plan.stmgrs) {
      // One link a pair: the lower id dials.
      if (isBefore(stmgrId, peer.stmgrId)) ports.dial(peer);
    }
    const frame = encodeFrame({ body: { case: "planUpdate", value: update } });
    for (const outlet of this.#local.values()) outlet.link?.sendFrame(...wholeFrame(frame));
    return true;
  }

  /** Spouts are to end. */
  drainSpouts(): void {
    if (this.#isDraining) return;
    this.#isDraining = true;
    const frame = encodeFrame(DRAIN_SPOUTS);
    for (const outlet of this.#local.values()) outlet.link?.sendFrame(...wholeFrame(frame));
  }

  /** A task told its end; it is told on, now and at each registration. */
  taskEnded(ended: TaskEnded): void {
    const copy = create(TaskEndedSchema, ended);
    this.#ended.set(ended.task, copy);
    this.#options.ports.tellTm(copy);
  }

  /** A task waits for credit and does nothing: the topology master looks for cycles. */
  taskStuck(stuck: TaskStuck): void {
    this.#options.ports.tellStuck(stuck);
  }

  /** A frame of the tuple path from a local instance. */
  fromInstance(body: number, frame: FrameView): void {
    const outlet = this.#outlets[readTask(frame.bytes, frame.bodyStart, frame.end)];
    if (outlet === undefined) this.#drop("no_route", body, frame);
    else outlet.send(frame.bytes, frame.start, frame.end);
  }

  /** A frame of the tuple path from a peer. */
  fromPeer(body: number, frame: FrameView): void {
    const outlet = this.#local.get(readTask(frame.bytes, frame.bodyStart, frame.end));
    if (outlet === undefined) this.#drop("not_local", body, frame);
    else outlet.send(frame.bytes, frame.start, frame.end);
  }

  #drop(reason: DropReason, body: number, frame: FrameView): void {
    if (body !== PACKET_FIELD.batch) return;
    const tuples = countTuples(frame.bytes, frame.bodyStart, frame.end);
    this.#dropped.set(reason, (this.#dropped.get(reason) ?? 0) + tuples);
  }
}

/** A frame inside received bytes: `start` at its length, `bodyStart` at the body of its oneof. */
export interface FrameView {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly bodyStart: number;
  readonly end: number;
}

const DRAIN_SPOUTS = { body: { case: "drainSpouts" as const, value: {} } };

function wholeFrame(frame: Uint8Array): [Uint8Array, number, number] {
  return [frame, 0, frame.length];
}

/** Whether `a` is ordered before `b`: by container number. */
function isBefore(a: string, b: string): boolean {
  return numberOf(a) < numberOf(b);
}

function numberOf(stmgrId: string): number {
  return Number(stmgrId.slice(stmgrId.lastIndexOf("-") + 1));
}

/** Under what a topology master acts: the highest seen is obeyed. */
type MasterTerm = Pick<PlanUpdate, "schedulerEpoch" | "leaseNumber">;

/** Whether `one` is of an older master than `other`. */
function isOlderMaster(one: MasterTerm, other: MasterTerm): boolean {
  if (one.schedulerEpoch !== other.schedulerEpoch) return one.schedulerEpoch < other.schedulerEpoch;
  return one.leaseNumber < other.leaseNumber;
}

/** Whether `update` comes from an older master, or is older itself, than `current`. */
function isStale(update: PlanUpdate, current: PlanUpdate): boolean {
  if (isOlderMaster(update, current)) return true;
  if (isOlderMaster(current, update)) return false;
  if (update.planVersion !== current.planVersion) return update.planVersion < current.planVersion;
  return update.addressVersion < current.addressVersion;
}
