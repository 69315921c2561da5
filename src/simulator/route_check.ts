/**
 * Looks at where tuples go, from the definition alone: each grouping chooses
 * the tasks that it is to choose, local ones first where they have credit, and
 * a source waits only for credit that it may need.
 */

import type { TargetDefinition, TopologyContext, TopologyDefinition } from "../api/mod.ts";
import type { PackingPlan } from "../base/gen/heron/packing_plan_pb.ts";
import { customTasks, type Identity, type PlannedTuple } from "./tuple_plan.ts";

/** The channels of the task that emits. */
export interface Ways {
  /** Bytes of credit left towards `task`. */
  headroom(task: number): number;
  /** Whether `task` is in the same container. */
  isNear(task: number): boolean;
}

/** What to expect of one emit: taken before it. */
export class RouteCheck {
  readonly #parts: { readonly target: TargetDefinition; readonly allowed: readonly number[] }[];
  readonly #identity: Identity;
  /** The task that the source names. */
  readonly #direct: number | undefined;
  readonly #tasksOf: (component: string) => readonly number[];

  /** Before a tuple of `identity` is emitted to `stream`. */
  constructor(
    context: Pick<TopologyContext, "getThisTargets" | "getComponentTasks">,
    { stream, identity, direct }: Pick<PlannedTuple, "stream" | "identity" | "direct">,
    ways: Ways,
  ) {
    this.#identity = identity;
    this.#direct = direct;
    this.#tasksOf = (component) => context.getComponentTasks(component);
    this.#parts = context.getThisTargets().filter((one) => one.stream === stream)
      .map((target) => ({ target, allowed: this.#allowed(target, ways) }));
  }

  /** The tasks that may be chosen where only one is. */
  #allowed({ component, grouping }: TargetDefinition, ways: Ways): readonly number[] {
    const tasks = this.#tasksOf(component);
    if (grouping.type === "global") return tasks.slice(0, 1);
    if (grouping.type !== "localOrShuffle") return tasks;
    const near = tasks.filter((task) => ways.isNear(task) && ways.headroom(task) > 0);
    if (near.length > 0) return near;
    const withCredit = tasks.filter((task) => ways.headroom(task) > 0);
    return withCredit.length > 0 ? withCredit : tasks;
  }

  /** What is wrong with the tasks that the emit has told, in the order of the subscriptions. */
  fault(chosen: readonly number[]): string | undefined {
    let place = 0;
    for (const { target: { component, grouping }, allowed } of this.#parts) {
      const all = this.#tasksOf(component);
      const exact = grouping.type === "all"
        ? all
        : grouping.type === "custom"
        ? this.#direct === undefined ? customTasks(this.#identity, all) : []
        : grouping.type === "direct"
        ? []
        : undefined;
      const found = chosen.slice(place, place += exact?.length ?? 1);
      const isRight = exact === undefined
        ? allowed.includes(found[0] ?? 0)
        : found.join(" ") === exact.join(" ");
      if (isRight) continue;
      return `"${grouping.type}" of ${component} chose [${found}], expected ${
        exact === undefined ? "one" : "all"
      } of [${exact ?? allowed}]`;
    }
    if (this.#direct !== undefined && chosen[place++] !== this.#direct) {
      return `[${chosen}] lacks the task ${this.#direct} that was named`;
    }
    return place === chosen.length ? undefined : `[${chosen.slice(place)}] are nobody's choice`;
  }
}

/** A subscription to a stream of a task. */
interface Reader {
  readonly grouping: TargetDefinition["grouping"]["type"];
  readonly tasks: readonly number[];
}

/** Where the tasks of a run are, and who reads them. */
export class Routes {
  readonly #container = new Map<number, number>();
  readonly #component = new Map<number, string>();
  readonly #readers = new Map<string, Reader[]>();

  /** The tasks of a packed topology. */
  constructor(definition: TopologyDefinition, packingPlan: PackingPlan) {
    const tasks = new Map<string, number[]>();
    for (const { id, instancePlans } of packingPlan.containerPlans) {
      for (const { taskId, componentName } of instancePlans) {
        this.#container.set(taskId, id);
        this.#component.set(taskId, componentName);
        tasks.set(componentName, [...tasks.get(componentName) ?? [], taskId]);
      }
    }
    for (const { name, inputs } of definition.components) {
      for (const { component, grouping } of inputs) {
        const reader = { grouping: grouping.type, tasks: tasks.get(name) ?? [] };
        this.#readers.set(component, [...this.#readers.get(component) ?? [], reader]);
      }
    }
  }

  /** Whether two tasks are in one container. */
  isNear(task: number, other: number): boolean {
    return this.#container.get(task) === this.#container.get(other);
  }

  /** Whether `task` may be kept from being called for want of credit. */
  mayWait(task: number, headroom: Ways["headroom"]): boolean {
    return mayWait(this.#readers.get(this.#component.get(task) ?? "") ?? [], headroom);
  }
}

function mayWait(readers: readonly Reader[], headroom: Ways["headroom"]): boolean {
  return readers.some(({ grouping, tasks }) => {
    const without = tasks.filter((task) => headroom(task) <= 0).length;
    switch (grouping) {
      case "shuffle":
      case "none":
      case "localOrShuffle":
        return without === tasks.length;
      case "partialKey":
        return without >= Math.min(2, tasks.length);
      default:
        return without > 0;
    }
  });
}
