/**
 * The topology master without sockets: waits for all stream managers, makes
 * the physical plan, has it stored, sends it, and counts the ends of tasks. One that starts
 * again goes on from what is stored, and waits for nobody.
 */

import { create } from "@bufbuild/protobuf";
import type { PackingPlan } from "../base/gen/heron/packing_plan_pb.ts";
import { type Topology, TopologyState } from "../base/gen/heron/topology_pb.ts";
import {
  type PlanUpdate,
  type RegisterStmgr,
  type StmgrRegistered,
  StmgrRegisteredSchema,
  type TaskEnded,
  type TaskStuck,
  type TaskTotals,
} from "../base/gen/heron_bin/packet_pb.ts";
import { encodeFrame, type PacketInit } from "../base/wire/mod.ts";
import { buildPhysicalPlan, buildPlanUpdate, type MasterTerm } from "../plan/mod.ts";
import { StallFinder } from "./stall_finder.ts";
import { StmgrRoster } from "./stmgr_roster.ts";
import { TaskEndTable } from "./task_end_table.ts";
import type { TmStored } from "./tm_store.ts";

/** What the core needs of a connection to a stream manager. */
export interface StmgrLink {
  send(packet: PacketInit): void;
  /** Sends the whole frames in `bytes[start, end)`, which others are sent too. */
  sendFrame(bytes: Uint8Array, start: number, end: number): void;
  close(reason?: string): void;
}

/** What the core asks of its shell. */
export interface TmPorts {
  /** Store the plan; `planStored` must follow. */
  storePlan(update: PlanUpdate): void;
  /** Store these ends, all that there are; `endsStored` must follow. */
  storeEnds(ended: readonly TaskEnded[]): void;
  /** The first plan has been stored and sent; said once by each master. */
  running(tasks: number, containers: number): void;
  /** The ends of all tasks are stored; said once by each master. */
  ended(totals: readonly TaskTotals[]): void;
  /** A cycle of the topology stands still, its credit used: "a[0] → b[2] → a[0]". Once. */
  stalled(cycle: string): void;
  /** Something for the log. */
  report(event: string, fields: Readonly<Record<string, unknown>>): void;
}

/** What a topology master is. */
export interface TmOptions extends MasterTerm {
  readonly topology: Topology;
  readonly packingPlan: PackingPlan;
  /** What the masters before it stored. @default nothing */
  readonly stored?: TmStored;
  /** `cycle.stall.ms`. */
  readonly cycleStallMs: number;
  readonly ports: TmPorts;
}

interface OpenLink {
  readonly id: string;
  /** The plan that it was sent last. */
  told: PlanUpdate | undefined;
}

/** Where a topology stands. */
export type TmState = "waiting" | "storing" | "running" | "ended";

/** The core of the topology master. */
export class TmCore {
  readonly #options: TmOptions;
  readonly #roster: StmgrRoster;
  readonly #ends: TaskEndTable;
  readonly #links = new Map<string, StmgrLink>();
  /** The links in use by themselves: a heartbeat costs the same however many there are. */
  readonly #open = new Map<StmgrLink, OpenLink>();
  readonly #stallFinder: StallFinder;
  #state: TmState = "waiting";
  #update: PlanUpdate | undefined;
  /** The frame of `#update`, once somebody was sent it: encoded once for all. */
  #planFrame: Uint8Array | undefined;
  #storing: PlanUpdate | undefined;
  #isDirty = false;
  #isPaused: boolean;
  #isDraining = false;
  #hasRun = false;
  #hasStalled = false;

