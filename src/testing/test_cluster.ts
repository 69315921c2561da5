/**
 * The cluster of one test: real cores in virtual containers, the user's code
 * in them, and virtual time that goes as far as the test says.
 */

import { Config, configOnTop, type TopologyDefinition } from "../api/mod.ts";
import { systemConfigFrom } from "../base/config/mod.ts";
import { HeronError } from "../base/mod.ts";
import { packRoundRobin } from "../packing/mod.ts";
import { createRun, HONEST, SimCluster, type SimRun, VirtualWorld } from "../simulator/mod.ts";
import type { Hosting, Scenario } from "../simulator/mod.ts";
import type { TestTopologyOptions } from "./options.ts";

const MIB = 1024 * 1024;
/** Emits of one call that nothing in the cluster can wait for. */
const OVERSHOOT_BYTES = 512 * MIB;
const SLOTS_EXTRA = 16_384;
/** Machines of one rack. */
const QUALITY = Object.freeze({ latencyMaxMs: 0.5, bytesPerMs: 1_000_000, kernelBytes: MIB });
/** Virtual time in which a topology has started, in ms. */
const START_LIMIT_MS = 60_000;
const EVENTS_MAX = 100_000_000;

/** What the cluster of a test is made of. */
export interface TestClusterOptions {
  readonly seed: number;
  /** With what the test says on top of its configuration. */
  readonly definition: TopologyDefinition;
  readonly hosting: Pick<Hosting, "create" | "reported"> & {
    /** A task cannot go on. */
    threw(taskId: number, thrown: unknown): HeronError;
  };
  /** Called between two events: what is to be waited for. */
  between(): Promise<void> | undefined;
}

/** The processes of a test. */
export class TestCluster {
  readonly #world: VirtualWorld;
  readonly #run: SimRun;
  readonly #cluster: SimCluster;
  readonly #tasks: readonly number[];
  #failure: HeronError | undefined;
  #startMs = 0;
  #hasEnded = false;

