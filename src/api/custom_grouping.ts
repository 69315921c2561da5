/**
 * Groupings of the user's own: an object that names the tasks a tuple goes to. It runs in the
 * instance that emits; the plan records only that there is one.
 */

import type { TopologyContext } from "./context.ts";

/**
 * Chooses the tasks of a bolt that a tuple goes to. Each task that emits has an object of its own,
 * since the topology is built again in each instance.
 *
 * @example
 * ```ts
 * import type { CustomStreamGrouping, TopologyContext } from "heron-bin";
 *
 * // Large orders go to the first task, the others to the rest in turn.
 * class BySize implements CustomStreamGrouping {
 *   #tasks: readonly number[] = [];
 *   #next = 0;
 *
 *   prepare(_: TopologyContext, _component: string, _stream: string, tasks: readonly number[]) {
 *     this.#tasks = tasks;
 *   }
 *   chooseTasks([amount]: readonly unknown[]): readonly number[] {
 *     const [first, ...rest] = this.#tasks;
 *     const small = rest[this.#next++ % rest.length];
 *     const chosen = Number(amount) > 1000 ? first : small ?? first;
 *     return chosen === undefined ? [] : [chosen];
 *   }
 * }
 * ```
 */
export interface CustomStreamGrouping {
  /**
   * Called in the emitting task before its `open` or `prepare`, and again with each new physical
   * plan. `context` is that task's, `component` and `streamId` say what it emits to, `targetTasks`
   * are the tasks of the bolt, ascending by id, at least one.
   */
  prepare(
    context: TopologyContext,
    component: string,
    streamId: string,
    targetTasks: readonly number[],
  ): void;
  /**
   * Called for each tuple, with its values: the ids of the tasks that get a copy, from none to all
   * of the target tasks; one that is named twice gets two. Another id fails the emit with a `HeronError` "no_such_target" that names it.
   */
  chooseTasks(values: readonly unknown[]): readonly number[];
}

/** A subscription by a grouping of the user's own. */
export interface CustomSubscription {
  /** The source. */
  readonly component: string;
  readonly stream: string;
  /** What the user gave, whatever it is. */
  readonly grouping: CustomStreamGrouping;
}

/** Whether `value` has the methods of a custom grouping. */
export function isCustomGrouping(value: unknown): value is CustomStreamGrouping {
  return typeof value === "object" && value !== null &&
    "prepare" in value && typeof value.prepare === "function" &&
    "chooseTasks" in value && typeof value.chooseTasks === "function";
}

/** What is wrong with the objects of the custom groupings of `bolt` is added to `faults`. */
export function checkCustomGroupings(
  bolt: string,
  subscriptions: readonly CustomSubscription[],
  faults: string[],
): void {
  for (const { component, stream, grouping } of subscriptions) {
    if (isCustomGrouping(grouping)) continue;
    const found: unknown = grouping;
    const hint = typeof found === "function" ? "; make an instance of the class by new" : "";
    faults.push(
      `Bolt "${bolt}": custom grouping on stream "${stream}" of "${component}" is ` +
        `${found === null ? "null" : `of type "${typeof found}"`}, expected an object with ` +
        `prepare() and chooseTasks()${hint}`,
    );
  }
}
