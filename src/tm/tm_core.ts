/**
 * The topology master without sockets: waits for all stream managers, makes
 * the physical plan, has it stored, sends it, and counts the ends of tasks.
 */

import { create } from "@bufbuild/protobuf";
import type { PackingPlan } from "../base/gen/heron/packing_plan_pb.ts";
import type { Topology } from "../base/gen/heron/topology_pb.ts";
import {
  type PlanUpdate,
  type RegisterStmgr,
  StmgrIncarnationSchema,
  type StmgrRegistered,
  StmgrRegisteredSchema,
  type TaskEnded,
  type TaskStuck,
  type TaskTotals,
} from "../base/gen/heron_bin/packet_pb.ts";
import type { PacketInit } from "../base/wire/mod.ts";
import { buildPhysicalPlan, buildPlanUpdate, stmgrId } from "../plan/mod.ts";
import { StallFinder } from "./stall_finder.ts";

/** What the core needs of a connection to a stream manager. */
export interface StmgrLink {
  send(packet: PacketInit): void;
  close(reason?: string): void;
}

/** What the core asks of its shell. */
export interface TmPorts {
  /** Store the plan; `planStored` must follow. */
  storePlan(update: PlanUpdate): void;
  /** The first plan has been stored and sent. */
  running(tasks: number, containers: number): void;
  /** All tasks have ended. */
  ended(totals: readonly TaskTotals[]): void;
  /** A cycle of the topology stands still, its credit used: "a[0] → b[2] → a[0]". Once. */
  stalled(cycle: string): void;
  /** Something for the log. */
  report(event: string, fields: Readonly<Record<string, unknown>>): void;
}

/** What a topology master is. */
export interface TmOptions {
  readonly topology: Topology;
  readonly packingPlan: PackingPlan;
  readonly schedulerEpoch: number;
  /** Number of the lease this master acts under: higher than any before. */
  readonly leaseNumber: bigint;
  /** `cycle.stall.ms`. */
  readonly cycleStallMs: number;
  readonly ports: TmPorts;
}

interface Registered {
  readonly link: StmgrLink;
  readonly record: RegisterStmgr;
}

/** Where a topology stands. */
export type TmState = "waiting" | "storing" | "running" | "ended";

/** The core of the topology master. */
export class TmCore {
  readonly #options: TmOptions;
  readonly #expected: ReadonlySet<string>;
  readonly #registered = new Map<string, Registered>();
  readonly #ended = new Map<number, TaskEnded>();
  readonly #tasks: number;
  #state: TmState = "waiting";
  #update: PlanUpdate | undefined;
  #storing: PlanUpdate | undefined;
  #isDirty = false;
  #isDraining = false;
  readonly #stallFinder: StallFinder;
  #hasStalled = false;

  /** A master that nobody has registered with. */
  constructor(options: TmOptions) {
    this.#options = options;
    this.#stallFinder = new StallFinder(options.cycleStallMs);
    const containers = options.packingPlan.containerPlans;
    this.#expected = new Set(containers.map((container) => stmgrId(container.id)));
    this.#tasks = containers.reduce((sum, container) => sum + container.instancePlans.length, 0);
  }

  /** Where the topology stands. */
  get state(): TmState {
    return this.#state;
  }

  /** The newest plan that was stored. */
  get update(): PlanUpdate | undefined {
    return this.#update;
  }

