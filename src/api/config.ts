/**
 * The configuration of a topology or component: Heron's keys as constants and
 * a setter for each that this version honours. Values are checked when the topology is built.
 */

import type { ConfigMap, ConfigValue } from "./definition.ts";
import { ENVIRONMENT_KEY, environmentText } from "./environment_map.ts";
import type { ReliabilityMode } from "../base/config/mod.ts";
import {
  registered,
  type RegisteredSerialization,
  type Serialization,
  type SerializedClass,
} from "./serialization.ts";

export type { ReliabilityMode };

/**
 * A configuration. Setters return the same object; keys without a setter go in by `put`.
 *
 * @example
 * ```ts
 * import { Config } from "heron-bin";
 *
 * const config = new Config().setNumStmgrs(2).setMessageTimeoutSecs(10).put("my.key", "my value");
 * ```
 */
export class Config {
  /** The topology's name. */
  static readonly TOPOLOGY_NAME = "topology.name";
  /** Number of worker containers, `@default 1`. */
  static readonly TOPOLOGY_STMGRS = "topology.stmgrs";
  /** Storm's key of the same; read where `topology.stmgrs` is not set. */
  static readonly TOPOLOGY_WORKERS = "topology.workers";
  /** Tasks of a component; given as argument of `setSpout` and `setBolt`. */
  static readonly TOPOLOGY_COMPONENT_PARALLELISM = "topology.component.parallelism";
  /** A `ReliabilityMode`, `@default "ATMOST_ONCE"`. */
  static readonly TOPOLOGY_RELIABILITY_MODE = "topology.reliability.mode";
  /** Heron's former key: true is at least once, false at most once; read where no mode is set. */
  static readonly TOPOLOGY_ACKING = "topology.acking";
  /** Seconds until an unacked tuple fails, `@default 30`. */
  static readonly TOPOLOGY_MESSAGE_TIMEOUT_SECS = "topology.message.timeout.secs";
  /** Whether tuples time out, `@default true`. */
  static readonly TOPOLOGY_ENABLE_MESSAGE_TIMEOUTS = "topology.enable.message.timeouts";
  /** Most unacked tuples of a spout task, `@default 65536`. */
  static readonly TOPOLOGY_MAX_SPOUT_PENDING = "topology.max.spout.pending";
  /** Milliseconds between tick tuples; absent or 0: none. */
  static readonly TOPOLOGY_TICK_TUPLE_FREQ_MS = "topology.tick.tuple.freq.ms";
  /** Storm's key: seconds between tick tuples. Stored as milliseconds too. */
  static readonly TOPOLOGY_TICK_TUPLE_FREQ_SECS = "topology.tick.tuple.freq.secs";
  /** Calls of a bolt task's `execute` that may be open at once, `@default 1`. */
  static readonly TOPOLOGY_COMPONENT_MAX_CONCURRENCY = "topology.component.max.concurrency";
  /** How often a call that failed is made again: see `ErrorPolicy`. */
  static readonly TOPOLOGY_COMPONENT_ERROR_RETRIES = "topology.component.error.retries";
  /** Milliseconds before the first retry: see `ErrorPolicy`. */
  static readonly TOPOLOGY_COMPONENT_ERROR_BACKOFF_MS = "topology.component.error.backoff.ms";
  /** What follows the last attempt: see `ErrorPolicy`. */
  static readonly TOPOLOGY_COMPONENT_ERROR_THEN = "topology.component.error.then";
  /**
   * How a spout that emitted nothing waits: `sleep`, `progressive`, or one of Storm's two classes of
   * these; absent: a sixteenth of the time since it last emitted, from 1 ms to 50 ms.
   */
  static readonly TOPOLOGY_SPOUT_WAIT_STRATEGY = "topology.spout.wait.strategy";
  /** Milliseconds that `sleep` waits, `@default 1`. */
  static readonly TOPOLOGY_SLEEP_SPOUT_WAIT_STRATEGY_TIME_MS =
    "topology.sleep.spout.wait.strategy.time.ms";
  /** Empty calls that `progressive` follows by the next one at once, `@default 0`. */
  static readonly TOPOLOGY_SPOUT_WAIT_PROGRESSIVE_LEVEL1_COUNT =
    "topology.spout.wait.progressive.level1.count";
  /** Further empty calls with no more than a turn of the event loop between, `@default 0`. */
  static readonly TOPOLOGY_SPOUT_WAIT_PROGRESSIVE_LEVEL2_COUNT =
    "topology.spout.wait.progressive.level2.count";
  /** Milliseconds that `progressive` waits after these, `@default 1`. */
  static readonly TOPOLOGY_SPOUT_WAIT_PROGRESSIVE_SLEEP_MILLIS =
    "topology.spout.wait.progressive.sleep.millis";
  /** Whether each emit is logged, `@default false`; see `setDebug`. */
  static readonly TOPOLOGY_DEBUG = "topology.debug";
  /** Variables for the processes of tasks, a JSON object of strings; see `setEnvironment`. */
  static readonly TOPOLOGY_ENVIRONMENT: "topology.environment" = ENVIRONMENT_KEY;
  /** Heron's hooks by class name; refused here: `TopologyBuilder.addTaskHook` takes their place. */
  static readonly TOPOLOGY_AUTO_TASK_HOOKS = "topology.auto.task.hooks";
  /** Key groups of fields grouping: a power of two, not below the largest parallelism. */
  static readonly TOPOLOGY_KEY_GROUPS = "topology.key.groups";
  /** Cores of components: `component:cores,…`. */
  static readonly TOPOLOGY_COMPONENT_CPUMAP = "topology.component.cpumap";
  /** Memory of components: `component:bytes,…`. */
  static readonly TOPOLOGY_COMPONENT_RAMMAP = "topology.component.rammap";
  /** Disk of components: `component:bytes,…`. */
  static readonly TOPOLOGY_COMPONENT_DISKMAP = "topology.component.diskmap";
  /** Storm's key: memory of each task of a component, MiB. Set by `setMemoryLoad`. */
  static readonly TOPOLOGY_COMPONENT_RESOURCES_ONHEAP_MEMORY_MB =
    "topology.component.resources.onheap.memory.mb";
  /** Storm's key: more memory of each task of a component, MiB. Set by `setMemoryLoad`. */
  static readonly TOPOLOGY_COMPONENT_RESOURCES_OFFHEAP_MEMORY_MB =
    "topology.component.resources.offheap.memory.mb";
  /** Storm's key: cores of each task of a component in percent. Set by `setCPULoad`. */
  static readonly TOPOLOGY_COMPONENT_CPU_PCORE_PERCENT = "topology.component.cpu.pcore.percent";
  /** Cores of a container. */
  static readonly TOPOLOGY_CONTAINER_CPU_REQUESTED = "topology.container.cpu";
  /** Memory of a container, bytes. */
  static readonly TOPOLOGY_CONTAINER_RAM_REQUESTED = "topology.container.ram";
  /** Disk of a container, bytes. */
  static readonly TOPOLOGY_CONTAINER_DISK_REQUESTED = "topology.container.disk";
  /** Memory of a container that is kept from instances, bytes. */
  static readonly TOPOLOGY_CONTAINER_RAM_PADDING = "topology.container.ram.padding";
  /** Memory of a stream manager, bytes. */
  static readonly TOPOLOGY_STMGR_RAM = "topology.stmgr.ram";
  /** Memory of a metrics manager, bytes. */
  static readonly TOPOLOGY_METRICSMGR_RAM = "topology.metricsmgr.ram";

