/** Door of `api`: what `mod.ts` gives to users, and below it what other rooms need besides. */

export { type ErrorCode, type ErrorFault, HeronError } from "../base/mod.ts";
export { BaseBasicBolt, BaseRichBolt, type IBasicBolt, type IBolt } from "./bolt.ts";
export type {
  Anchors,
  BasicOutputCollector,
  ICollector,
  OutputCollector,
  SpoutOutputCollector,
} from "./collector.ts";
export type { IComponent, IUpdatable } from "./component.ts";
export type { MaybePromise } from "./maybe_promise.ts";
export { Config, type ReliabilityMode } from "./config.ts";
export { BaseTaskHook } from "./base_task_hook.ts";
export type { ITaskHook, TaskHookFactory, TopologyContext } from "./context.ts";
export type {
  BoltAckInfo,
  BoltExecuteInfo,
  BoltFailInfo,
  EmitInfo,
  FailReason,
  SpoutAckInfo,
  SpoutFailInfo,
} from "./hook_infos.ts";
export type { CustomStreamGrouping } from "./custom_grouping.ts";
export type { BoltDeclarer, ComponentDeclarer, SpoutDeclarer } from "./declarers.ts";
export type {
  ComponentDefinition,
  ConfigMap,
  ConfigValue,
  GroupingDefinition,
  InputDefinition,
  StreamDefinition,
  TargetDefinition,
  TopologyDefinition,
} from "./definition.ts";
export type { ErrorPolicy, GivenUp } from "./error_policy.ts";
export type { BasicBoltMark, BasicBoltOf, BoltOf, Emitting, SpoutOf } from "./emitting_types.ts";
export { FailedException, ReportedFailedException } from "./failed_exception.ts";
export { Fields } from "./fields.ts";
export type {
  KeyedState,
  KeyedStateOptions,
  KeyValue,
  NumericKeyedState,
  StateKey,
  StateValueKind,
} from "./keyed_state.ts";
export { AssignableMetric, MultiAssignableMetric } from "./metrics/assignable_metrics.ts";
export { CountMetric, CumulativeCountMetric, MultiCountMetric } from "./metrics/count_metrics.ts";
export { GlobalMetrics } from "./metrics/global_metrics.ts";
export type { IMetric } from "./metrics/metric.ts";
export {
  CombinedMetric,
  type ICombiner,
  type IReducer,
  MeanReducer,
  type MeanReducerState,
  MultiReducedMetric,
  ReducedMetric,
} from "./metrics/reduced_metrics.ts";
export type { FieldNames, OutputFieldsDeclarer } from "./output_fields_declarer.ts";
export type { RegisteredSerialization, Serialization, SerializedClass } from "./serialization.ts";
export { BaseRichSpout, type ISpout } from "./spout.ts";
export type {
  AnyComponents,
  Components,
  ComponentSource,
  Fit,
  Fitting,
  Source,
  SourceField,
  SourceOutputs,
  SourceStream,
} from "./source_types.ts";
export type { MoreStreams } from "./stream_declarations.ts";
export type {
  DeadLetterStream,
  DefaultStream,
  FieldName,
  FieldsOf,
  FieldValue,
  FieldValueAt,
  FieldValues,
  InputOf,
  Outputs,
  OutputsOf,
  SourceFieldsOf,
  SourceStreamId,
  StreamFields,
  StreamId,
  StreamsOf,
  StreamValues,
} from "./stream_types.ts";
export { isTick, TupleUtils } from "./tick.ts";
export type { SubscriptionName, Topology, TopologyFactory } from "./topology.ts";
export { TopologyBuilder } from "./topology_builder.ts";
export type { Tuple } from "./tuple.ts";
export { tupleText } from "./tuple_base.ts";
export { Values } from "./values.ts";

export { isPromiseLike } from "./maybe_promise.ts";
export { maxConcurrencyOf } from "./max_concurrency.ts";
export { groupingFields } from "./definition.ts";
export { DEFAULT_TOPOLOGY_CONFIG, parseComponentMap } from "./config_rules.ts";
export { environmentOf, isCodeLoading } from "./environment_map.ts";
export { createTickTuple, ListTuple, type TupleSource } from "./list_tuple.ts";
export { userObjectOf } from "./basic_bolt_executor.ts";
export { configOnTop } from "./topology_config_checks.ts";
export { SERIALIZATIONS_KEY } from "./serialization.ts";
export { isOwnTopology, isTopology } from "./topology.ts";
export { type CompleteErrorPolicy, errorPolicyOf } from "./error_policy.ts";
export {
  DEAD_LETTER_STREAM,
  DEFAULT_STREAM,
  SYSTEM_COMPONENT,
  TICK_STREAM,
  topologyNameFault,
} from "./ids.ts";
export { globalCounts } from "./metrics/global_metrics.ts";
export { isMetric } from "./metrics/metric.ts";
export { TupleBase, valuesText } from "./tuple_base.ts";
