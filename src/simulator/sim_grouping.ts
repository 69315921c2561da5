/** The custom grouping of simulated topologies: some, none or all tasks, as the tuple's identity says. */

import type { CustomStreamGrouping, TopologyContext } from "../api/mod.ts";
import { customTasks } from "./tuple_plan.ts";
import { TUPLE_FIELDS } from "./tuple_fields.ts";

/** Chooses for one task that emits. */
export class SimGrouping implements CustomStreamGrouping {
  #tasks: readonly number[] | undefined;

  prepare(
    context: TopologyContext,
    component: string,
    streamId: string,
    targetTasks: readonly number[],
  ): void {
    const consumers = context.getThisTargets().filter(({ stream, grouping }) =>
      stream === streamId && grouping.type === "custom"
    );
    const isExpected = component === context.getThisComponentId() &&
      consumers.some((one) =>
        context.getComponentTasks(one.component).join(" ") === targetTasks.join(" ")
      );
    if (!isExpected) throw new TypeError(`Prepared for "${component}" with tasks ${targetTasks}`);
    this.#tasks = targetTasks;
  }

  chooseTasks(values: readonly unknown[]): readonly number[] {
    if (this.#tasks === undefined) throw new TypeError("Called before prepare");
    return customTasks(Number(values[TUPLE_FIELDS.indexOf("identity")]), this.#tasks);
  }
}
