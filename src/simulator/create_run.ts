/** Sets up what the processes of one run share: network, store, addresses and books. */

import { PlanUpdateSchema, TaskEndsSchema } from "../base/gen/heron_bin/packet_pb.ts";
import { decodeRecord, readTmanagerLocation } from "../plan/mod.ts";
import { topologyPaths } from "../state/mod.ts";
import { Durable } from "./durable.ts";
import { batchOf, peekFrame } from "./frames.ts";
import type { Interposer } from "./interposer.ts";
import { PlanCache } from "./plan_cache.ts";
import { randomHosting } from "./random_hosting.ts";
import { RootLedger } from "./root_ledger.ts";
import { Routes } from "./route_check.ts";
import type { Scenario } from "./scenario.ts";
import { SimNetwork } from "./sim_network.ts";
import { SimRegistry } from "./sim_registry.ts";
import type { Hosting, SimRun } from "./sim_run.ts";
import { SimStore } from "./sim_store.ts";
import { TermLedger } from "./term_ledger.ts";
import { TupleLedger } from "./tuple_ledger.ts";
import { TuplePlan } from "./tuple_plan.ts";
import type { VirtualWorld } from "./virtual_world.ts";

/** What a run is made with. */
export interface RunOptions {
  readonly interposer: Interposer;
  /** The user code of its tasks. @default what the seed says */
  readonly hosting?: Hosting;
  /** Tuples may be lost in it. */
  readonly mayLose: boolean;
}

/** A run in which nothing has started. */
export function createRun(
  world: VirtualWorld,
  scenario: Scenario,
  { interposer, hosting = randomHosting(scenario.seed), mayLose }: RunOptions,
): SimRun {
  const lostBytes = new Map<number, number>();
  const lost = (bytes: Uint8Array): void => {
    const batch = batchOf(peekFrame(bytes));
    if (batch === undefined) return;
    const channel = batch.source * 65_536 + batch.destination;
    lostBytes.set(channel, (lostBytes.get(channel) ?? 0) + batch.creditBytes);
  };
  const terms = new TermLedger(world);
  const tasks = tasksOf(scenario);
  const { isTimely, isHealing, isCyclic, slowPairs, quality } = scenario;
  return {
    world,
    scenario,
    interposer,
    hosting,
    network: new SimNetwork({
      world,
      interposer,
      qualityOf: (first, second) =>
        slowPairs.get(`${Math.min(first, second)} ${Math.max(first, second)}`) ?? quality,
      lost,
    }),
    registry: new SimRegistry(interposer),
    store: createStore({ world, terms, interposer, topology: scenario.definition.name }),
    ledger: new TupleLedger(world, mayLose),
    roots: new RootLedger({
      world,
      isTimely: isTimely || isHealing,
      isLossless: !mayLose,
      isStrict: [...scenario.behaviours.values()].every(({ keeps }) => keeps !== "pairs"),
      timeoutMs: scenario.config.topologyMessageTimeoutSecs * 1_000,
    }),
    terms,
    durable: new Durable(scenario),
    plans: new PlanCache(),
    tuplePlan: new TuplePlan(scenario.definition, scenario.behaviours, { tasks, isCyclic }),
    routes: new Routes(scenario.definition, scenario.packingPlan),
    activity: new Map(),
    largestTaskId: Math.max(...[...tasks.values()].flat()),
    lostBytes,
  };
}

function tasksOf({ packingPlan, definition }: Scenario): Map<string, number[]> {
  const tasks = new Map<string, number[]>(definition.components.map(({ name }) => [name, []]));
  for (const { instancePlans } of packingPlan.containerPlans) {
    for (const { componentName, taskId } of instancePlans) tasks.get(componentName)?.push(taskId);
  }
  return tasks;
}

/** The store looks at who writes what a topology master writes. */
function createStore(
  { world, terms, interposer, topology }: {
    readonly world: VirtualWorld;
    readonly terms: TermLedger;
    readonly interposer: Interposer;
    readonly topology: string;
  },
): SimStore {
  const { planUpdate, taskEnds, tmanager } = topologyPaths(topology);
  return new SimStore({
    world,
    expected: (_path, version) => interposer.lateRename() ? "any" : version,
    written: (path, bytes) => {
      if (path === planUpdate) {
        terms.accepted("the stored plan", decodeRecord(PlanUpdateSchema, bytes, path));
      } else if (path === taskEnds) {
        terms.accepted("the stored ends", decodeRecord(TaskEndsSchema, bytes, path));
      } else if (path === tmanager) terms.located(readTmanagerLocation(bytes).serverPort);
    },
  });
}
