/**
 * What all simulated processes of one run share, and the seam between them and
 * the user code of their tasks: who makes it, and who hears what it throws.
 */

import type { Topology } from "../api/mod.ts";
import type { TaskLife } from "../tuples/mod.ts";
import type { Durable } from "./durable.ts";
import type { Interposer } from "./interposer.ts";
import type { PlanCache } from "./plan_cache.ts";
import type { RootLedger } from "./root_ledger.ts";
import type { Routes, Ways } from "./route_check.ts";
import type { Scenario } from "./scenario.ts";
import type { SimNetwork } from "./sim_network.ts";
import type { SimRegistry } from "./sim_registry.ts";
import type { SimStore } from "./sim_store.ts";
import type { TermLedger } from "./term_ledger.ts";
import type { TupleLedger } from "./tuple_ledger.ts";
import type { TuplePlan } from "./tuple_plan.ts";
import type { VirtualProcess } from "./virtual_process.ts";
import type { VirtualWorld } from "./virtual_world.ts";

/** One run: its world, its scenario, its books. */
export interface SimRun {
  readonly world: VirtualWorld;
  readonly scenario: Scenario;
  readonly interposer: Interposer;
  readonly hosting: Hosting;
  readonly network: SimNetwork;
  readonly registry: SimRegistry;
  readonly store: SimStore;
  readonly ledger: TupleLedger;
  readonly roots: RootLedger;
  readonly terms: TermLedger;
  readonly durable: Durable;
  readonly plans: PlanCache;
  readonly tuplePlan: TuplePlan;
  readonly routes: Routes;
  /** Whether a spout was told last that it is active, by task and life. */
  readonly activity: Map<string, boolean>;
  readonly largestTaskId: number;
  /** Bytes that were lost on the way, by source × 65,536 + destination. */
  readonly lostBytes: ReadonlyMap<number, number>;
}

/** The life of a task that user code is made for. */
export interface TaskPlace {
  readonly taskId: number;
  readonly life: TaskLife;
  /** The thread that it runs in. */
  readonly thread: VirtualProcess;
  /** Its channels, for those who look where tuples go. */
  readonly ways: Ways;
  /** The task is paused for back pressure. */
  isPaused(): boolean;
  /** The call that runs keeps its thread for `ms`. */
  busy(ms: number): void;
}

/** The life of a task of one component. */
export interface CodePlace extends TaskPlace {
  readonly component: string;
}

/** What a life of a task runs. */
export type TaskCode = Omit<Topology, "definition">;

/** What user code reported. */
export interface ReportedFailure {
  readonly message: string;
  readonly stack: string;
  /** How many of the same came. */
  readonly count: number;
}

/** The user code of a cluster. */
export interface Hosting {
  /** How many threads the instances of a task have. */
  threadsOf(taskId: number): 1 | 2;
  /** Slots beside `topology.max.spout.pending`: a call that may be made may emit several. */
  readonly slotsExtra: number;
  /** Makes the user code of a life of a task. */
  create(run: SimRun, place: TaskPlace): TaskCode;
  /** What a task threw; it does not go on. */
  threw(run: SimRun, taskId: number, thrown: unknown): void;
  /** User code reports an error and goes on. */
  reported(run: SimRun, taskId: number, error: ReportedFailure): void;
}
