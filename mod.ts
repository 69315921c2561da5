/**
 * The user's API of heron-bin: everything a topology file imports from `"heron-bin"`.
 *
 * @example A topology file
 * ```ts
 * import { BaseBasicBolt, BaseRichSpout, type Topology, TopologyBuilder, type Tuple } from "heron-bin";
 * import type { ConfigMap, OutputFieldsDeclarer, SpoutOutputCollector, TopologyContext } from "heron-bin";
 *
 * class Hello extends BaseRichSpout {
 *   #collector?: SpoutOutputCollector;
 *   override open(_: ConfigMap, _context: TopologyContext, collector: SpoutOutputCollector): void {
 *     this.#collector = collector;
 *   }
 *   nextTuple(): void {
 *     this.#collector?.emit(["hello"]);
 *     this.#collector?.end();
 *   }
 *   override declareOutputFields(declarer: OutputFieldsDeclarer): void {
 *     declarer.declare(["word"]);
 *   }
 * }
 *
 * class Print extends BaseBasicBolt {
 *   execute(tuple: Tuple): void {
 *     console.log(tuple.getStringByField("word"));
 *   }
 * }
 *
 * export default function hello(): Topology {
 *   const builder = new TopologyBuilder("hello");
 *   builder.setSpout("hello", new Hello());
 *   builder.setBolt("print", new Print()).shuffleGrouping("hello");
 *   return builder.createTopology();
 * }
 * ```
 * @module
 */

export {
  type Anchors,
  type AnyComponents,
  AssignableMetric,
  BaseBasicBolt,
  BaseRichBolt,
  BaseRichSpout,
  BaseTaskHook,
  type BasicBoltMark,
  type BasicBoltOf,
  type BasicOutputCollector,
  type BoltAckInfo,
  type BoltDeclarer,
  type BoltExecuteInfo,
  type BoltFailInfo,
  type BoltOf,
  CombinedMetric,
  type ComponentDeclarer,
  type ComponentDefinition,
  type Components,
  type ComponentSource,
  Config,
  type ConfigMap,
  type ConfigValue,
  CountMetric,
  CumulativeCountMetric,
  type CustomStreamGrouping,
  type DeadLetterStream,
  type DefaultStream,
  type EmitInfo,
  type Emitting,
  type ErrorCode,
  type ErrorFault,
  type ErrorPolicy,
  FailedException,
  type FailReason,
  type FieldName,
  type FieldNames,
  Fields,
  type FieldsOf,
  type FieldValue,
  type FieldValueAt,
  type FieldValues,
  type Fit,
  type Fitting,
  type GivenUp,
  GlobalMetrics,
  type GroupingDefinition,
  HeronError,
  type IBasicBolt,
  type IBolt,
  type ICollector,
  type ICombiner,
  type IComponent,
  type IMetric,
  type InputDefinition,
  type InputOf,
  type IReducer,
  type ISpout,
  isTick,
  type ITaskHook,
  type IUpdatable,
  type KeyedState,
  type KeyedStateOptions,
  type KeyValue,
  type MaybePromise,
  MeanReducer,
  type MeanReducerState,
  type MoreStreams,
  MultiAssignableMetric,
  MultiCountMetric,
  MultiReducedMetric,
  type NumericKeyedState,
  type OutputCollector,
  type OutputFieldsDeclarer,
  type Outputs,
  type OutputsOf,
  ReducedMetric,
  type RegisteredSerialization,
  type ReliabilityMode,
  ReportedFailedException,
  type Serialization,
  type SerializedClass,
  type Source,
  type SourceField,
  type SourceFieldsOf,
  type SourceOutputs,
  type SourceStream,
  type SourceStreamId,
  type SpoutAckInfo,
  type SpoutDeclarer,
  type SpoutFailInfo,
  type SpoutOf,
  type SpoutOutputCollector,
  type StateKey,
  type StateValueKind,
  type StreamDefinition,
  type StreamFields,
  type StreamId,
  type StreamsOf,
  type StreamValues,
  type SubscriptionName,
  type TargetDefinition,
  type TaskHookFactory,
  type Topology,
  TopologyBuilder,
  type TopologyContext,
  type TopologyDefinition,
  type TopologyFactory,
  type Tuple,
  tupleText,
  TupleUtils,
  Values,
} from "./src/api/mod.ts";
