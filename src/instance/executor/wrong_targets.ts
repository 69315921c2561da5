/** What is thrown into user code that names a task its tuple cannot go to. */

import { HeronError } from "../../base/mod.ts";
import type { PhysicalPlan } from "../../plan/mod.ts";

/** For an emit to a task that does not subscribe by direct grouping. */
export function noSubscriber(
  plan: PhysicalPlan,
  to: {
    readonly component: string;
    readonly stream: string;
    readonly task: number;
    /** The tasks that do. */
    readonly allowed: readonly number[];
  },
): HeronError {
  const { component, stream, task, allowed } = to;
  const found = plan.has(task)
    ? `found a task of "${plan.task(task).component}", which does not subscribe by direct grouping`
    : "found no such task";
  const expected = allowed.length === 0
    ? "expected a bolt that does, by directGrouping()"
    : `expected one of ${byComponent(plan, allowed)}`;
  return new HeronError(
    "no_such_target",
    `Emit from "${component}" to task ${task} on stream "${stream}": ${found}, ${expected}`,
  );
}

function byComponent(plan: PhysicalPlan, tasks: readonly number[]): string {
  const groups = Map.groupBy(tasks, (task) => plan.task(task).component);
  return [...groups].map(([component, own]) => `[${own.join(", ")}] of "${component}"`)
    .join(" or ");
}

/** A custom grouping and what it chooses for, as the messages name them. */
export interface NamedGrouping {
  /** The class of the user's object. */
  readonly name: string;
  /** Who emits. */
  readonly component: string;
  readonly stream: string;
  /** Who subscribes by it. */
  readonly consumer: string;
}

function chooses({ name, component, stream, consumer }: NamedGrouping): string {
  return `Emit from "${component}" to stream "${stream}": custom grouping "${name}" of ` +
    `"${consumer}" chose`;
}

/** For a custom grouping that chose a task which is none of its targets. */
export function wrongChoice(
  grouping: NamedGrouping,
  task: unknown,
  targets: readonly number[],
): HeronError {
  return new HeronError(
    "no_such_target",
    `${chooses(grouping)} task ${String(task)}, expected some of [${targets.join(", ")}]`,
  );
}

/** For a custom grouping that did not return a list. */
export function noChoice(grouping: NamedGrouping, found: unknown): HeronError {
  const type = found === null ? "null" : `a value of type "${typeof found}"`;
  return new HeronError(
    "no_such_target",
    `${chooses(grouping)} ${type}, expected a list of task ids`,
  );
}