  /** A stream manager registers; returns the answer. */
  registerStmgr(link: StmgrLink, record: RegisterStmgr): StmgrRegistered {
    const id = record.stmgr?.id ?? "";
    const refused = this.#refuse(id, record);
    if (refused !== undefined) return create(StmgrRegisteredSchema, { refused });
    const older = this.#registered.get(id);
    this.#registered.set(id, { link, record });
    if (older !== undefined && older.link !== link) older.link.close("Registered again");
    for (const ended of record.ended) this.#countEnd(ended);
    const isNew = older === undefined || !isSameAddress(older.record, record);
    if (this.#registered.size === this.#expected.size && (isNew || this.#update === undefined)) {
      this.#makePlan();
    }
    this.#checkEnd();
    const { schedulerEpoch, leaseNumber } = this.#options;
    return create(StmgrRegisteredSchema, {
      draining: this.#isDraining,
      schedulerEpoch,
      leaseNumber,
      ...(this.#update === undefined ? {} : { plan: this.#update }),
    });
  }

  #refuse(id: string, record: RegisterStmgr): string | undefined {
    if (!this.#expected.has(id)) return `Invalid StreamManager "${id}"`;
    const older = this.#registered.get(id)?.record.incarnation;
    const newer = record.incarnation;
    if (older !== undefined && newer !== undefined && isLower(newer, older)) {
      return `StreamManager "${id}" was replaced by incarnation ${older.epoch}.${older.counter}`;
    }
    const packed = this.#options.packingPlan.containerPlans.find((plan) => stmgrId(plan.id) === id);
    const wanted = packed?.instancePlans.map((plan) => plan.taskId).sort(byNumber).join(",");
    const found = record.instances.map((one) => one.info?.taskId ?? 0).sort(byNumber).join(",");
    return wanted === found
      ? undefined
      : `StreamManager "${id}": found tasks [${found}], expected [${wanted}]`;
  }

  #makePlan(): void {
    if (this.#storing !== undefined) {
      this.#isDirty = true;
      return;
    }
    const { topology, packingPlan, schedulerEpoch, leaseNumber } = this.#options;
    const records = [...this.#registered.values()].map(({ record }) => record);
    const update = buildPlanUpdate({
      schedulerEpoch,
      leaseNumber,
      planVersion: this.#update?.planVersion ?? 1,
      addressVersion: (this.#update?.addressVersion ?? 0) + 1,
      plan: buildPhysicalPlan({
        topology,
        packingPlan,
        stmgrs: records.flatMap((record) => record.stmgr ?? []),
      }),
      tasks: records.flatMap((record) => record.tasks),
      stmgrs: records.flatMap((record) =>
        record.incarnation === undefined ? [] : [
          create(StmgrIncarnationSchema, {
            stmgr: record.stmgr?.id ?? "",
            incarnation: record.incarnation,
          }),
        ]
      ),
    });
    this.#storing = update;
    if (this.#state === "waiting") this.#state = "storing";
    this.#options.ports.storePlan(update);
  }

  /** The plan asked for last is in the store: it is sent. */
  planStored(): void {
    const update = this.#storing;
    if (update === undefined) return;
    this.#storing = undefined;
    this.#update = update;
    for (const { link } of this.#registered.values()) {
      link.send({ body: { case: "planUpdate", value: update } });
    }
    if (this.#state === "storing") {
      this.#state = "running";
      this.#options.ports.running(this.#tasks, this.#expected.size);
      this.#checkEnd();
    }
    if (this.#isDirty) {
      this.#isDirty = false;
      this.#makePlan();
    }
  }

  /** A link has ended: its stream manager is expected again. */
  linkClosed(link: StmgrLink): void {
    for (const [id, registered] of this.#registered) {
      if (registered.link !== link) continue;
      this.#registered.delete(id);
      this.#options.ports.report("stream manager gone", { stmgr: id });
    }
  }

  /** A heartbeat came; returns why it is refused. */
  heartbeat(link: StmgrLink): string | undefined {
    for (const registered of this.#registered.values()) {
      if (registered.link === link) return undefined;
    }
    return "Unknown stream manager connection";
  }

  /** A task has ended. */
  taskEnded(ended: TaskEnded): void {
    this.#countEnd(ended);
    this.#checkEnd();
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

  #countEnd(ended: TaskEnded): void {
    this.#ended.set(ended.task, ended);
  }

  #checkEnd(): void {
    if (this.#state !== "running" || this.#ended.size < this.#tasks) return;
    this.#state = "ended";
    const ended = [...this.#ended.values()].sort((a, b) => a.task - b.task);
    this.#options.ports.ended(ended.flatMap((one) => one.totals ?? []));
  }

  /** Spouts are to end as if each had called `collector.end()`. */
  drain(): void {
    if (this.#isDraining) return;
    this.#isDraining = true;
    for (const { link } of this.#registered.values()) {
      link.send({ body: { case: "drainSpouts", value: {} } });
    }
  }
}

function byNumber(a: number, b: number): number {
  return a - b;
}

function isLower(
  a: { epoch: number; counter: number },
  b: { epoch: number; counter: number },
): boolean {
  return a.epoch === b.epoch ? a.counter < b.counter : a.epoch < b.epoch;
}

function isSameAddress(a: RegisterStmgr, b: RegisterStmgr): boolean {
  return a.stmgr?.hostName === b.stmgr?.hostName && a.stmgr?.dataPort === b.stmgr?.dataPort;
}