  readonly #values = new Map<string, ConfigValue>();
  readonly #serializations: RegisteredSerialization[] = [];

  /** Starts from a copy of `values`. */
  constructor(values: ConfigMap = {}) {
    this.putAll(values);
  }

  /** Sets any key; unknown ones are passed on to the components. */
  put(key: string, value: ConfigValue): this {
    this.#values.set(key, value);
    return this;
  }

  /** Sets all keys of `values`. */
  putAll(values: ConfigMap | Config): this {
    for (const [key, value] of Object.entries(toConfigMap(values))) this.put(key, value);
    this.#serializations.push(...serializationsOf(values));
    return this;
  }

  /**
   * Lets tuples carry instances of `type` (not of its subclasses), at any depth, of topologies with
   * this configuration: Heron's and Storm's `registerSerialization`. Such values are no grouping keys.
   */
  registerSerialization<T extends object>(
    type: SerializedClass<T>,
    serialization: Serialization<T>,
  ): this {
    this.#serializations.push(registered(type, serialization));
    return this;
  }

  /** What was registered so far. */
  get serializations(): readonly RegisteredSerialization[] {
    return [...this.#serializations];
  }

  /** The value of `key`, or undefined. */
  get(key: string): ConfigValue | undefined {
    return this.#values.get(key);
  }

  /** A copy as plain data. */
  toMap(): ConfigMap {
    return Object.fromEntries(this.#values);
  }

  /** Names the topology; the same as the argument of `TopologyBuilder`. */
  setTopologyName(name: string): this {
    return this.put(Config.TOPOLOGY_NAME, name);
  }

  /** Sets the number of worker containers, at least 1. */
  setNumStmgrs(count: number): this {
    return this.put(Config.TOPOLOGY_STMGRS, count);
  }

  /** Storm's name of `setNumStmgrs`. */
  setNumWorkers(count: number): this {
    return this.setNumStmgrs(count);
  }

  /** Sets what is done against the loss of tuples. */
  setTopologyReliabilityMode(mode: ReliabilityMode): this {
    return this.put(Config.TOPOLOGY_RELIABILITY_MODE, mode);
  }

  /** Heron's former way to choose the mode: at least once, or at most once. */
  setEnableAcking(enabled: boolean): this {
    return this.setTopologyReliabilityMode(enabled ? "ATLEAST_ONCE" : "ATMOST_ONCE");
  }

  /** Sets after how many seconds an unacked tuple fails, at least 1. */
  setMessageTimeoutSecs(seconds: number): this {
    return this.put(Config.TOPOLOGY_MESSAGE_TIMEOUT_SECS, seconds);
  }

  /** Sets whether unacked tuples time out. */
  setEnableMessageTimeouts(enabled: boolean): this {
    return this.put(Config.TOPOLOGY_ENABLE_MESSAGE_TIMEOUTS, enabled);
  }

  /** Sets how many tuples of a spout task may be unacked, at least 1. */
  setMaxSpoutPending(tuples: number): this {
    return this.put(Config.TOPOLOGY_MAX_SPOUT_PENDING, tuples);
  }

  /** Sets the seconds between tick tuples of all bolts, to the millisecond; 0: none. */
  setTickTupleFrequency(seconds: number): this {
    return this.setTickTupleFrequencyMs(tickMsOf(seconds));
  }

  /** Sets the milliseconds between tick tuples of all bolts, a whole number; 0: none. */
  setTickTupleFrequencyMs(milliseconds: number): this {
    return this.put(Config.TOPOLOGY_TICK_TUPLE_FREQ_MS, milliseconds);
  }

  /**
   * Sets whether each emit is written to the log of its instance: the stream, the values' text (long
   * ones are cut) and the tasks. Of more than 10,000 emits a second the rest is counted.
   */
  setDebug(enabled: boolean): this {
    return this.put(Config.TOPOLOGY_DEBUG, enabled);
  }

  /**
   * Sets variables for the processes of tasks; user code finds them in `process.env` from the start.
   * They are not set where the topology is built, and not in a test, whose tasks share one process. `PATH` and what can load code into a process
   * (`BUN_*`, `NODE_OPTIONS`, `LD_*`, …) are refused by `createTopology`.
   */
  setEnvironment(variables: Readonly<Record<string, string>>): this {
    return this.put(Config.TOPOLOGY_ENVIRONMENT, environmentText(variables));
  }

  /** Sets the cores of each task of `component`. */
  setComponentCpu(component: string, cores: number): this {
    return this.#putComponent(Config.TOPOLOGY_COMPONENT_CPUMAP, component, cores);
  }

  /** Sets the memory of each task of `component`, in bytes. */
  setComponentRam(component: string, bytes: number): this {
    return this.#putComponent(Config.TOPOLOGY_COMPONENT_RAMMAP, component, bytes);
  }

  /** Sets the disk of each task of `component`, in bytes. */
  setComponentDisk(component: string, bytes: number): this {
    return this.#putComponent(Config.TOPOLOGY_COMPONENT_DISKMAP, component, bytes);
  }

  /** Sets the cores of all components, `component:cores,…`; replaces what was set before. */
  setComponentCpuMap(coresByComponent: string): this {
    return this.put(Config.TOPOLOGY_COMPONENT_CPUMAP, coresByComponent);
  }

  /** Sets the memory of all components, `component:bytes,…`; replaces what was set before. */
  setComponentRamMap(bytesByComponent: string): this {
    return this.put(Config.TOPOLOGY_COMPONENT_RAMMAP, bytesByComponent);
  }

  /** Sets the disk of all components, `component:bytes,…`; replaces what was set before. */
  setComponentDiskMap(bytesByComponent: string): this {
    return this.put(Config.TOPOLOGY_COMPONENT_DISKMAP, bytesByComponent);
  }

  /** Sets the cores of each container. */
  setContainerCpuRequested(cores: number): this {
    return this.put(Config.TOPOLOGY_CONTAINER_CPU_REQUESTED, cores);
  }

  /** Sets the memory of each container, in bytes. */
  setContainerRamRequested(bytes: number): this {
    return this.put(Config.TOPOLOGY_CONTAINER_RAM_REQUESTED, bytes);
  }

  /** Sets the disk of each container, in bytes. */
  setContainerDiskRequested(bytes: number): this {
    return this.put(Config.TOPOLOGY_CONTAINER_DISK_REQUESTED, bytes);
  }

  /** Appends to a map of components; a later entry of a component wins. */
  #putComponent(key: string, component: string, value: number): this {
    const before = this.#values.get(key);
    const entry = `${component}:${value}`;
    return this.put(key, before === undefined ? entry : `${before},${entry}`);
  }
}

/** The milliseconds of a tick frequency in seconds: whole ones, and 0 for 0 alone. */
export function tickMsOf(seconds: number): number {
  const ms = Math.round(seconds * 1000);
  return ms === 0 && seconds > 0 ? 1 : ms;
}

/** Whether a configuration is a `Config`, of this or another copy of the API. */
export function isConfig(values: ConfigMap | Config): values is Config {
  // A plain map has no functions for values.
  return typeof values.toMap === "function";
}

/** The plain data of a configuration given in either form, of this or another copy of the API. */
export function toConfigMap(values: ConfigMap | Config): ConfigMap {
  return isConfig(values) ? values.toMap() : { ...values };
}

/** The serializers of a configuration given in either form, of this or another copy of the API. */
export function serializationsOf(values: ConfigMap | Config): readonly RegisteredSerialization[] {
  return isConfig(values) ? values.serializations : [];
}
