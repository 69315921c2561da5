/** What all simulated processes of one run share. */

import type { Durable } from "./durable.ts";
import type { Interposer } from "./interposer.ts";
import type { PlanCache } from "./plan_cache.ts";
import type { RootLedger } from "./root_ledger.ts";
import type { Routes } from "./route_check.ts";
import type { Scenario } from "./scenario.ts";
import type { SimNetwork } from "./sim_network.ts";
import type { SimRegistry } from "./sim_registry.ts";
import type { SimStore } from "./sim_store.ts";
import type { TermLedger } from "./term_ledger.ts";
import type { TupleLedger } from "./tuple_ledger.ts";
import type { TuplePlan } from "./tuple_plan.ts";
import type { VirtualWorld } from "./virtual_world.ts";

/** One run: its world, its scenario, its books. */
export interface SimRun {
  readonly world: VirtualWorld;
  readonly scenario: Scenario;
  readonly interposer: Interposer;
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
  readonly largestTaskId: number;
  /** Bytes that were lost on the way, by source × 65,536 + destination. */
  readonly lostBytes: ReadonlyMap<number, number>;
}
