/**
 * One run from one seed: the scenario, the cluster, until the end, and the
 * properties. The same seed and broken build give the same run.
 */

import { TaskEndsSchema } from "../base/gen/heron_bin/packet_pb.ts";
import { decodeRecord } from "../plan/mod.ts";
import { topologyPaths } from "../state/mod.ts";
import { createRun } from "./create_run.ts";
import { FaultInjector } from "./fault_injector.ts";
import type { Interposer } from "./interposer.ts";
import { createMutant, type MutantName } from "./mutants.ts";
import { PauseCheck } from "./pause_check.ts";
import {
  checkBounds,
  checkChannels,
  checkDrops,
  checkPositions,
  checkRepeats,
  type FaultFacts,
} from "./properties.ts";
import { mayKill, mayLose } from "./random_faults.ts";
import { createScenario, type Scenario } from "./scenario.ts";
import { SimCluster } from "./sim_cluster.ts";
import type { SimRun } from "./sim_run.ts";
import { VirtualWorld } from "./virtual_world.ts";

/** How a run is made. */
export interface SimulateOptions {
  readonly seed: number;
  readonly mutant?: MutantName;
  /** Keep the last events as text. */
  readonly isTraced?: boolean;
}

/** What came of a run. */
export interface SimulationResult {
  readonly seed: number;
  /** The property that did not hold. */
  readonly failure: string | undefined;
  readonly outcome: "ended" | "stalled" | "failed";
  readonly trace: readonly string[];
  readonly tuples: number;
  readonly lost: number;
  readonly mode: "ATLEAST_ONCE" | "ATMOST_ONCE";
  /** Tuples that spouts were told to emit again. */
  readonly replays: number;
  /** Pauses of spouts for back pressure that were seen. */
  readonly pauses: number;
  /** What went wrong. */
  readonly faults: number;
  readonly events: number;
  readonly tasks: number;
  /** Most sources of a task. */
  readonly sourcesMax: number;
  readonly virtualMs: number;
}

/** Virtual time without any progress after which a run is taken for stuck, in ms. */
const STUCK_MS = 60_000;
/** A run of virtual time that no scenario needs, in ms. */
const RUN_MS_MAX = 1_800_000;
/** How long after its end a run is watched, in ms. */
const AFTERMATH_MS = 200;
const WATCH_MS = 50;
/** How long a report may be on its way, in ms; reports come some time apart. */
const NEWS_MS_MAX = 3_000;
/** The same after a cycle was reported: longer than any process is stopped, in ms. */
const STALL_AFTERMATH_MS = 30_000;
/** Without progress for this long, no tuple is on its way: longer than any call or stop, in ms. */
const QUIET_MS = 35_000;
/** Latest start of a drain into a loaded cycle, in ms. */
const DRAIN_MS_MAX = 1_500;

/** Runs one seed. */
export async function simulate(options: SimulateOptions): Promise<SimulationResult> {
  const world = new VirtualWorld(options.seed ^ 0x5bd1e995, options.isTraced);
  const scenario = createScenario(options.seed);
  const mutant = createMutant(options.mutant, { world, scenario });
  return await new Simulation(world, scenario, mutant).run();
}

class Simulation {
  readonly #world: VirtualWorld;
  readonly #scenario: Scenario;
  readonly #run: SimRun;
  readonly #cluster: SimCluster;
  readonly #pauses: PauseCheck;
  readonly #facts: FaultFacts;
  #endedMs: number | undefined;
  #stalled: { readonly cycle: string; readonly atMs: number } | undefined;
  #drainMs: number;
  #isDraining = false;

