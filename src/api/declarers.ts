/**
 * What `setSpout` and `setBolt` return: configuration and subscriptions of one
 * component. Calls are only recorded here; all checks come when the topology is built.
 */

import type { IBolt } from "./bolt.ts";
import type { CustomStreamGrouping, CustomSubscription } from "./custom_grouping.ts";
import { Config, toConfigMap } from "./config.ts";
import type { ConfigMap, ConfigValue, GroupingDefinition, InputDefinition } from "./definition.ts";
import type { FieldNames } from "./output_fields_declarer.ts";
import type { ISpout } from "./spout.ts";
import { DEFAULT_STREAM } from "./ids.ts";

/** Configuration of one component; it wins over the topology's. Calls can be chained. */
export interface ComponentDeclarer<Self> {
  /** Sets one key. */
  addConfiguration(key: string, value: ConfigValue): Self;
  /** Sets all keys of `values`. */
  addConfigurations(values: ConfigMap | Config): Self;
  /** Sets whether each emit is logged. */
  setDebug(enabled: boolean): Self;
  /** Sets how many tuples of a spout task may be unacked, at least 1. */
  setMaxSpoutPending(tuples: number): Self;
}

/** Configuration of one spout. */
export interface SpoutDeclarer extends ComponentDeclarer<SpoutDeclarer> {}

/**
 * Configuration and subscriptions of one bolt. A bolt may subscribe to a stream several times by
 * different groupings; each subscription gets its own copy. Streams default to `default`.
 */
export interface BoltDeclarer extends ComponentDeclarer<BoltDeclarer> {
  /** Sets the seconds between tick tuples, above 0. */
  setTickTupleFrequency(seconds: number): BoltDeclarer;
  /** Sets the milliseconds between tick tuples, at least 1. */
  setTickTupleFrequencyMs(milliseconds: number): BoltDeclarer;
  /** Each tuple goes to one task, evenly. */
  shuffleGrouping(component: string, streamId?: string): BoltDeclarer;
  /**
   * Each tuple goes to one task: of those in the emitting task's own container while they have
   * credit, else of all, as by shuffle.
   */
  localOrShuffleGrouping(component: string, streamId?: string): BoltDeclarer;
  /** The same as shuffle. */
  noneGrouping(component: string, streamId?: string): BoltDeclarer;
  /** Tuples with equal values of `fields` go to the same task. */
  fieldsGrouping(component: string, fields: FieldNames): BoltDeclarer;
  /** Tuples of the stream `streamId` with equal values of `fields` go to the same task. */
  fieldsGrouping(component: string, streamId: string, fields: FieldNames): BoltDeclarer;
  /**
   * Tuples with equal values of `fields` go to one of the same two tasks: to the one that this
   * source has sent less by this grouping. For keys of which a few are very frequent.
   */
  partialKeyGrouping(component: string, fields: FieldNames): BoltDeclarer;
  /** The same for the stream `streamId`. */
  partialKeyGrouping(component: string, streamId: string, fields: FieldNames): BoltDeclarer;
  /** Each tuple goes to the task with the lowest id. */
  globalGrouping(component: string, streamId?: string): BoltDeclarer;
  /** Each tuple goes to all tasks. */
  allGrouping(component: string, streamId?: string): BoltDeclarer;
  /** The source picks the task, by `emitDirect`; a plain `emit` reaches nobody here. */
  directGrouping(component: string, streamId?: string): BoltDeclarer;
  /** Each tuple goes to the tasks that `grouping` chooses. */
  customGrouping(component: string, grouping: CustomStreamGrouping): BoltDeclarer;
  /** The same for the stream `streamId`. */
  customGrouping(
    component: string,
    streamId: string,
    grouping: CustomStreamGrouping,
  ): BoltDeclarer;
  /** Subscribes by a grouping as plain data, such as one of `context.getThisSources()`, or by one's own. */
  grouping(
    component: string,
    streamId: string,
    grouping: GroupingDefinition | CustomStreamGrouping,
  ): BoltDeclarer;
}

/** A component as the user described it, not yet checked. */
export interface ComponentDraft {
  readonly id: string;
  readonly kind: "spout" | "bolt";
  /** What runs: for a basic bolt, its wrapper. */
  readonly component: ISpout | IBolt;
  /** What the user gave, whatever it is. */
  readonly code: unknown;
  readonly parallelism: number;
  readonly config: Config;
  readonly inputs: InputDefinition[];
  /** The objects of its custom groupings. */
  readonly customs: CustomSubscription[];
}

