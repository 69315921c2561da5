/**
 * What a running task can ask about itself and the topology around it, and
 * the hooks that look on at it. Interfaces only; the executor implements them.
 */

import type {
  ConfigMap,
  InputDefinition,
  TargetDefinition,
  TopologyDefinition,
} from "./definition.ts";
import type { Fields } from "./fields.ts";
import type {
  BoltAckInfo,
  BoltExecuteInfo,
  BoltFailInfo,
  EmitInfo,
  SpoutAckInfo,
  SpoutFailInfo,
} from "./hook_infos.ts";
import type { KeyedState, KeyedStateOptions, NumericKeyedState } from "./keyed_state.ts";
import type { MaybePromise } from "./maybe_promise.ts";
import type { IMetric } from "./metrics/metric.ts";
import type {
  CombinedMetric,
  ICombiner,
  IReducer,
  ReducedMetric,
} from "./metrics/reduced_metrics.ts";

/** Handed to `open` and `prepare`. Unknown components, streams and tasks throw a `RangeError`. */
export interface TopologyContext {
  /** The id of the running topology, new on each submit. */
  getTopologyId(): string;
  /** The topology's name. */
  getTopologyName(): string;
  /** The topology as it was built: its components, streams, groupings and configuration. */
  getRawTopology(): TopologyDefinition;
  /** The message time-out, in seconds: `topology.message.timeout.secs`. */
  maxTopologyMessageTimeout(): number;
  /** The id of this task; ids start at 1 and count through the topology. */
  getThisTaskId(): number;
  /** The component of this task. */
  getThisComponentId(): string;
  /** The rank of this task among the ascending tasks of its component, from 0. */
  getThisTaskIndex(): number;
  /** The tasks of `component`, ascending. */
  getComponentTasks(component: string): readonly number[];
  /** The component of the task `taskId`. */
  getComponentId(taskId: number): string;
  /** All components: spouts, then bolts. */
  getComponentIds(): readonly string[];
  /** The component of each task. */
  getTaskToComponent(): ReadonlyMap<number, string>;
  /** The streams this component declares. */
  getThisStreams(): readonly string[];
  /** The streams `component` declares. */
  getComponentStreams(component: string): readonly string[];
  /** The fields of this component's stream `streamId`. */
  getThisOutputFields(streamId: string): Fields;
  /** The fields of the stream `streamId` of `component`. */
  getComponentOutputFields(component: string, streamId: string): Fields;
  /** What this component subscribes to. */
  getThisSources(): readonly InputDefinition[];
  /** What `component` subscribes to. */
  getSources(component: string): readonly InputDefinition[];
  /** Who subscribes to this component's streams. */
  getThisTargets(): readonly TargetDefinition[];
  /** Who subscribes to the streams of `component`. */
  getTargets(component: string): readonly TargetDefinition[];
  /**
   * The keyed state `name` of this task; asked for again, it is the same.
   * @throws HeronError "user_code" when it was asked for with other options, or when no fields
   *   grouping says in which task a key lies (a single task needs none)
   */
  keyedState(
    name: string,
    options: KeyedStateOptions<"int32" | "float64">,
  ): NumericKeyedState<number>;
  /** The same, of bigints. */
  keyedState(name: string, options: KeyedStateOptions<"int64">): NumericKeyedState<bigint>;
  /** The same, of whatever a tuple can carry. */
  keyedState<Value = unknown>(name: string, options: KeyedStateOptions<"any">): KeyedState<Value>;
  /**
   * Calls `callback` each `everyMs` milliseconds, from that long after now on, until the input has
   * ended: Heron's timer events. It runs as calls of `execute` and `nextTuple` do, between them and
   * only with credit, and beside open calls of `execute` only where `setMaxConcurrency` allows
   * several. One of a spout waits where `nextTuple` does: for back pressure, while a loss is not
   * settled, and with as many tuples open as may be; `end()` and the end of the run end it, unless
   * a tuple fails that the spout may emit again. At most one call of a timer waits; what it throws
   * ends the task.
   * @throws TypeError when `name` is used already, RangeError when `everyMs` is not above 0 or more
   *   than 2^31 - 1
   */
  registerTimer(name: string, everyMs: number, callback: () => MaybePromise<void>): void;
  /**
   * Publishes the value of `metric` under `name` once a bucket of `bucketSeconds`, and once more when
   * the task ends. Values are read between calls of user code: a call that blocks delays them, an
   * idle task does not. They reach the metrics manager as they come, with the metrics of heron-bin.
   * @param bucketSeconds at least 0.1, fractions allowed
   * @returns `metric`
   * @throws HeronError "user_code" when the task has a metric of that name, or it begins with `__`,
   *   as those of heron-bin do
   * @throws TypeError for what has no `getValueAndReset`
   * @throws RangeError for a bucket that is none
   */
  registerMetric<Metric extends IMetric>(
    name: string,
    metric: Metric,
    bucketSeconds: number,
  ): Metric;
  /** The same for a `ReducedMetric` of `reducer`, which it returns. */
  registerMetric<Input, State, Result>(
    name: string,
    reducer: IReducer<Input, State, Result>,
    bucketSeconds: number,
  ): ReducedMetric<Input, State, Result>;
  /** The same for a `CombinedMetric` of `combiner`, which it returns. */
  registerMetric<Value>(
    name: string,
    combiner: ICombiner<Value>,
    bucketSeconds: number,
  ): CombinedMetric<Value>;
  /**
   * Lets `hook` look on at this task, from when its `open` or `prepare` has returned.
   * @throws HeronError "user_code" after that
   */
  addTaskHook(hook: ITaskHook): void;
  /** The hooks of this task: the builder's, then its own. */
  getHooks(): readonly ITaskHook[];
  /** Keeps `value` under `name` for this task. */
  setTaskData(name: string, value: unknown): void;
  /** What was kept under `name`, or undefined. */
  getTaskData(name: string): unknown;
}

/**
 * Looks on at one task. Every method is optional and called on the thread of user code; what one
 * throws ends the task, as if the component had thrown it.
 *
 * `TopologyBuilder.addTaskHook` gives all tasks a hook of their own (Heron's
 * `topology.auto.task.hooks`), `TopologyContext.addTaskHook` this task.
 *
 * @example
 * ```ts
 * import { type EmitInfo, type ITaskHook, TopologyBuilder } from "heron-bin";
 *
 * class EmitLogger implements ITaskHook {
 *   emit({ stream, values, outTasks }: EmitInfo): void {
 *     console.log(stream, values, outTasks);
 *   }
 * }
 * new TopologyBuilder("watched").addTaskHook(() => new EmitLogger());
 * ```
 */
export interface ITaskHook {
  /** Called once, when the component's `open` or `prepare` has returned. */
  prepare?(config: ConfigMap, context: TopologyContext): MaybePromise<void>;
  /** Called at an orderly end, before the component's `close` or `cleanup`. */
  cleanup?(): MaybePromise<void>;
  /** A tuple was emitted. */
  emit?(info: EmitInfo): void;
  /** The spout has heard of an ack. */
  spoutAck?(info: SpoutAckInfo): void;
  /** The spout has heard of a failure. */
  spoutFail?(info: SpoutFailInfo): void;
  /** The bolt has executed a tuple. */
  boltExecute?(info: BoltExecuteInfo): void;
  /** The bolt has acked a tuple. */
  boltAck?(info: BoltAckInfo): void;
  /** The bolt has failed a tuple. */
  boltFail?(info: BoltFailInfo): void;
}

/** Makes the hook of one task. */
export type TaskHookFactory = () => ITaskHook;