  constructor(world: VirtualWorld, scenario: Scenario, interposer: Interposer) {
    this.#world = world;
    this.#scenario = scenario;
    this.#facts = {
      mayLose: scenario.faults.some(mayLose),
      mayKill: scenario.faults.some(mayKill),
    };
    this.#run = createRun(world, scenario, {
      interposer,
      mayLose: this.#facts.mayLose || scenario.expectation !== "ends",
    });
    this.#cluster = new SimCluster(this.#run, {
      ended: () => {
        this.#endedMs ??= world.nowMs();
      },
      stalled: (cycle) => this.#hasStalled(cycle),
    });
    this.#pauses = new PauseCheck(this.#run, this.#cluster);
    new FaultInjector(this.#run, this.#cluster);
    this.#drainMs = world.random.unit() * DRAIN_MS_MAX;
    world.every(WATCH_MS, () => this.#watch());
  }

  async run(): Promise<SimulationResult> {
    const world = this.#world;
    await world.run(() => this.#isOver());
    if (world.broken === undefined) this.#checkEnd();
    const failure = world.broken;
    const { ledger, roots } = this.#run;
    return {
      seed: this.#scenario.seed,
      failure,
      outcome: failure !== undefined ? "failed" : this.#stalled !== undefined ? "stalled" : "ended",
      mode: this.#scenario.isAcked ? "ATLEAST_ONCE" : "ATMOST_ONCE",
      trace: world.trace,
      tuples: ledger.executed,
      lost: ledger.missing(),
      replays: roots.replays,
      pauses: this.#pauses.pauses,
      faults: this.#scenario.faults.filter(({ atMs }) => atMs <= world.nowMs()).length,
      events: world.events,
      tasks: this.#cluster.instances.size,
      sourcesMax: sourcesMaxOf(this.#scenario),
      virtualMs: world.nowMs(),
    };
  }

  #isOver(): boolean {
    const { cycle, atMs } = this.#stalled ?? { cycle: "", atMs: Infinity };
    if (this.#world.nowMs() > atMs + STALL_AFTERMATH_MS) {
      this.#checkStandsStill(cycle, atMs);
      return true;
    }
    return this.#endedMs !== undefined && this.#world.nowMs() > this.#endedMs + AFTERMATH_MS;
  }

  /** Looks now and then whether the run still gets on. */
  #watch(): void {
    const world = this.#world;
    const quietMs = world.nowMs() - this.#run.ledger.lastProgressMs;
    if (this.#endedMs !== undefined || this.#stalled !== undefined) return;
    for (const instance of this.#cluster.instances.values()) instance.checkAwake();
    this.#pauses.look();
    if (this.#scenario.isCyclic && !this.#scenario.isAcked) this.#drainCycle(quietMs);
    const timeoutMs = this.#scenario.config.topologyMessageTimeoutSecs * 1_000;
    if (quietMs > STUCK_MS + 3 * timeoutMs || world.nowMs() > RUN_MS_MAX) {
      world.break(`no progress for ${Math.round(quietMs)} ms: ${this.#describeStuck()}`);
    }
  }

  /** Spouts before a cycle never end by themselves. */
  #drainCycle(quietMs: number): void {
    const { hasQuietDrain, expectation } = this.#scenario;
    if (this.#isDraining || expectation === "stalls") return;
    const isTime = hasQuietDrain ? quietMs > QUIET_MS : this.#world.nowMs() > this.#drainMs;
    if (!isTime) return;
    this.#isDraining = true;
    this.#cluster.drain();
  }

  #describeStuck(): string {
    const stuck = [...this.#cluster.instances.values()].filter((one) => one.core.state !== "ended");
    const texts = stuck.slice(0, 6).map(({ taskId, core }) =>
      `task ${taskId} ${core.state}${core.isPending ? " pending" : ""} holds ${
        core.intake?.heldBytes ?? 0
      } B` +
      `${core.emitter?.hasCredit() === false ? " without credit" : ""}`
    );
    const untold = stuck.length > 0 ? "" : `, the store lacks the ends of [${this.#untold()}]`;
    return `${stuck.length} tasks have not ended (${texts.join("; ")})${untold}`;
  }

  /** Tasks whose ends are not stored. */
  #untold(): number[] {
    const path = topologyPaths(this.#scenario.definition.name).taskEnds;
    const bytes = this.#run.store.state.get(path)?.bytes ?? new Uint8Array();
    const { ended } = decodeRecord(TaskEndsSchema, bytes, path);
    const stored = new Set(ended.map(({ task }) => task));
    return [...this.#cluster.instances.keys()].filter((task) => !stored.has(task));
  }

  #hasStalled(cycle: string): void {
    const world = this.#world;
    const { expectation, config } = this.#scenario;
    world.note(() => `tm: stalled: ${cycle}`);
    this.#stalled = { cycle, atMs: world.nowMs() };
    const quietMs = world.nowMs() - this.#run.ledger.lastProgressMs;
    if (expectation === "ends") world.break(`reported as stalled, and it is not: ${cycle}`);
    else if (quietMs > config.cycleStallMs + NEWS_MS_MAX + longestPauseMs(this.#scenario)) {
      world.break(`reported as stalled ${Math.round(quietMs)} ms after its last progress`);
    }
  }

  /** Who was reported as standing still never moves again. */
  #checkStandsStill(cycle: string, atMs: number): void {
    for (const { instancePlans } of this.#scenario.packingPlan.containerPlans) {
      for (const { componentName, componentIndex, taskId } of instancePlans) {
        const name = `${componentName}[${componentIndex}]`;
        if (!cycle.split(" → ").includes(name) || this.#run.ledger.lastExecutedMs(taskId) <= atMs) {
          continue;
        }
        this.#world.break(`reported as stalled, and ${name} went on after: ${cycle}`);
      }
    }
  }

  #checkEnd(): void {
    const { expectation } = this.#scenario;
    const world = this.#world;
    const cluster = this.#cluster;
    checkBounds(world, this.#scenario, cluster);
    checkRepeats(world, cluster);
    if (this.#stalled !== undefined) return;
    if (this.#endedMs === undefined) {
      world.break(`nothing happens any more: ${this.#describeStuck()}`);
      return;
    }
    if (expectation === "stalls") world.break("ended, though its cycle grows for ever");
    for (const { taskId, totals } of cluster.instances.values()) {
      if (!this.#facts.mayKill && totals === undefined) {
        world.break(`the topology ended without task ${taskId}`);
      }
    }
    checkChannels(this.#run, cluster, this.#facts);
    if (this.#scenario.isAcked) checkPositions(this.#run);
    if (expectation !== "ends" || this.#facts.mayLose) return;
    const late = checkDrops(this.#run, cluster);
    const missing = this.#run.ledger.missing() - late;
    if (missing > 0) world.break(`${missing} tuples were lost though nothing was cut or killed`);
  }
}

/** How long somebody may do nothing without being stuck: stopped, or busy. */
function longestPauseMs({ faults, behaviours, slowPairs }: Scenario): number {
  // A master whose disk is slow may lose its place, and nobody hears a report until the next one.
  const stops = faults.map((fault) =>
    fault.kind === "stop" || fault.kind === "slow_disk" ? fault.forMs : 0
  );
  const calls = [...behaviours.values()].map(({ longCallMs }) => longCallMs);
  const ways = [...slowPairs.values()].map(({ latencyMaxMs }) => 4 * latencyMaxMs);
  return Math.max(0, ...stops) + Math.max(0, ...calls) + Math.max(0, ...ways);
}

function sourcesMaxOf({ definition }: Scenario): number {
  const sizes = new Map(definition.components.map((one) => [one.name, one.parallelism]));
  return Math.max(...definition.components.map(({ inputs }) => {
    const sources = new Set(inputs.map((input) => input.component));
    return [...sources].reduce((sum, name) => sum + (sizes.get(name) ?? 0), 0);
  }));
}
