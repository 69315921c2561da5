/**
 * What a compiler knows of what a component emits: that the collectors that its methods take are
 * typed by the `outputs` that it declares, so that no emit that does not fit them goes by. Types only.
 */

import type { BaseBasicBolt, IBasicBolt, IBolt } from "./bolt.ts";
import type { BasicOutputCollector, OutputCollector, SpoutOutputCollector } from "./collector.ts";
import type { TopologyContext } from "./context.ts";
import type { ConfigMap } from "./definition.ts";
import type { MaybePromise } from "./maybe_promise.ts";
import type { ISpout } from "./spout.ts";
import type {
  FieldsOf,
  FieldValues,
  Outputs,
  OutputsOf,
  StreamFields,
  StreamsOf,
} from "./stream_types.ts";
import type { Tuple } from "./tuple.ts";

/** A spout as the builder takes it: of an object in place, `outputs` types the collector of `open`. */
export interface SpoutOf<O extends Outputs> extends Omit<ISpout, "outputs" | "open"> {
  /** The streams this spout emits to, in place of `declareOutputFields`. */
  readonly outputs?: O;
  /** Called once, before all else. `config` is the topology's with the component's own on top. */
  open?(
    config: ConfigMap,
    context: TopologyContext,
    collector: SpoutOutputCollector<NoInfer<O>>,
  ): MaybePromise<void>;
}

/** A rich bolt as the builder takes it: of an object in place, `outputs` types the collector. */
export interface BoltOf<O extends Outputs> extends Omit<IBolt, "outputs" | "prepare"> {
  /** The streams this bolt emits to, in place of `declareOutputFields`. */
  readonly outputs?: O;
  /** Called once, before all else. `config` is the topology's with the component's own on top. */
  prepare?(
    config: ConfigMap,
    context: TopologyContext,
    collector: OutputCollector<NoInfer<O>>,
  ): MaybePromise<void>;
}

/** What `setBolt` knows basic bolts by. */
export type BasicBoltMark = Pick<BaseBasicBolt, keyof BaseBasicBolt & symbol>;

/** A basic bolt as the builder takes it: of an object in place, `outputs` types the collectors. */
export interface BasicBoltOf<O extends Outputs>
  extends Omit<IBasicBolt, "outputs" | "execute" | "finish"> {
  /** The streams this bolt emits to, in place of `declareOutputFields`. */
  readonly outputs?: O;
  /** Handles one tuple. `collector` is good for this tuple only. */
  execute(tuple: Tuple, collector: BasicOutputCollector<NoInfer<O>>): MaybePromise<void>;
  /** All input has ended: emits the rest. Called once; what it emits is not replayed. */
  finish?(collector: BasicOutputCollector<NoInfer<O>>): MaybePromise<void>;
}

/** The parameter at a place; never when there is none. */
type At<Given extends readonly unknown[], Index extends 0 | 1 | 2> = Given extends
  readonly [infer First, ...infer Rest] ? Index extends 0 ? First
  : Rest extends readonly [infer Second, ...infer Others] ? Index extends 1 ? Second
    : Others extends readonly [infer Third, ...unknown[]] ? Third
    : never
  : never
  : never;

/** The collectors that the methods of a component take; one that it leaves out takes none. */
type CollectorOf<C> =
  | (C extends { open(...given: infer Given): unknown } ? At<Given, 2> : never)
  | (C extends { prepare(...given: infer Given): unknown } ? At<Given, 2> : never)
  | (C extends { execute(...given: infer Given): unknown } ? At<Given, 1> : never)
  | (C extends { finish(...given: infer Given): unknown } ? At<Given, 0> : never);

/** The `outputs` that a collector is typed by. */
type Told<Collector> = Collector extends SpoutOutputCollector<infer O> ? O
  : Collector extends OutputCollector<infer O> ? O
  : Collector extends BasicOutputCollector<infer O> ? O
  : never;

/** Whether the types of the values of a stream of `O` are known. */
type HasTypes<O> = true extends {
  [Id in keyof StreamsOf<O>]: number extends FieldValues<FieldsOf<O, Id & string>>["length"] ? false
    : true;
}[keyof StreamsOf<O>] ? true
  : false;

/** Whether what a collector typed by `Given` takes fits the `outputs` `O`. */
type Fits<O, Given> = false extends {
  [Id in keyof StreamsOf<Given>]: FieldValues<FieldsOf<Given, Id & string>> extends
    FieldValues<FieldsOf<O, Id & string>> ? true : false;
}[keyof StreamsOf<Given>] ? false
  : true;

/** What is wrong with a collector typed by `Given` of a component of the `outputs` `O`. */
type Fault<O, Given> = StreamFields extends Given
  ? HasTypes<O> extends true ? { readonly "its collector is not typed by its outputs": O }
  : never
  : Fits<O, Given> extends true ? never
  : { readonly "its collector is typed by other outputs than it declares": Given };

/**
 * Nothing more to ask of a component whose emits the compiler checks as far as it knows its streams.
 * @internal
 */
export type Emitting<C> = C extends { declareOutputFields(declarer: never): unknown } ? unknown
  : [Faults<C>] extends [never] ? unknown
  : Faults<C>;

type Faults<C> = FaultOf<OutputsOf<C>, Told<CollectorOf<C>>>;
type FaultOf<O, Given> = Given extends unknown ? Fault<O, Given> : never;
