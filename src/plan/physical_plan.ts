/**
 * The physical plan as roles use it: which task runs where, and who can send
 * to whom. Made once of a `PlanUpdate`; lookups are by task id, neighbours are
 * computed when first asked for and kept.
 */

import type { ComponentDefinition, GroupingDefinition, TopologyDefinition } from "../api/mod.ts";
import { HeronError } from "../base/mod.ts";
import type { Instance } from "../base/gen/heron/physical_plan_pb.ts";
import { TopologyState } from "../base/gen/heron/topology_pb.ts";
import type { PlanUpdate } from "../base/gen/heron_bin/packet_pb.ts";
import { ComponentGraph } from "./component_graph.ts";
import { containerOfStmgr } from "./ids.ts";
import { keyGroupsOf } from "./key_group_count.ts";
import { logicalPlanFromProto } from "./logical_plan.ts";

/** Which life of a task: epoch of its supervisor, counter. */
export interface TaskLife {
  readonly epoch: number;
  readonly counter: number;
}

/** Where one task runs. */
export interface TaskPlan {
  readonly taskId: number;
  readonly component: string;
  /** From 0, within the component. */
  readonly componentIndex: number;
  readonly containerId: number;
  readonly instanceId: string;
  readonly stmgrId: string;
  /** All zero where the plan knows of none. */
  readonly incarnation: TaskLife;
}

/** Where a stream manager listens for its peers. */
export interface StmgrAddress {
  readonly stmgrId: string;
  readonly host: string;
  readonly port: number;
}

/** A subscription to a stream, seen from its source. */
export interface Consumer {
  readonly component: string;
  readonly grouping: GroupingDefinition;
}

const UNBORN: TaskLife = Object.freeze({ epoch: 0, counter: 0 });

/** An immutable view of one plan. */
export class PhysicalPlan {
  readonly version: number;
  readonly addressVersion: number;
  readonly restoreEpoch: number;
  /** The topology is deactivated: spouts are not asked for tuples. */
  readonly isPaused: boolean;
  readonly keyGroups: number;
  readonly topologyId: string;
  readonly definition: TopologyDefinition;
  /** All tasks, ascending by id. */
  readonly tasks: readonly TaskPlan[];
  readonly stmgrs: readonly StmgrAddress[];
  readonly #byId: (TaskPlan | undefined)[] = [];
  readonly #tasksOf = new Map<string, number[]>();
  readonly #tasksInStmgr = new Map<string, number>();
  readonly #components = new Map<string, ComponentDefinition>();
  readonly #graph: ComponentGraph;
  readonly #sources = new Map<string, readonly number[]>();
  readonly #targets = new Map<string, readonly number[]>();
  readonly #alignment = new Map<string, readonly number[]>();

  private constructor(update: PlanUpdate) {
    const plan = update.plan;
    if (plan?.topology === undefined) throw corrupt("no topology", "one");
    this.version = update.planVersion;
    this.addressVersion = update.addressVersion;
    this.restoreEpoch = update.restoreEpoch;
    this.isPaused = plan.topology.state === TopologyState.PAUSED;
    this.topologyId = plan.topology.id;
    this.definition = logicalPlanFromProto(plan.topology);
    this.keyGroups = keyGroupsOf(this.definition);
    this.stmgrs = plan.stmgrs.map((one) => ({
      stmgrId: one.id,
      host: one.hostName,
      port: one.dataPort,
    }));
    for (const component of this.definition.components) {
      this.#components.set(component.name, component);
      this.#tasksOf.set(component.name, []);
    }
    for (const { stmgrId } of this.stmgrs) this.#tasksInStmgr.set(stmgrId, 0);
    const lives = new Map(update.tasks.map((one) => [one.task, one.incarnation ?? UNBORN]));
    this.tasks = plan.instances.map((instance) => taskOf(instance, lives))
      .sort((a, b) => a.taskId - b.taskId);
    for (const task of this.tasks) this.#index(task);
    this.#checkParallelism();
    this.#graph = new ComponentGraph(this.definition);
  }

