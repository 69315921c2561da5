/**
 * A stream manager without sockets: forwards whole frames by the task they are
 * for, holds those for whom is not there, tells of losses, keeps the plan, tells
 * its instances of it, and its topology master of them. It never looks into a
 * batch.
 */

import { create } from "@bufbuild/protobuf";
import {
  type LossNotice,
  type PlanUpdate,
  type RegisterStmgr,
  RegisterStmgrSchema,
  type StmgrRegistered,
  type TaskEnded,
  type TaskStuck,
} from "../base/gen/heron_bin/packet_pb.ts";
import { encodeFrame, type HelloTable } from "../base/wire/mod.ts";
import { containerOfStmgr, isOlderTerm, type MasterTerm, PhysicalPlan } from "../plan/mod.ts";
import { countTuples, PACKET_FIELD, readTask, type TaskLife } from "../tuples/mod.ts";
import { type KnownLives, Losses } from "./losses.ts";
import { KeptFrames } from "./kept_frames.ts";
import { comparePlans } from "./plan_order.ts";
import { type FrameView, type Link, Outlet } from "./outlet.ts";
import { ownInstances } from "./own_instances.ts";
import type { PeerHello, Registration, StmgrOptions } from "./stmgr_ports.ts";
import { StmgrPressure } from "./stmgr_pressure.ts";
import { TaskEnds } from "./task_ends.ts";

/** Why a frame was dropped. */
type DropReason = "no_route" | "not_local";

/** The core of one stream manager. */
export class StmgrCore {
  readonly #options: StmgrOptions;
  readonly #local = new Map<number, Outlet>();
  /** The lives that registered here, each the newest of its task. */
  readonly #lives = new Map<number, TaskLife>();
  readonly #peers = new Map<string, Outlet>();
  readonly #outlets: (Outlet | undefined)[] = [];
  readonly #ends = new TaskEnds();
  readonly #losses: Losses;
  /** Who of its tasks is too slow, and which of its spouts pause. */
  readonly pressure: StmgrPressure;
  readonly #dropped = new Map<DropReason, number>();
  #update: PlanUpdate | undefined;
  /** Under what the newest topology master acts that this stream manager has heard. */
  #master: MasterTerm | undefined;
  #plan: PhysicalPlan | undefined;
  /** Frames for others that came before the first plan: it says where they go. */
  readonly #unrouted = new KeptFrames();
  #isDraining = false;

