/**
 * Where stream managers were last seen, and which lives of them and of their tasks: from the stored plan,
 * then from registrations. What has not registered yet keeps its place and lives.
 */

import { create } from "@bufbuild/protobuf";
import type { PackingPlan } from "../base/gen/heron/packing_plan_pb.ts";
import type { StMgr } from "../base/gen/heron/physical_plan_pb.ts";
import {
  type Incarnation,
  type PlanUpdate,
  type RegisterStmgr,
  type StmgrIncarnation,
  StmgrIncarnationSchema,
  type TaskIncarnation,
  TaskIncarnationSchema,
} from "../base/gen/heron_bin/packet_pb.ts";
import { compareIncarnations } from "../base/wire/mod.ts";
import { stmgrId } from "../plan/mod.ts";

/** What a plan says of stream managers and lives. */
export interface RosterParts {
  readonly stmgrs: readonly StMgr[];
  readonly stmgrLives: readonly StmgrIncarnation[];
  readonly taskLives: readonly TaskIncarnation[];
}

/** The stream managers of one topology. */
export class StmgrRoster {
  /** Task ids by stream manager. */
  readonly #packed: ReadonlyMap<string, readonly number[]>;
  readonly #places = new Map<string, StMgr>();
  readonly #lives = new Map<string, Incarnation>();
  readonly #taskLives = new Map<number, Incarnation>();

  /** @param update the stored plan */
  constructor(packingPlan: PackingPlan, update: PlanUpdate | undefined) {
    this.#packed = new Map(
      packingPlan.containerPlans.map(({ id, instancePlans }) => [
        stmgrId(id),
        instancePlans.map(({ taskId }) => taskId).toSorted(byNumber),
      ]),
    );
    for (const place of update?.plan?.stmgrs ?? []) {
      if (this.#packed.has(place.id)) this.#places.set(place.id, place);
    }
    for (const { stmgr, incarnation } of update?.stmgrs ?? []) {
      if (incarnation !== undefined) this.#lives.set(stmgr, incarnation);
    }
    for (const { task, incarnation } of update?.tasks ?? []) {
      if (incarnation !== undefined) this.#taskLives.set(task, incarnation);
    }
  }

  /** How many stream managers the topology has. */
  get size(): number {
    return this.#packed.size;
  }

  /** Whether it is known of all where they are, or were. */
  get isComplete(): boolean {
    return this.#places.size === this.#packed.size;
  }

  /** All tasks. */
  get tasks(): ReadonlySet<number> {
    return new Set([...this.#packed.values()].flat());
  }

  /** The tasks of one stream manager. */
  tasksOf(id: string): readonly number[] {
    return this.#packed.get(id) ?? [];
  }

  /** For the next plan. */
  get parts(): RosterParts {
    const tasks = [...this.#taskLives].toSorted(([a], [b]) => a - b);
    return {
      stmgrs: [...this.#places.values()],
      stmgrLives: [...this.#lives].map(([stmgr, incarnation]) =>
        create(StmgrIncarnationSchema, { stmgr, incarnation })
      ),
      taskLives: tasks.map(([task, incarnation]) =>
        create(TaskIncarnationSchema, { task, incarnation })
      ),
    };
  }

  /** Why a registration is refused; undefined: it is not. */
  refuse(record: RegisterStmgr): string | undefined {
    const id = record.stmgr?.id ?? "";
    const packed = this.#packed.get(id);
    if (packed === undefined) return `Invalid StreamManager "${id}"`;
    const known = this.#lives.get(id);
    if (compareIncarnations(record.incarnation, known) < 0) {
      return `StreamManager "${id}" was replaced by incarnation ${known?.epoch}.${known?.counter}`;
    }
    const wanted = packed.join(",");
    const found = record.instances.map(({ info }) => info?.taskId ?? 0).sort(byNumber).join(",");
    return wanted === found
      ? undefined
      : `StreamManager "${id}": found tasks [${found}], expected [${wanted}]`;
  }

  /** Takes a registration that was not refused; returns whether a place or a life is another now. */
  take({ stmgr, incarnation, tasks }: RegisterStmgr): boolean {
    if (stmgr === undefined) return false;
    const { id } = stmgr;
    let isChanged = !isSamePlace(this.#places.get(id), stmgr);
    this.#places.set(id, stmgr);
    if (incarnation !== undefined && compareIncarnations(incarnation, this.#lives.get(id)) > 0) {
      this.#lives.set(id, incarnation);
      isChanged = true;
    }
    for (const { task, incarnation: life } of tasks) {
      if (life === undefined || compareIncarnations(life, this.#taskLives.get(task)) <= 0) continue;
      this.#taskLives.set(task, life);
      isChanged = true;
    }
    return isChanged;
  }
}

function byNumber(a: number, b: number): number {
  return a - b;
}

function isSamePlace(a: StMgr | undefined, b: StMgr): boolean {
  return a?.hostName === b.hostName && a.dataPort === b.dataPort;
}
