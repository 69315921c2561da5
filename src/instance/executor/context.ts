/** `TopologyContext` over the physical plan. */

import {
  Fields,
  type InputDefinition,
  type ITaskHook,
  type KeyedState,
  type KeyedStateOptions,
  type NumericKeyedState,
  type TargetDefinition,
  type TopologyContext,
  type TopologyDefinition,
} from "../../api/mod.ts";
import { KeyedStates } from "../../checkpoint/mod.ts";
import type { PhysicalPlan } from "../../plan/mod.ts";
import type { Onlookers } from "./onlookers.ts";
import type { TimerCallback, TimerEvents } from "./timer_events.ts";
import type { Registrable } from "./user_metrics.ts";

/** What of a task is not in the plan. */
export interface ContextPlace {
  /** The topology as it was built. */
  readonly topology: TopologyDefinition;
  readonly onlookers: Pick<Onlookers, "metrics" | "hooks">;
  readonly timers: TimerEvents;
}

/** What a task can ask about itself and the topology. */
export class TaskContext implements TopologyContext {
  #plan: PhysicalPlan;
  readonly #taskId: number;
  readonly #place: ContextPlace;
  readonly #data = new Map<string, unknown>();
  /** What user code keeps by key. */
  readonly states: KeyedStates;

  /** The context of task `taskId`. */
  constructor(plan: PhysicalPlan, taskId: number, place: ContextPlace) {
    this.#place = place;
    this.#plan = plan;
    this.#taskId = taskId;
    const component = this.getThisComponentId();
    this.states = new KeyedStates({
      component,
      index: this.getThisTaskIndex(),
      parallelism: this.getComponentTasks(component).length,
      inputs: this.getThisSources(),
      keyGroups: plan.keyGroups,
    });
  }

  /** Tells of `plan` from now on; what is kept for the task stays. */
  takePlan(plan: PhysicalPlan): void {
    this.#plan = plan;
  }

  getTopologyId(): string {
    return this.#plan.topologyId;
  }

  getTopologyName(): string {
    return this.#plan.topologyName;
  }

  getRawTopology(): TopologyDefinition {
    return this.#place.topology;
  }

  maxTopologyMessageTimeout(): number {
    // The builder filled it in.
    return Number(this.#place.topology.config["topology.message.timeout.secs"]);
  }

  getThisTaskId(): number {
    return this.#taskId;
  }

  getThisComponentId(): string {
    return this.#plan.task(this.#taskId).component;
  }

  getThisTaskIndex(): number {
    return this.getComponentTasks(this.getThisComponentId()).indexOf(this.#taskId);
  }

  getComponentTasks(component: string): readonly number[] {
    return this.#plan.tasksOf(component);
  }

  getComponentId(taskId: number): string {
    return this.#plan.task(taskId).component;
  }

  getComponentIds(): readonly string[] {
    return this.#plan.components.map((component) => component.name);
  }

  getTaskToComponent(): ReadonlyMap<number, string> {
    return new Map(this.#plan.tasks.map((task) => [task.taskId, task.component]));
  }

  getThisStreams(): readonly string[] {
    return this.getComponentStreams(this.getThisComponentId());
  }

  getComponentStreams(component: string): readonly string[] {
    return this.#plan.component(component).outputs.map((stream) => stream.id);
  }

  getThisOutputFields(streamId: string): Fields {
    return this.getComponentOutputFields(this.getThisComponentId(), streamId);
  }

  getComponentOutputFields(component: string, streamId: string): Fields {
    const outputs = this.#plan.component(component).outputs;
    const stream = outputs.find((output) => output.id === streamId);
    if (stream === undefined) {
      throw new RangeError(
        `Look up stream "${streamId}" of "${component}": not declared, expected one of [${
          outputs.map((output) => output.id).join(", ")
        }]`,
      );
    }
    return new Fields(stream.fields);
  }

  getThisSources(): readonly InputDefinition[] {
    return this.getSources(this.getThisComponentId());
  }

  getSources(component: string): readonly InputDefinition[] {
    return this.#plan.component(component).inputs;
  }

  getThisTargets(): readonly TargetDefinition[] {
    return this.getTargets(this.getThisComponentId());
  }

  getTargets(component: string): readonly TargetDefinition[] {
    return this.#plan.component(component).outputs.flatMap((stream) =>
      this.#plan.consumersOf(component, stream.id).map((consumer) => ({
        stream: stream.id,
        component: consumer.component,
        grouping: consumer.grouping,
      }))
    );
  }

  keyedState(
    name: string,
    options: KeyedStateOptions<"int32" | "float64">,
  ): NumericKeyedState<number>;
  keyedState(name: string, options: KeyedStateOptions<"int64">): NumericKeyedState<bigint>;
  keyedState<Value>(name: string, options: KeyedStateOptions<"any">): KeyedState<Value>;
  keyedState(
    name: string,
    options: KeyedStateOptions,
  ): KeyedState<unknown> | NumericKeyedState<number> | NumericKeyedState<bigint> {
    return this.states.open(name, options);
  }

  registerTimer(name: string, everyMs: number, callback: TimerCallback): void {
    this.#place.timers.register(name, everyMs, callback);
  }

  registerMetric(name: string, given: Registrable, bucketSeconds: number): never {
    // What its overloads say of the metric that is returned.
    return this.#place.onlookers.metrics.register(name, given, bucketSeconds) as never;
  }

  addTaskHook(hook: ITaskHook): void {
    this.#place.onlookers.hooks.add(hook);
  }

  getHooks(): readonly ITaskHook[] {
    return [...this.#place.onlookers.hooks.all];
  }

  setTaskData(name: string, value: unknown): void {
    this.#data.set(name, value);
  }

  getTaskData(name: string): unknown {
    return this.#data.get(name);
  }
}
