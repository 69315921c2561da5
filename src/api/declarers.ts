/**
 * What `setSpout` and `setBolt` return: configuration and subscriptions of one
 * component. Calls are only recorded here; all checks come when the topology is built.
 */

import type { IBolt } from "./bolt.ts";
import type { CustomStreamGrouping, CustomSubscription } from "./custom_grouping.ts";
import { Config, tickMsOf } from "./config.ts";
import type { ConfigMap, ConfigValue, GroupingDefinition, InputDefinition } from "./definition.ts";
import { type ErrorPolicy, errorPolicyConfig } from "./error_policy.ts";
import type { Fields } from "./fields.ts";
import { DEFAULT_STREAM } from "./ids.ts";
import type { FieldNames } from "./output_fields_declarer.ts";
import type { ISpout } from "./spout.ts";
import type {
  AnyComponents,
  Components,
  ComponentSource,
  Fitting,
  Source,
  SourceField,
  SourceStream,
} from "./source_types.ts";
import type { DefaultStream, Outputs, StreamFields } from "./stream_types.ts";

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
  /**
   * Sets the memory of each task, in MiB, above 0: the sum of both. Storm tells memory on the heap
   * from other; here it is all one. It wins over `Config.setComponentRam`.
   */
  setMemoryLoad(onHeapMib: number, offHeapMib?: number): Self;
  /** Sets the cores of each task in percent (100: one core), above 0. It wins over `setComponentCpu`. */
  setCPULoad(percent: number): Self;
}

/** Configuration of one spout; bolts may subscribe to it by this in place of its id. */
export interface SpoutDeclarer<O extends Outputs = StreamFields>
  extends ComponentDeclarer<SpoutDeclarer<O>>, ComponentSource<O> {
  /** Sets what is done when `nextTuple` throws or rejects: so many retries, then the task crashes. */
  setErrorPolicy(policy: Omit<ErrorPolicy, "then">): SpoutDeclarer<O>;
}

/**
 * Configuration and subscriptions of one bolt. A bolt may subscribe to a stream several times by
 * different groupings; each subscription gets its own copy. Twice by the same grouping, hence by two
 * custom ones, is refused. Streams default to `default`.
 *
 * A source is named by its id, or by what `setSpout` or `setBolt` returned for it. Where its streams
 * are known by type, so are the names of its fields, and what the bolt's `execute` takes must fit.
 */
export interface BoltDeclarer<
  O extends Outputs = StreamFields,
  Input extends Fields = Fields,
  C extends Components<C> = AnyComponents,