  /** A stream manager without links. */
  constructor(options: StmgrOptions) {
    const { stmgrId, life, localTasks, lossSettleMs: settleMs, acksMergeBytes, ports } = options;
    this.#options = options;
    for (const task of localTasks) {
      const outlet = new Outlet(acksMergeBytes);
      this.#local.set(task.taskId, outlet);
      this.#outlets[task.taskId] = outlet;
    }
    this.#losses = new Losses({
      stmgrId,
      life,
      settleMs,
      ports: {
        tellInstances: (frame) => this.#tellInstances(frame),
        tellPeers: (frame, except) => this.#tellPeers(frame, except),
        endLink: (peer, nowMs) => this.#endPeerLink(peer, nowMs),
        replaced: ({ epoch, counter }) =>
          ports.replaced(`incarnation ${epoch}.${counter} of ${stmgrId} is known`),
        report: ports.report,
      },
    });
    this.pressure = new StmgrPressure(options, {
      local: this.#local,
      peers: this.#peers,
      wayTo: (task) => this.#outlets[task],
    });
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
    return this.#sumOf((outlet) => outlet.heldBytes);
  }

  /** Bytes that wait, held or in a link's queue. */
  get waitingBytes(): number {
    return this.#sumOf((outlet) => outlet.waitingBytes);
  }

  #sumOf(bytesOf: (outlet: Outlet) => number): number {
    let sum = this.#unrouted.bytes;
    for (const outlet of this.#local.values()) sum += bytesOf(outlet);
    for (const outlet of this.#peers.values()) sum += bytesOf(outlet);
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

  /** When `timer` is due; undefined: never, as far as is known. */
  get dueMs(): number | undefined {
    const dueMs = Math.min(this.#losses.dueMs ?? Infinity, this.pressure.dueMs ?? Infinity);
    return dueMs === Infinity ? undefined : dueMs;
  }

  /** Does what is due. */
  timer(nowMs: number): void {
    this.#losses.timer(nowMs);
    this.pressure.timer(nowMs);
  }

  /** Why an instance in this life may not connect; undefined: it may. */
  refuseInstance(instanceId: string, life: TaskLife | undefined): string | undefined {
    const task = this.#options.localTasks.find((one) => one.instanceId === instanceId);
    return task === undefined
      ? `Instance "${instanceId}" is not of ${this.#options.stmgrId}`
      : this.#losses.refuseTask(task.taskId, life);
  }

  /** Why a stream manager in this life may not connect; undefined: it may. */
  refusePeer(stmgrId: string, life: TaskLife | undefined): string | undefined {
    return this.#losses.refusePeer(stmgrId, life);
  }

  /** Takes what the state store has kept for a stream manager that starts again, before any link. */
  load(update: PlanUpdate | undefined, ends: readonly TaskEnded[]): void {
    for (const ended of ends) if (this.#local.has(ended.task)) this.#ends.load(ended);
    if (update !== undefined) this.takePlan(update, 0);
  }

  /** An instance registers on its link. */
  registerInstance(link: Link, registration: Registration): void {
    const { taskId, life } = registration;
    const outlet = this.#local.get(taskId);
    const refused = outlet === undefined
      ? `Task ${taskId} is not of ${this.#options.stmgrId}`
      : this.#losses.refuseTask(taskId, life);
    if (outlet === undefined || refused !== undefined) {
      link.close(refused);
      return;
    }
    const older = outlet.link;
    if (older !== undefined && older !== link) {
      this.#taskLinkClosed(taskId, older);
      older.close("Replaced by a newer connection");
    }
    this.#losses.taskCame(taskId, life);
    const plan = this.#update;
    registration.answer({
      ended: this.#ends.endedBefore(taskId, life),
      ...(plan === undefined ? {} : { plan }),
    });
    const known = this.#lives.get(taskId);
    const isNew = known?.epoch !== life.epoch || known.counter !== life.counter;
    this.#lives.set(taskId, life);
    outlet.attach(link);
    if (this.#isDraining) outlet.tell(encodeFrame(DRAIN_SPOUTS));
    if (this.#ends.isStored(taskId)) outlet.tell(endStored(taskId));
    for (const frame of this.#losses.unsettledFrames()) outlet.tell(frame);
    this.pressure.taskCame(taskId);
    // The topology master is to know the lives of all tasks.
    if (this.isComplete && isNew) this.#options.ports.registerNow();
  }

  /** The link to a peer is open, dialled by either side. */
  peerOpened(link: Link, { stmgrId, life, table }: PeerHello, nowMs: number): void {
    const refused = this.#losses.refusePeer(stmgrId, life);
    if (refused !== undefined) {
      link.close(refused);
      return;
    }
    const outlet = this.#peer(stmgrId);
    const older = outlet.link;
    if (older === link) return;
    if (older !== undefined) this.#endPeerLink(stmgrId, nowMs);
    const own = life === undefined ? [] : [{ stmgr: stmgrId, incarnation: life }];
    this.#losses.learn({ tasks: [], stmgrs: own }, nowMs);
    if (table !== undefined) this.#losses.learn(table, nowMs);
    outlet.attach(link);
    this.pressure.peerUp(stmgrId);
    this.#tellInstances(encodeFrame({ body: { case: "peerUp", value: { stmgr: stmgrId } } }));
    this.#losses.linkOpened(stmgrId);
  }

  #peer(stmgrId: string): Outlet {
    let outlet = this.#peers.get(stmgrId);
    if (outlet === undefined) {
      outlet = new Outlet(this.#options.acksMergeBytes);
      this.#peers.set(stmgrId, outlet);
    }
    return outlet;
  }

  #endPeerLink(stmgrId: string, nowMs: number): void {
    const link = this.#peers.get(stmgrId)?.link;
    if (link === undefined) return;
    this.linkClosed(link, nowMs);
    link.close("A later incarnation is known");
  }

  /** A link has ended: what was on it is lost, and later frames for its other side are held. */
  linkClosed(link: Link, nowMs: number): void {
    for (const taskId of this.#local.keys()) this.#taskLinkClosed(taskId, link);
    for (const [stmgrId, outlet] of this.#peers) {
      if (!outlet.detach(link)) continue;
      this.#losses.linkLost(stmgrId, nowMs);
      this.pressure.peerLost(stmgrId);
    }
  }

  #taskLinkClosed(taskId: number, link: Link): void {
    const life = this.#lives.get(taskId);
    if (this.#local.get(taskId)?.detach(link) !== true) return;
    if (life !== undefined) this.#losses.taskLost(taskId, life);
    this.pressure.taskLost(taskId);
  }

  /** A link has taken what waited for it. */
  linkDrained(link: Link): void {
    for (const outlet of this.#local.values()) if (outlet.link === link) outlet.drained();
    for (const outlet of this.#peers.values()) if (outlet.link === link) outlet.drained();
  }

  /** A peer tells of a loss that it saw. */
  lossNotice(from: string, notice: LossNotice, nowMs: number): void {
    this.#losses.takeNotice(from, notice, nowMs);
  }

  /** Takes what an instance's hello tells of others. */
  takeTable(table: KnownLives, nowMs: number): void {
    this.#losses.learn(table, nowMs);
  }

  /** Who is not connected needs not hear: it takes the end of its link for the loss of everything. */
  #tellInstances(frame: Uint8Array): void {
    for (const outlet of this.#local.values()) outlet.tell(frame);
  }

  #tellPeers(frame: Uint8Array, except?: string): void {
    for (const [stmgrId, outlet] of this.#peers) {
      if (stmgrId !== except) outlet.send(frame, 0, frame.length);
    }
  }

  /** All current incarnations that this stream manager knows: for its hellos and welcomes. */
  table(): HelloTable {
    return this.#losses.table();
  }

  /** What to tell the topology master at each registration. */
  registration(address: Omit<RegisterStmgr["stmgr"] & object, "$typeName">): RegisterStmgr {
    const { stmgrId, life, localTasks } = this.#options;
    return create(RegisterStmgrSchema, {
      stmgr: address,
      incarnation: life,
      instances: ownInstances(stmgrId, localTasks),
      tasks: [...this.#lives].map(([task, incarnation]) => ({ task, incarnation })),
      ended: this.#ends.all,
    });
  }

  /** A topology master has answered a registration. One that is older than another seen is refused: false. */
  registered(answer: StmgrRegistered, nowMs: number): boolean {
    if (this.#master !== undefined && isOlderTerm(answer, this.#master)) return false;
    this.#master = answer;
    if (answer.draining) this.drainSpouts();
    if (answer.plan !== undefined) this.takePlan(answer.plan, nowMs);
    return true;
  }

  /** A plan came. One with a lower (epoch, lease) or version than seen is refused: false. */
  takePlan(update: PlanUpdate, nowMs: number): boolean {
    const current = this.#update;
    const isOlder = this.#master !== undefined && isOlderTerm(update, this.#master);
    const order = current === undefined ? 1 : comparePlans(update, current);
    if (isOlder || order < 0) {
      this.#options.ports.report("stale plan refused", {
        version: update.planVersion,
        addresses: update.addressVersion,
      });
      return false;
    }
    if (order === 0) return true;
    const plan = PhysicalPlan.from(update);
    this.#master = update;
    this.#update = update;
    this.#plan = plan;
    const { stmgrId, ports } = this.#options;
    for (const task of plan.tasks) {
      if (!this.#local.has(task.taskId)) this.#outlets[task.taskId] = this.#peer(task.stmgrId);
    }
    for (const { body, frame } of this.#unrouted.take()) this.fromInstance(body, frame);
    this.#losses.learn(update, nowMs);
    const own = containerOfStmgr(stmgrId) ?? 0;
    for (const peer of plan.stmgrs) {
      // One link a pair: the lower id dials.
      if (own < (containerOfStmgr(peer.stmgrId) ?? 0)) ports.dial(peer);
    }
    this.#tellInstances(encodeFrame({ body: { case: "planUpdate", value: update } }));
    return true;
  }

  /** Spouts are to end. */
  drainSpouts(): void {
    if (this.#isDraining) return;
    this.#isDraining = true;
    this.#tellInstances(encodeFrame(DRAIN_SPOUTS));
  }

  /** A task told its end; it is told on, now and at each registration. */
  taskEnded(ended: TaskEnded): void {
    this.#options.ports.tellTm(this.#ends.take(ended));
  }

  /** The ends of these tasks are stored: each may tell those it sends to. */
  endsStored(tasks: readonly number[]): void {
    for (const task of tasks) {
      this.#ends.stored(task);
      this.#local.get(task)?.tell(endStored(task));
    }
  }

  /** A task waits for credit and does nothing: the topology master looks for cycles. */
  taskStuck(stuck: TaskStuck): void {
    this.#options.ports.tellStuck(stuck);
  }

  /** A frame of the tuple path from a local instance. */
  fromInstance(body: number, frame: FrameView): void {
    const outlet = this.#outlets[readTask(frame.bytes, frame.bodyStart, frame.end)];
    if (outlet !== undefined) forward(outlet, body, frame);
    // Instances know a plan already where their stream manager was started anew.
    else if (this.#plan === undefined) this.#unrouted.keep(body, frame);
    else this.#drop("no_route", body, frame);
  }

  /** A frame of the tuple path from a peer. */
  fromPeer(body: number, frame: FrameView): void {
    const outlet = this.#local.get(readTask(frame.bytes, frame.bodyStart, frame.end));
    if (outlet === undefined) this.#drop("not_local", body, frame);
    else forward(outlet, body, frame);
  }

  #drop(reason: DropReason, body: number, frame: FrameView): void {
    if (body !== PACKET_FIELD.batch) return;
    const tuples = countTuples(frame.bytes, frame.bodyStart, frame.end);
    this.#dropped.set(reason, (this.#dropped.get(reason) ?? 0) + tuples);
  }
}

function forward(outlet: Outlet, body: number, frame: FrameView): void {
  if (body === PACKET_FIELD.acks) outlet.sendAcks(frame);
  else outlet.send(frame.bytes, frame.start, frame.end);
}

const DRAIN_SPOUTS = { body: { case: "drainSpouts" as const, value: {} } };

function endStored(task: number): Uint8Array {
  return encodeFrame({ body: { case: "endsStored", value: { tasks: [task] } } });
}
