/** The edges of a task's streams: by whom each is read, by which grouping, over which channels. */

import { groupingFields, type StreamDefinition, type Topology } from "../../api/mod.ts";
import type { Random } from "../../base/mod.ts";
import type { Consumer, PhysicalPlan } from "../../plan/mod.ts";
import {
  ByteBuffer,
  Edge,
  type OutChannel,
  ValueNotEncodable,
  writeCanonical,
} from "../../tuples/mod.ts";
import { CustomTargets } from "./custom_targets.ts";
import { notEncodable } from "./emit_errors.ts";

/** Where a task stands. */
export interface EdgeSource {
  readonly plan: PhysicalPlan;
  readonly taskId: number;
  readonly topology: Pick<Topology, "customGrouping">;
  readonly random: Random;
}

/** Makes the edges of one task. */
export class OutputEdges {
  readonly #source: EdgeSource;
  readonly #channels: ReadonlyMap<number, OutChannel>;
  /** What chooses for its custom groupings. */
  readonly customs: CustomTargets[] = [];

  /** `channels` lead to all tasks that the task can send to. */
  constructor(source: EdgeSource, channels: ReadonlyMap<number, OutChannel>) {
    this.#source = source;
    this.#channels = channels;
  }

  /** One edge for each subscription to `stream`. */
  of(stream: StreamDefinition): Edge[] {
    const { plan, taskId } = this.#source;
    const { component } = plan.task(taskId);
    return plan.consumersOf(component, stream.id).map((one) => this.#edge(stream, one));
  }

  #edge(stream: StreamDefinition, { component: consumer, grouping }: Consumer): Edge {
    const { id, fields } = stream;
    const { plan, taskId, topology, random } = this.#source;
    const { component, stmgrId } = plan.task(taskId);
    const channels = plan.tasksOf(consumer).map((task) => this.#channelTo(task));
    const plain = {
      grouping: grouping.type,
      channels,
      local: channels.filter((one) => plan.task(one.destinationTask).stmgrId === stmgrId),
      fieldIndexes: groupingFields(grouping).map((name) => fields.indexOf(name)),
      keyGroups: plan.keyGroups,
      random,
      refused: (thrown: unknown, values: readonly unknown[]) =>
        explained(thrown, { component, stream, values, by: groupingFields(grouping) }),
    };
    if (grouping.type !== "custom") return new Edge(plain);
    const object = topology.customGrouping({ bolt: consumer, component, stream: id });
    const custom = new CustomTargets(object, { component, stream: id, consumer }, channels);
    this.customs.push(custom);
    return new Edge({ ...plain, custom: (values) => custom.choose(values) });
  }

  #channelTo(task: number): OutChannel {
    const channel = this.#channels.get(task);
    if (channel === undefined) {
      throw new RangeError(`Emit to task "${task}": no channel, expected a task that subscribes`);
    }
    return channel;
  }
}

/** What grouping by a value has thrown, with the name of its field. */
function explained(
  thrown: unknown,
  emit: {
    readonly component: string;
    readonly stream: StreamDefinition;
    readonly values: readonly unknown[];
    /** The grouping fields. */
    readonly by: readonly string[];
  },
): unknown {
  if (!(thrown instanceof ValueNotEncodable)) return thrown;
  const { component, stream, values, by } = emit;
  for (const index of by.map((name) => stream.fields.indexOf(name))) {
    try {
      writeCanonical(new ByteBuffer(256), values[index]);
    } catch (again) {
      if (!(again instanceof ValueNotEncodable)) return again;
      return notEncodable(component, { ...stream, index }, again);
    }
  }
  return thrown;
}