> extends ComponentDeclarer<BoltDeclarer<O, Input, C>>, ComponentSource<O> {
  /**
   * Sets how many promises of `execute` may be open at once in a task, `@default 1`. Calls begin in
   * the order of the tuples and may end in any. `flush` and `finish` wait until all have ended, so a
   * call must not wait for a later one; a bolt that returns no promise notices nothing.
   */
  setMaxConcurrency(calls: number): BoltDeclarer<O, Input, C>;
  /** Sets what is done when `execute` throws or rejects; by default the task crashes. */
  setErrorPolicy(policy: ErrorPolicy): BoltDeclarer<O, Input, C>;
  /** Sets the seconds between tick tuples, to the millisecond; 0: none, whatever the topology says. */
  setTickTupleFrequency(seconds: number): BoltDeclarer<O, Input, C>;
  /** Sets the milliseconds between tick tuples, a whole number; 0: none, whatever the topology says. */
  setTickTupleFrequencyMs(milliseconds: number): BoltDeclarer<O, Input, C>;
  /** Each tuple goes to one task, evenly. */
  shuffleGrouping<S extends Source<C>, Id extends SourceStream<C, S> = DefaultStream>(
    component: Fitting<C, S, Id, Input>,
    streamId?: Id,
  ): BoltDeclarer<O, Input, C>;
  /**
   * Each tuple goes to one task: of those in the emitting task's own container while they have
   * credit, else of all, as by shuffle.
   */
  localOrShuffleGrouping<S extends Source<C>, Id extends SourceStream<C, S> = DefaultStream>(
    component: Fitting<C, S, Id, Input>,
    streamId?: Id,
  ): BoltDeclarer<O, Input, C>;
  /** The same as shuffle. */
  noneGrouping<S extends Source<C>, Id extends SourceStream<C, S> = DefaultStream>(
    component: Fitting<C, S, Id, Input>,
    streamId?: Id,
  ): BoltDeclarer<O, Input, C>;
  /** Tuples of the stream `streamId` with equal values of `fields` go to the same task. */
  fieldsGrouping<S extends Source<C>, Id extends SourceStream<C, S>>(
    component: Fitting<C, S, Id, Input>,
    streamId: Id,
    fields: FieldNames<SourceField<C, S, Id>>,
  ): BoltDeclarer<O, Input, C>;
  /** Tuples with equal values of `fields` go to the same task. */
  fieldsGrouping<S extends Source<C>>(
    component: Fitting<C, S, DefaultStream, Input>,
    fields: FieldNames<SourceField<C, S>>,
  ): BoltDeclarer<O, Input, C>;
  /**
   * Tuples of the stream `streamId` with equal values of `fields` go to one of the same two tasks: to
   * the one that this source has sent less by this grouping. For keys of which a few are very frequent.
   */
  partialKeyGrouping<S extends Source<C>, Id extends SourceStream<C, S>>(
    component: Fitting<C, S, Id, Input>,
    streamId: Id,
    fields: FieldNames<SourceField<C, S, Id>>,
  ): BoltDeclarer<O, Input, C>;
  /** The same for the stream `default`. */
  partialKeyGrouping<S extends Source<C>>(
    component: Fitting<C, S, DefaultStream, Input>,
    fields: FieldNames<SourceField<C, S>>,
  ): BoltDeclarer<O, Input, C>;
  /** Each tuple goes to the task with the lowest id. */
  globalGrouping<S extends Source<C>, Id extends SourceStream<C, S> = DefaultStream>(
    component: Fitting<C, S, Id, Input>,
    streamId?: Id,
  ): BoltDeclarer<O, Input, C>;
  /** Each tuple goes to all tasks. */
  allGrouping<S extends Source<C>, Id extends SourceStream<C, S> = DefaultStream>(
    component: Fitting<C, S, Id, Input>,
    streamId?: Id,
  ): BoltDeclarer<O, Input, C>;
  /** The source picks the task, by `emitDirect`; a plain `emit` reaches nobody here. */
  directGrouping<S extends Source<C>, Id extends SourceStream<C, S> = DefaultStream>(
    component: Fitting<C, S, Id, Input>,
    streamId?: Id,
  ): BoltDeclarer<O, Input, C>;
  /** Each tuple of the stream `streamId` goes to the tasks that `grouping` chooses. */
  customGrouping<S extends Source<C>, Id extends SourceStream<C, S>>(
    component: Fitting<C, S, Id, Input>,
    streamId: Id,
    grouping: CustomStreamGrouping,
  ): BoltDeclarer<O, Input, C>;
  /** The same for the stream `default`. */
  customGrouping<S extends Source<C>>(
    component: Fitting<C, S, DefaultStream, Input>,
    grouping: CustomStreamGrouping,
  ): BoltDeclarer<O, Input, C>;
  /** Subscribes by a grouping as plain data, such as one of `context.getThisSources()`, or by one's own. */
  grouping<S extends Source<C>, Id extends SourceStream<C, S>>(
    component: Fitting<C, S, Id, Input>,
    streamId: Id,
    grouping: GroupingDefinition | CustomStreamGrouping,
  ): BoltDeclarer<O, Input, C>;
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

type AnySource = Source<AnyComponents>;

function idOf(source: AnySource): string {
  return typeof source === "string" ? source : source.id;
}

/** Records the calls of both interfaces into a draft. */
export class DraftDeclarer implements BoltDeclarer {
  readonly #draft: ComponentDraft;

  constructor(draft: ComponentDraft) {
    this.#draft = draft;
  }

  get id(): string {
    return this.#draft.id;
  }

  addConfiguration(key: string, value: ConfigValue): this {
    this.#draft.config.put(key, value);
    return this;
  }

  addConfigurations(values: ConfigMap | Config): this {
    this.#draft.config.putAll(values);
    return this;
  }

  setDebug(enabled: boolean): this {
    return this.addConfiguration(Config.TOPOLOGY_DEBUG, enabled);
  }

  setMaxSpoutPending(tuples: number): this {
    return this.addConfiguration(Config.TOPOLOGY_MAX_SPOUT_PENDING, tuples);
  }

  setMemoryLoad(onHeapMib: number, offHeapMib?: number): this {
    this.addConfiguration(Config.TOPOLOGY_COMPONENT_RESOURCES_ONHEAP_MEMORY_MB, onHeapMib);
    if (offHeapMib === undefined) return this;
    return this.addConfiguration(
      Config.TOPOLOGY_COMPONENT_RESOURCES_OFFHEAP_MEMORY_MB,
      offHeapMib,
    );
  }

  setCPULoad(percent: number): this {
    return this.addConfiguration(Config.TOPOLOGY_COMPONENT_CPU_PCORE_PERCENT, percent);
  }

  setMaxConcurrency(calls: number): this {
    return this.addConfiguration(Config.TOPOLOGY_COMPONENT_MAX_CONCURRENCY, calls);
  }

  setErrorPolicy(policy: ErrorPolicy): this {
    return this.addConfigurations(errorPolicyConfig(policy));
  }

  setTickTupleFrequency(seconds: number): this {
    return this.setTickTupleFrequencyMs(tickMsOf(seconds));
  }

  setTickTupleFrequencyMs(milliseconds: number): this {
    return this.addConfiguration(Config.TOPOLOGY_TICK_TUPLE_FREQ_MS, milliseconds);
  }

  shuffleGrouping(component: AnySource, streamId: string = DEFAULT_STREAM): this {
    return this.#subscribe(component, streamId, { type: "shuffle" });
  }

  localOrShuffleGrouping(component: AnySource, streamId: string = DEFAULT_STREAM): this {
    return this.#subscribe(component, streamId, { type: "localOrShuffle" });
  }

  noneGrouping(component: AnySource, streamId: string = DEFAULT_STREAM): this {
    return this.#subscribe(component, streamId, { type: "none" });
  }

  fieldsGrouping(component: AnySource, fields: FieldNames): this;
  fieldsGrouping(component: AnySource, streamId: string, fields: FieldNames): this;
  fieldsGrouping(component: AnySource, first: string | FieldNames, second?: FieldNames): this {
    const [streamId, fields] = streamAndFields(first, second);
    return this.#subscribe(component, streamId, { type: "fields", fields });
  }

  partialKeyGrouping(component: AnySource, fields: FieldNames): this;
  partialKeyGrouping(component: AnySource, streamId: string, fields: FieldNames): this;
  partialKeyGrouping(component: AnySource, first: string | FieldNames, second?: FieldNames): this {
    const [streamId, fields] = streamAndFields(first, second);
    return this.#subscribe(component, streamId, { type: "partialKey", fields });
  }

  globalGrouping(component: AnySource, streamId: string = DEFAULT_STREAM): this {
    return this.#subscribe(component, streamId, { type: "global" });
  }

  allGrouping(component: AnySource, streamId: string = DEFAULT_STREAM): this {
    return this.#subscribe(component, streamId, { type: "all" });
  }

  directGrouping(component: AnySource, streamId: string = DEFAULT_STREAM): this {
    return this.#subscribe(component, streamId, { type: "direct" });
  }

  customGrouping(component: AnySource, grouping: CustomStreamGrouping): this;
  customGrouping(component: AnySource, streamId: string, grouping: CustomStreamGrouping): this;
  customGrouping(component: AnySource, ...rest: CustomArguments): this {
    const [stream, grouping] = rest.length === 2 ? rest : [DEFAULT_STREAM, rest[0]];
    this.#draft.customs.push({ component: idOf(component), stream, grouping });
    return this.#subscribe(component, stream, { type: "custom" });
  }

  grouping(
    component: AnySource,
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

  #subscribe(source: AnySource, stream: string, grouping: GroupingDefinition): this {
    const component = idOf(source);
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