  /** Containers that begin to start. */
  constructor(options: TestClusterOptions) {
    const { seed, between, hosting } = options;
    this.#world = new VirtualWorld(seed, false, {
      hasExactClocks: true,
      eventsMax: EVENTS_MAX,
      between,
    });
    const scenario = scenarioOf(options);
    this.#run = createRun(this.#world, scenario, {
      interposer: HONEST,
      mayLose: true,
      hosting: {
        threadsOf: () => 1,
        slotsExtra: SLOTS_EXTRA,
        create: hosting.create,
        reported: hosting.reported,
        threw: (_run, taskId, thrown) => this.fail(hosting.threw(taskId, thrown)),
      },
    });
    this.#tasks = scenario.packingPlan.containerPlans.flatMap(({ instancePlans }) =>
      instancePlans.map(({ taskId }) => taskId)
    );
    this.#cluster = new SimCluster(this.#run, {
      ended: () => void (this.#hasEnded = true),
      stalled: (cycle) =>
        this.fail(
          new HeronError(
            "stalled",
            `Run the topology: found tasks that wait for each other in a circle, ${cycle}`,
          ),
        ),
    });
  }

  /** The tasks of a component, in the order of their index. */
  tasksOf(component: string): readonly number[] {
    return this.#places(component).map(({ taskId }) => taskId);
  }

  #places(component: string) {
    const { containerPlans } = this.#run.scenario.packingPlan;
    return containerPlans.flatMap(({ id, instancePlans }) =>
      instancePlans.filter(({ componentName }) => componentName === component)
        .map(({ taskId, componentIndex }) => ({ container: id, taskId, componentIndex }))
    ).sort((a, b) => a.componentIndex - b.componentIndex);
  }

  /** Virtual time since the start, in ms. */
  get nowMs(): number {
    return this.#world.nowMs() - this.#startMs;
  }

  /** All tasks have ended. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** The run is over: the first failure counts. */
  fail(failure: HeronError): void {
    this.#failure ??= failure;
    this.#world.break(failure.message);
  }

  /** Starts all tasks; spouts are not asked for tuples before `open`. */
  async start(): Promise<void> {
    const paused = new Set<unknown>();
    await this.#until(() => {
      for (const { core } of this.#cluster.instances.values()) {
        if (!paused.has(core)) core.pause(true);
        paused.add(core);
      }
      return this.#isUp || this.#world.nowMs() > START_LIMIT_MS;
    });
    if (!this.#isUp) throw new HeronError("timeout", "Start the topology: found tasks not open");
    this.#startMs = this.#world.nowMs();
  }

  /** Lets spouts be asked for tuples. */
  open(): void {
    for (const { executor } of this.#cluster.instances.values()) {
      executor.post((core) => core.pause(false));
    }
  }

  /** All tasks are open, and all containers linked. */
  get #isUp(): boolean {
    const { instances, stmgrs } = this.#cluster;
    if (instances.size < this.#tasks.length) return false;
    for (const { core, process } of instances.values()) {
      if (process.isDead || core.state === "waiting" || core.state === "opening") return false;
    }
    const pairs = stmgrs.size * (stmgrs.size - 1) / 2;
    return this.#run.network.linksUp("peer").length === pairs;
  }

  /** Nothing is under way: no call, no tuple, no process that starts. */
  get isQuiet(): boolean {
    if (!this.#isUp) return false;
    const { instances, stmgrs } = this.#cluster;
    return [...instances.values()].every(({ core }) =>
      !core.isPending && (core.intake?.heldBytes ?? 0) === 0
    ) && [...stmgrs.values()].every(({ core }) => core.waitingBytes === 0);
  }

  /** Lets virtual time go on by `ms`; stops when all tasks have ended. */
  async advance(ms: number): Promise<void> {
    let isOver = false;
    this.#world.after(ms, () => void (isOver = true));
    await this.#until(() => isOver);
  }

  /** Lets virtual time go on until all tasks have ended, or for `limitMs`. */
  async untilEnded(limitMs: number): Promise<void> {
    const limit = this.#world.nowMs() + limitMs;
    await this.#until(() => this.#hasEnded || this.#world.nowMs() > limit);
  }

  /** Which tasks have not ended. */
  get unended(): readonly number[] {
    return this.#tasks.filter((task) => {
      const state = this.#cluster.instances.get(task)?.core.state;
      return state !== "ended" && state !== "closed";
    });
  }

  async #until(isOver: () => boolean): Promise<void> {
    this.throwFailure();
    await this.#world.run(isOver);
    this.throwFailure();
  }

  /** @throws HeronError what ended the run */
  throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure;
    const { broken } = this.#world;
    if (broken !== undefined) {
      throw new HeronError("internal", `Run the topology: found a defect of heron-bin, ${broken}`);
    }
  }

  /** Kills a task; its container starts it again. @throws RangeError when there is no such task */
  crash(component: string, index: number): void {
    const place = this.#places(component)[index];
    if (place === undefined) {
      throw new RangeError(
        `Crash a task: found no ${component}[${index}], expected an index below ${
          this.tasksOf(component).length
        }`,
      );
    }
    const { container, taskId } = place;
    const cluster = this.#cluster;
    const id = cluster.idOf({ role: "instance", container, task: taskId });
    cluster.containers.get(container)?.crash(id);
  }

  /** Cuts the link between two containers; it is dialled again. @throws RangeError when there is none */
  cut(first: number, second: number): void {
    const { network } = this.#run;
    const links = network.linksUp("peer", [first, second]);
    if (links.length === 0) {
      throw new RangeError(
        `Cut a link: found none between containers ${first} and ${second}, expected two of ${
          [...this.#cluster.stmgrs.keys()].join(", ")
        } that are linked`,
      );
    }
    for (const link of links) network.cut(link, { firstMs: 0, secondMs: 0, tellsWriter: true });
  }

  /**
   * Calls `close` and `cleanup` of all tasks, as at an orderly end: not after a failure.
   * @returns what some threw, by task
   */
  async close(): Promise<ReadonlyMap<number, unknown>> {
    const faults = new Map<number, unknown>();
    if (this.#failure !== undefined) return faults;
    for (const [taskId, { core, process }] of this.#cluster.instances) {
      if (process.isDead) continue;
      try {
        await core.close();
      } catch (thrown) {
        faults.set(taskId, thrown);
      }
    }
    return faults;
  }
}

function scenarioOf(options: TestClusterOptions): Scenario {
  const { seed, definition } = options;
  const { config } = definition;
  const system = systemConfigFrom(config);
  return {
    seed,
    definition,
    behaviours: new Map(),
    packingPlan: packRoundRobin(definition, definition.name),
    // Nobody else can work while a call waits: it may emit as much as it likes.
    config: { ...system, emitOvershootBytes: OVERSHOOT_BYTES },
    ringBytes: MIB,
    quality: QUALITY,
    faults: [],
    isCyclic: false,
    expectation: "ends",
    isAcked: system.topologyReliabilityMode !== "ATMOST_ONCE",
    isTimely: false,
    isHealing: false,
    slowPairs: new Map(),
    hasQuietDrain: false,
  };
}

/**
 * The topology with what the test says on top of its configuration.
 * @throws HeronError "invalid_config" with what is wrong with that
 */
export function definitionOf(
  definition: TopologyDefinition,
  { config = {}, containers }: TestTopologyOptions,
): TopologyDefinition {
  const onTop = containers === undefined
    ? config
    : new Config().putAll(config).setNumStmgrs(containers);
  return { ...definition, config: configOnTop(definition, onTop) };
}
