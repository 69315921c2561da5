/** A custom grouping at work: the user's object, and the channels to the tasks it may choose. */

import type { CustomStreamGrouping, TopologyContext } from "../../api/mod.ts";
import type { OutChannel } from "../../tuples/mod.ts";
import { type NamedGrouping, noChoice, wrongChoice } from "./wrong_targets.ts";

/** What chooses among the tasks of one consumer. */
export class CustomTargets {
  readonly #grouping: CustomStreamGrouping;
  readonly #named: NamedGrouping;
  readonly #channels: ReadonlyMap<number, OutChannel>;
  readonly #tasks: readonly number[];

  /** `channels` lead to the tasks of the consumer, by ascending task id. */
  constructor(
    grouping: CustomStreamGrouping,
    subscription: Omit<NamedGrouping, "name">,
    channels: readonly OutChannel[],
  ) {
    this.#grouping = grouping;
    // An object without a prototype has no class.
    const made: { readonly name: string } | undefined = grouping.constructor;
    this.#named = { ...subscription, name: made?.name ?? "Object" };
    this.#channels = new Map(channels.map((channel) => [channel.destinationTask, channel]));
    this.#tasks = Object.freeze([...this.#channels.keys()]);
  }

  /** Tells the user's object whom it chooses for; before the first tuple, and for each new plan. */
  prepare(context: TopologyContext): void {
    const { component, stream } = this.#named;
    this.#grouping.prepare(context, component, stream, this.#tasks);
  }

  /**
   * The channels for `values`.
   * @throws HeronError "no_such_target" when the user's object chose what is no task of the consumer
   */
  choose(values: readonly unknown[]): readonly OutChannel[] {
    const tasks: unknown = this.#grouping.chooseTasks(values);
    if (!Array.isArray(tasks)) throw noChoice(this.#named, tasks);
    return tasks.map((task: unknown) => {
      const channel = typeof task === "number" ? this.#channels.get(task) : undefined;
      if (channel === undefined) throw wrongChoice(this.#named, task, this.#tasks);
      return channel;
    });
  }
}