/** Records the calls of both interfaces into a draft. */
export class DraftDeclarer implements BoltDeclarer {
  readonly #draft: ComponentDraft;

  constructor(draft: ComponentDraft) {
    this.#draft = draft;
  }

  addConfiguration(key: string, value: ConfigValue): this {
    this.#draft.config.put(key, value);
    return this;
  }

  addConfigurations(values: ConfigMap | Config): this {
    this.#draft.config.putAll(toConfigMap(values));
    return this;
  }

  setDebug(enabled: boolean): this {
    return this.addConfiguration(Config.TOPOLOGY_DEBUG, enabled);
  }

  setMaxSpoutPending(tuples: number): this {
    return this.addConfiguration(Config.TOPOLOGY_MAX_SPOUT_PENDING, tuples);
  }

  setTickTupleFrequency(seconds: number): this {
    return this.setTickTupleFrequencyMs(seconds * 1000);
  }

  setTickTupleFrequencyMs(milliseconds: number): this {
    return this.addConfiguration(Config.TOPOLOGY_TICK_TUPLE_FREQ_MS, milliseconds);
  }

  shuffleGrouping(component: string, streamId: string = DEFAULT_STREAM): this {
    return this.#subscribe(component, streamId, { type: "shuffle" });
  }

  localOrShuffleGrouping(component: string, streamId: string = DEFAULT_STREAM): this {
    return this.#subscribe(component, streamId, { type: "localOrShuffle" });
  }

  noneGrouping(component: string, streamId: string = DEFAULT_STREAM): this {
    return this.#subscribe(component, streamId, { type: "none" });
  }

  fieldsGrouping(component: string, fields: FieldNames): this;
  fieldsGrouping(component: string, streamId: string, fields: FieldNames): this;
  fieldsGrouping(component: string, first: string | FieldNames, second?: FieldNames): this {
    const [streamId, fields] = streamAndFields(first, second);
    return this.#subscribe(component, streamId, { type: "fields", fields });
  }

  partialKeyGrouping(component: string, fields: FieldNames): this;
  partialKeyGrouping(component: string, streamId: string, fields: FieldNames): this;
  partialKeyGrouping(component: string, first: string | FieldNames, second?: FieldNames): this {
    const [streamId, fields] = streamAndFields(first, second);
    return this.#subscribe(component, streamId, { type: "partialKey", fields });
  }

  globalGrouping(component: string, streamId: string = DEFAULT_STREAM): this {
    return this.#subscribe(component, streamId, { type: "global" });
  }

  allGrouping(component: string, streamId: string = DEFAULT_STREAM): this {
    return this.#subscribe(component, streamId, { type: "all" });
  }

  directGrouping(component: string, streamId: string = DEFAULT_STREAM): this {
    return this.#subscribe(component, streamId, { type: "direct" });
  }

  customGrouping(component: string, grouping: CustomStreamGrouping): this;
  customGrouping(component: string, streamId: string, grouping: CustomStreamGrouping): this;
  customGrouping(component: string, ...rest: CustomArguments): this {
    const [stream, grouping] = rest.length === 2 ? rest : [DEFAULT_STREAM, rest[0]];
    this.#draft.customs.push({ component, stream, grouping });
    return this.#subscribe(component, stream, { type: "custom" });
  }

  grouping(
    component: string,
    streamId: string,
    grouping: GroupingDefinition | CustomStreamGrouping,
  ): this {
    // That there is a custom one is not enough: its object is wanted, and found missing later.
    if ("chooseTasks" in grouping || grouping.type === "custom") {
      // What else it is is checked with all other objects.
      return this.customGrouping(component, streamId, grouping as CustomStreamGrouping);
    }
    return this.#subscribe(component, streamId, grouping);
  }

  #subscribe(component: string, stream: string, grouping: GroupingDefinition): this {
    this.#draft.inputs.push({ component, stream, grouping });
    return this;
  }
}

type CustomArguments = [CustomStreamGrouping] | [streamId: string, CustomStreamGrouping];

function streamAndFields(
  first: string | FieldNames,
  second: FieldNames = [],
): [streamId: string, fields: string[]] {
  return typeof first === "string" ? [first, [...second]] : [DEFAULT_STREAM, [...first]];
}
