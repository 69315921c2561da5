/**
 * The metrics that an instance has by stream: how many tuples, what became of
 * them, and how long it took. Heron's names, of which an input has two: by
 * source and stream, and by stream. Ticks are one more input of a bolt.
 */

import {
  type ComponentDefinition,
  type ConfigMap,
  SYSTEM_COMPONENT,
  TICK_STREAM,
} from "../../api/mod.ts";
import type { MetricRegistry, NamedSum, NamedValue } from "../../metrics/mod.ts";
import { COUNTER, encodeTimePlace, STREAM_COUNTER, streamCounterPlace } from "../bridge.ts";
import { tickPeriodMs } from "../executor/tick_period.ts";

const NS_PER_MS = 1e6;
const EXECUTE_COUNT = "__execute-count";

/** Where the metrics of an instance's streams come from. */
export interface StreamMetricsOptions {
  readonly registry: MetricRegistry;
  /** The shared counters, laid out as `COUNTER` says. */
  readonly counters: Float64Array;
  readonly component: Pick<ComponentDefinition, "kind" | "outputs" | "inputs">;
  /** The topology's configuration with the component's on top. */
  readonly config: ConfigMap;
}

/** The same with the names by which streams are told of, which stay as they are. */
interface NamedStreams extends StreamMetricsOptions {
  /** Of the inputs of a bolt and its ticks. */
  readonly inputNames: readonly Names[];
  /** Of the streams whose tuples are done in this task. */
  readonly doneNames: readonly Names[];
}

type Names = readonly string[];

/** Registers the metrics of all streams of an instance. */
export function registerStreamMetrics(given: StreamMetricsOptions): void {
  const { registry, component } = given;
  const inputNames = inputNamesOf(given);
  const doneNames = component.kind === "spout"
    ? component.outputs.map(({ id }) => [id])
    : inputNames;
  const options: NamedStreams = { ...given, inputNames, doneNames };
  registry.totals(() => emitCounts(options));
  if (options.component.kind === "bolt") registry.totals(() => executeCounts(options));
  registry.totals(() => doneCounts(options));
  registry.totals(() => codecTimes(options));
  registerLatencies(options);
}

function emitCounts({ counters, component }: StreamMetricsOptions): NamedValue[] {
  return component.outputs.map(({ id }, index) => [
    `__emit-count/${id}`,
    counters[COUNTER.firstStream + index] ?? 0,
  ]);
}

function executeCounts(options: NamedStreams): Map<string, number> {
  const { counters, component, inputNames } = options;
  const first = COUNTER.firstStream + component.outputs.length;
  const counts = new Map<string, number>();
  for (const [index, names] of inputNames.entries()) {
    const tuples = counters[first + index] ?? 0;
    for (const suffix of names) {
      const name = `${EXECUTE_COUNT}/${suffix}`;
      counts.set(name, (counts.get(name) ?? 0) + tuples);
    }
  }
  return counts;
}

/** What is counted of a stream beside its tuples. */
type StreamCounter = Exclude<keyof typeof STREAM_COUNTER, "size">;

/** Where a counter of a stream lies. */
function placeOf(stream: number, counter: StreamCounter): number {
  return streamCounterPlace(stream) + STREAM_COUNTER[counter];
}

/** The inputs of a bolt and its ticks, each with its names. */
function inputNamesOf({ component, config }: StreamMetricsOptions): readonly Names[] {
  const names = component.inputs.map((
    input,
  ) => [`${input.component}/${input.stream}`, input.stream]);
  if (tickPeriodMs(config) === undefined) return names;
  return [...names, [`${SYSTEM_COMPONENT}/${TICK_STREAM}`, TICK_STREAM]];
}

/** Sums of a counter by name: what streams of one id, of several components, have is put together. */
function sumsOf(options: NamedStreams, counter: StreamCounter): Map<string, number> {
  const sums = new Map<string, number>();
  for (const [stream, names] of options.doneNames.entries()) {
    const sum = options.counters[placeOf(stream, counter)] ?? 0;
    for (const name of names) sums.set(name, (sums.get(name) ?? 0) + sum);
  }
  return sums;
}

function* doneCounts(options: NamedStreams): Iterable<NamedValue> {
  for (const [name, sum] of sumsOf(options, "acked")) yield [`__ack-count/${name}`, sum];
  for (const [name, sum] of sumsOf(options, "failed")) yield [`__fail-count/${name}`, sum];
  if (options.component.kind === "bolt") {
    for (const [name, ms] of sumsOf(options, "callMs")) {
      yield [`__execute-time-ns/${name}`, Math.round(ms * NS_PER_MS)];
    }
  } else {
    for (const [name, sum] of sumsOf(options, "timedOut")) yield [`__timeout-count/${name}`, sum];
  }
}

/** Times of the codec; ticks have no bytes. */
function* codecTimes(options: NamedStreams): Iterable<NamedValue> {
  const { counters, component, inputNames } = options;
  for (const [output, { id }] of component.outputs.entries()) {
    const ms = counters[encodeTimePlace(output)] ?? 0;
    yield [`__tuple-serialization-time-ns/${id}`, Math.round(ms * NS_PER_MS)];
  }
  if (component.kind === "spout") return;
  for (
    const [name, ms] of sumsOf({
      ...options,
      doneNames: inputNames.slice(0, component.inputs.length),
    }, "decodeMs")
  ) {
    yield [`__tuple-deserialization-time-ns/${name}`, Math.round(ms * NS_PER_MS)];
  }
}

/**
 * Latencies in nanoseconds, as Heron has them: the mean of an interval. Those of calls are of all
 * calls, taken once a turn; a bolt's process and fail latency is of one tuple of a batch now and then,
 * a spout's of all its tuples, as exact as its turns.
 */
function registerLatencies(options: NamedStreams): void {
  const { registry, component } = options;
  const isSpout = component.kind === "spout";
  registry.means(() => latencies(options, "fail", "__fail-latency"));
  const ackLatency = isSpout ? "__complete-latency" : "__process-latency";
  registry.means(() => latencies(options, "ack", ackLatency));
  if (!isSpout) registry.means(() => executeLatencies(options));
}

function* latencies(
  options: NamedStreams,
  what: "ack" | "fail",
  metric: string,
): Iterable<NamedSum> {
  const timed = sumsOf(options, `${what}Timed`);
  for (const [name, ms] of sumsOf(options, `${what}Ms`)) {
    yield [`${metric}/${name}`, ms * NS_PER_MS, timed.get(name) ?? 0];
  }
}

function* executeLatencies(options: NamedStreams): Iterable<NamedSum> {
  const times = sumsOf(options, "callMs");
  for (const [name, tuples] of executeCounts(options)) {
    const stream = name.slice(EXECUTE_COUNT.length + 1);
    yield [`__execute-latency/${stream}`, (times.get(stream) ?? 0) * NS_PER_MS, tuples];
  }
}