  /** A master that nobody has registered with. */
  constructor(options: TmOptions) {
    const { packingPlan, stored, schedulerEpoch, leaseNumber, cycleStallMs } = options;
    this.#options = options;
    this.#stallFinder = new StallFinder(cycleStallMs);
    this.#roster = new StmgrRoster(packingPlan, stored?.update);
    this.#ends = new TaskEndTable(this.#roster.tasks, stored?.ended ?? []);
    const { state } = stored?.update?.plan?.topology ?? options.topology;
    this.#isPaused = state === TopologyState.PAUSED;
    if (stored?.update === undefined || !this.#roster.isComplete) return;
    this.#update = { ...stored.update, schedulerEpoch, leaseNumber };
    this.#state = "running";
  }

  /** Where the topology stands. */
  get state(): TmState {
    return this.#state;
  }

  /** The newest plan that was stored. */
  get update(): PlanUpdate | undefined {
    return this.#update;
  }

  /** Tells again what a master before it told. */
  start(): void {
    if (this.#state === "running") this.#run();
  }

  #run(): void {
    this.#state = "running";
    // Whoever registered before `start` may have had the first plan made.
    if (this.#hasRun) return;
    this.#hasRun = true;
    this.#options.ports.running(this.#roster.tasks.size, this.#roster.size);
    this.#checkEnd();
  }

  /** A stream manager registers; returns the answer. The plan, if there is one, goes before it. */
  registerStmgr(link: StmgrLink, record: RegisterStmgr): StmgrRegistered {
    const id = record.stmgr?.id ?? "";
    const refused = this.#roster.refuse(record);
    if (refused !== undefined) return create(StmgrRegisteredSchema, { refused });
    const older = this.#links.get(id);
    this.#links.set(id, link);
    if (older !== undefined && older !== link) {
      this.#open.delete(older);
      older.close("Registered again");
    }
    if (older !== link) this.#open.set(link, { id, told: undefined });
    this.#stallFinder.forget(this.#roster.tasksOf(id));
    this.#storeEnds(this.#ends.take(record.ended));
    this.#tellStored(id, this.#roster.tasksOf(id));
    const isChanged = this.#roster.take(record);
    if (this.#state !== "waiting" ? isChanged : this.#links.size === this.#roster.size) {
      this.#makePlan();
    }
    // Before the answer, so that who has that has both.
    this.#sendPlan(link);
    const { schedulerEpoch, leaseNumber } = this.#options;
    return create(StmgrRegisteredSchema, {
      draining: this.#isDraining,
      schedulerEpoch,
      leaseNumber,
    });
  }

  #makePlan(): void {
    if (this.#storing !== undefined) {
      this.#isDirty = true;
      return;
    }
    const { packingPlan, stored, schedulerEpoch, leaseNumber } = this.#options;
    const state = this.#isPaused ? TopologyState.PAUSED : TopologyState.RUNNING;
    const topology = { ...this.#options.topology, state };
    // Versions go on even from a plan that is not enough to run on: others may have read it.
    const before = this.#update ?? stored?.update;
    const { stmgrs, stmgrLives, taskLives } = this.#roster.parts;
    const update = buildPlanUpdate({
      schedulerEpoch,
      leaseNumber,
      planVersion: before?.planVersion ?? 1,
      addressVersion: (before?.addressVersion ?? 0) + 1,
      plan: buildPhysicalPlan({ topology, packingPlan, stmgrs }),
      tasks: taskLives,
      stmgrs: stmgrLives,
    });
    this.#storing = update;
    if (this.#state === "waiting") this.#state = "storing";
    this.#options.ports.storePlan(update);
  }

  /** The topology is to be active, or not: its spouts hear of it by the plan. Idempotent. */
  activate(isActive: boolean): void {
    if (this.#isPaused !== isActive) return;
    this.#isPaused = !isActive;
    this.#options.ports.report(isActive ? "activated" : "deactivated", {});
    // Before the first plan nobody needs to be told.
    if (this.#state !== "waiting") this.#makePlan();
  }

  /** The plan asked for last is in the store: it is sent. */
  planStored(): void {
    const update = this.#storing;
    if (update === undefined) return;
    this.#storing = undefined;
    this.#update = update;
    this.#planFrame = undefined;
    for (const link of this.#links.values()) this.#sendPlan(link);
    if (this.#state === "storing") this.#run();
    if (this.#isDirty) {
      this.#isDirty = false;
      this.#makePlan();
    }
  }

  /** Sends the newest plan to whom it was not sent yet. */
  #sendPlan(link: StmgrLink): void {
    const update = this.#update;
    const open = this.#open.get(link);
    if (update === undefined || open === undefined || open.told === update) return;
    open.told = update;
    this.#planFrame ??= encodeFrame({ body: { case: "planUpdate", value: update } });
    link.sendFrame(this.#planFrame, 0, this.#planFrame.length);
  }

  #sendAll(packet: PacketInit): void {
    for (const link of this.#links.values()) link.send(packet);
  }

  /** A link has ended: its stream manager is expected again. */
  linkClosed(link: StmgrLink): void {
    const id = this.#open.get(link)?.id;
    if (id === undefined) return;
    this.#open.delete(link);
    this.#links.delete(id);
    // That they wait no more may have been on the way.
    this.#stallFinder.forget(this.#roster.tasksOf(id));
    this.#options.ports.report("stream manager gone", { stmgr: id });
  }

  /** A heartbeat came; returns why it is refused. */
  heartbeat(link: StmgrLink): string | undefined {
    return this.#open.has(link) ? undefined : "Unknown stream manager connection";
  }

  /** A task has ended, in whichever life of it. */
  taskEnded(ended: TaskEnded): void {
    this.#storeEnds(this.#ends.take([ended]));
    // Who told it again waits for the answer again.
    if (this.#ends.isStored(ended.task)) this.#tellAllStored([ended]);
  }

  #storeEnds(ended: readonly TaskEnded[] | undefined): void {
    if (ended !== undefined) this.#options.ports.storeEnds(ended);
  }

  /** The ends asked for last are in the store, maybe with others that were there: they count. */
  endsStored(ended: readonly TaskEnded[]): void {
    const news = ended.filter(({ task }) => !this.#ends.isStored(task));
    this.#storeEnds(this.#ends.stored(ended));
    this.#tellAllStored(news);
    this.#checkEnd();
  }

  #tellAllStored(ended: readonly TaskEnded[]): void {
    if (ended.length === 0) return;
    const tasks = new Set(ended.map(({ task }) => task));
    for (const id of this.#links.keys()) {
      this.#tellStored(id, this.#roster.tasksOf(id).filter((task) => tasks.has(task)));
    }
  }

  /** A task tells those it sends to of its end when nobody can forget it any more. */
  #tellStored(id: string, tasks: readonly number[]): void {
    const stored = tasks.filter((task) => this.#ends.isStored(task));
    if (stored.length === 0) return;
    this.#links.get(id)?.send({ body: { case: "endsStored", value: { tasks: stored } } });
  }

  /** A task waits for credit, or says that it does no more. */
  taskStuck(stuck: TaskStuck, nowMs: number): void {
    const cycle = this.#stallFinder.take(stuck.task, stuck.waitsFor, nowMs);
    if (cycle === undefined || this.#hasStalled || this.#state !== "running") return;
    this.#hasStalled = true;
    this.#options.ports.stalled(cycle.map((task) => this.#nameOf(task)).join(" → "));
  }

  #nameOf(task: number): string {
    for (const { instancePlans } of this.#options.packingPlan.containerPlans) {
      const plan = instancePlans.find(({ taskId }) => taskId === task);
      if (plan !== undefined) return `${plan.componentName}[${plan.componentIndex}]`;
    }
    return `task ${task}`;
  }

  #checkEnd(): void {
    if (this.#state !== "running" || !this.#ends.isComplete) return;
    this.#state = "ended";
    this.#options.ports.ended(this.#ends.totals);
  }

  /** Spouts are to end as if each had called `collector.end()`; idempotent. */
  drain(): void {
    if (this.#isDraining) return;
    this.#isDraining = true;
    this.#sendAll({ body: { case: "drainSpouts", value: {} } });
  }
}