  #index(task: TaskPlan): void {
    const { taskId, component, stmgrId } = task;
    if (this.has(taskId)) throw corrupt(`task ${taskId} twice`, "each task once");
    const siblings = this.#tasksOf.get(component);
    if (siblings === undefined) {
      throw corrupt(`task ${taskId} of "${component}"`, "a component of the topology");
    }
    const neighbours = this.#tasksInStmgr.get(stmgrId);
    if (neighbours === undefined) {
      throw corrupt(`task ${taskId} at "${stmgrId}"`, "a stream manager of the plan");
    }
    this.#byId[taskId] = task;
    siblings.push(taskId);
    this.#tasksInStmgr.set(stmgrId, neighbours + 1);
  }

  #checkParallelism(): void {
    for (const { name, parallelism } of this.components) {
      const found = this.tasksOf(name).length;
      if (found === parallelism) continue;
      throw corrupt(`${found} tasks of "${name}"`, `its parallelism, ${parallelism}`);
    }
  }

  /**
   * The plan that `update` carries.
   * @throws HeronError "corrupt" when it carries none
   */
  static from(update: PlanUpdate): PhysicalPlan {
    return new PhysicalPlan(update);
  }

  /** The topology's name. */
  get topologyName(): string {
    return this.definition.name;
  }

  /** All components: spouts, then bolts. */
  get components(): readonly ComponentDefinition[] {
    return this.definition.components;
  }

  /** The largest task id. */
  get largestTaskId(): number {
    return this.tasks.at(-1)?.taskId ?? 0;
  }

  /** Whether there is a task `taskId`. */
  has(taskId: number): boolean {
    return this.#byId[taskId] !== undefined;
  }

  /**
   * The task `taskId`.
   * @throws RangeError when there is none
   */
  task(taskId: number): TaskPlan {
    const task = this.#byId[taskId];
    if (task === undefined) {
      throw new RangeError(
        `Look up task ${taskId}: not found, expected 1 to ${this.largestTaskId}`,
      );
    }
    return task;
  }

  /**
   * The component `name`.
   * @throws RangeError when there is none
   */
  component(name: string): ComponentDefinition {
    const component = this.#components.get(name);
    if (component === undefined) {
      throw new RangeError(
        `Look up component "${name}": not found, expected one of [${
          [...this.#components.keys()].join(", ")
        }]`,
      );
    }
    return component;
  }

  /** The tasks of `component`, ascending. */
  tasksOf(component: string): readonly number[] {
    this.component(component);
    return this.#tasksOf.get(component) ?? [];
  }

  /** How many tasks share the container of `taskId`. */
  tasksInContainerOf(taskId: number): number {
    return this.#tasksInStmgr.get(this.task(taskId).stmgrId) ?? 1;
  }

  /** Which life of `taskId` the plan knows. */
  incarnationOf(taskId: number): TaskLife {
    return this.task(taskId).incarnation;
  }

  /** Who subscribes to `stream` of `component`. */
  consumersOf(component: string, stream: string): Consumer[] {
    return this.definition.components.flatMap((consumer) =>
      consumer.inputs
        .filter((input) => input.component === component && input.stream === stream)
        .map((input) => ({ component: consumer.name, grouping: input.grouping }))
    );
  }

  /** Every task that can send to `taskId`, ascending. */
  sourcesOf(taskId: number): readonly number[] {
    return this.#neighbours(this.#sources, taskId, (name) => this.#graph.sourcesOf(name));
  }

  /** Every task that `taskId` can send to, ascending. */
  targetsOf(taskId: number): readonly number[] {
    return this.#neighbours(this.#targets, taskId, (name) => this.#graph.targetsOf(name));
  }

  #neighbours(
    kept: Map<string, readonly number[]>,
    taskId: number,
    componentsOf: (name: string) => readonly string[],
  ): readonly number[] {
    const component = this.task(taskId).component;
    const known = kept.get(component);
    if (known !== undefined) return known;
    const tasks = this.#tasksOfAll(componentsOf(component));
    kept.set(component, tasks);
    return tasks;
  }

  #tasksOfAll(components: readonly string[]): readonly number[] {
    return components.flatMap((name) => this.tasksOf(name)).sort((a, b) => a - b);
  }

  /**
   * The tasks whose markers `taskId` waits for: its sources, less those behind
   * it in a cycle.
   */
  alignmentSourcesOf(taskId: number): readonly number[] {
    return this.#neighbours(
      this.#alignment,
      taskId,
      (name) => this.#graph.alignmentSourcesOf(name),
    );
  }

  /** A cycle that tuples of `component` can reach, as "a → b → a"; undefined: there is none. */
  cycleReachedFrom(component: string): string | undefined {
    return this.#graph.cycleReachedFrom(component)?.join(" → ");
  }

  /** The same for a cycle that is fed from outside at more than one of its components. */
  cycleFedTwiceFrom(component: string): string | undefined {
    return this.#graph.cycleFedTwiceFrom(component)?.join(" → ");
  }

  /** Whether tuples of component `from` can come to component `to`. */
  canReach(from: string, to: string): boolean {
    return this.#graph.canReach(from, to);
  }
}

function taskOf(instance: Instance, lives: ReadonlyMap<number, TaskLife>): TaskPlan {
  const { info, instanceId, stmgrId } = instance;
  const taskId = info?.taskId ?? 0;
  const containerId = containerOfStmgr(stmgrId);
  if (info === undefined || containerId === undefined || taskId < 1) {
    throw corrupt(
      `instance "${instanceId}" with task ${taskId} at "${stmgrId}"`,
      "a task from 1 at a stream manager",
    );
  }
  return {
    taskId,
    component: info.componentName,
    componentIndex: info.componentIndex,
    containerId,
    instanceId,
    stmgrId,
    incarnation: lives.get(taskId) ?? UNBORN,
  };
}

function corrupt(found: string, expected: string): HeronError {
  return new HeronError("corrupt", `Read a physical plan: found ${found}, expected ${expected}`);
}
