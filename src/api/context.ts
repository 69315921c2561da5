/**
 * What a running task can ask about itself and the topology around it.
 * Interface only; the executor implements it over the physical plan.
 */

import type { InputDefinition, TargetDefinition } from "./definition.ts";
import type { MaybePromise } from "./maybe_promise.ts";
import type { Fields } from "./fields.ts";
import type { KeyedState, KeyedStateOptions, NumericKeyedState } from "./keyed_state.ts";

/** Handed to `open` and `prepare`. Unknown components, streams and tasks throw a `RangeError`. */
export interface TopologyContext {
  /** The id of the running topology, new on each submit. */
  getTopologyId(): string;
  /** The topology's name. */
  getTopologyName(): string;
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
   * several. At most one call of a timer waits; what it throws ends the task.
   * @throws TypeError when `name` is used already, RangeError when `everyMs` is not above 0 or more
   *   than 2^31 - 1
   */
  registerTimer(name: string, everyMs: number, callback: () => MaybePromise<void>): void;
  /** Keeps `value` under `name` for this task. */
  setTaskData(name: string, value: unknown): void;
  /** What was kept under `name`, or undefined. */
  getTaskData(name: string): unknown;
}
