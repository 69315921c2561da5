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
  BaseBasicBolt,
  BaseRichBolt,
  BaseRichSpout,
  type BasicOutputCollector,
  type BoltDeclarer,
  type ComponentDeclarer,
  type ComponentDefinition,
  Config,
  type ConfigMap,
  type ConfigValue,
  type CustomStreamGrouping,
  type ErrorCode,
  type ErrorFault,
  FailedException,
  type FailReason,
  type FieldNames,
  Fields,
  type GroupingDefinition,
  HeronError,
  type IBasicBolt,
  type IBolt,
  type ICollector,
  type IComponent,
  type InputDefinition,
  type ISpout,
  isTick,
  type IUpdatable,
  type KeyedState,
  type KeyedStateOptions,
  type KeyValue,
  type MaybePromise,
  type NumericKeyedState,
  type OutputCollector,
  type OutputFieldsDeclarer,
  type ReliabilityMode,
  ReportedFailedException,
  type SpoutDeclarer,
  type SpoutOutputCollector,
  type StateKey,
  type StateValueKind,
  type StreamDefinition,
  type TargetDefinition,
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
