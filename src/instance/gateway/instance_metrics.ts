/**
 * The metrics of an instance, under Heron's names, from the counters that its
 * two threads share: they go on while user code blocks. Where Heron counts items
 * in queues, here are bytes, and the names say so. Latencies are told of in
 * `registerTimes`.
 */

import { type ComponentDefinition, errorPolicyOf } from "../../api/mod.ts";
import type { MetricRegistry, NamedSum, NamedValue } from "../../metrics/mod.ts";
import { COUNTER, STREAM_COUNTER, streamCounterPlace } from "../bridge.ts";

const NS_PER_MS = 1e6;
const EXECUTE_COUNT = "__execute-count";

/** What the gateway counts, in whole numbers since its start. */
export interface GatewayFigures {
  readonly receivedPackets: number;
  readonly receivedBytes: number;
  readonly sentPackets: number;
  readonly sentBytes: number;
  /** Bytes that wait for room in the ring, and the most they have been. */
  readonly waitingBytes: number;
  readonly waitingBytesMax: number;
  /** Tuples of a spout that are followed and not done. */
  readonly openTuples: number;
  /** For how long a spout was paused for back pressure, in ms. */
  readonly pressureMs: number;
}

/** Where the metrics of an instance come from. */
export interface InstanceMetricsOptions {
  readonly registry: MetricRegistry;
  /** The shared counters, laid out as `COUNTER` says. */
  readonly counters: Float64Array;
  readonly component: Pick<ComponentDefinition, "kind" | "outputs" | "inputs" | "config">;
  readonly gateway: GatewayFigures;
}

/** Registers the metrics of an instance. */
export function registerInstanceMetrics(options: InstanceMetricsOptions): void {
  const { registry, counters } = options;
  const at = (index: number): number => counters[index] ?? 0;
  registry.totals(() => emitCounts(options));
  if (options.component.kind === "bolt") registry.totals(() => executeCounts(options));
  registry.totals(() => doneCounts(options));
  registerTimes(options);
  registry.total("__out-queue-full-count", () => at(COUNTER.refused));
  if (options.component.kind === "spout") {
    registry.total("__next-tuple-count", () => at(COUNTER.calls));
    registry.gauges(() => [["__pending-acked-count", options.gateway.openTuples]]);
    registry.total(
      "__time-spent-back-pressure-paused-ms",
      () => Math.floor(options.gateway.pressureMs),
    );
  }
  registerErrorCounts(options);
  registry.total("__dropped-count", () => at(COUNTER.dropped));
  registry.total("__gateway-dropped-packets-size", () => at(COUNTER.goneBytes));
  registerGatewayMetrics(options);
}

/** What the error policy did, where a component has one of its own. */
function registerErrorCounts({ registry, counters, component }: InstanceMetricsOptions): void {
  const { retries, then } = errorPolicyOf(component.config);
  const at = (index: number): number => counters[index] ?? 0;
  if (retries > 0) registry.total("__retry-count", () => at(COUNTER.retries));
  if (then === "skip") registry.total("__skip-count", () => at(COUNTER.skipped));
  if (then === "dead_letter") {
    registry.total("__dead-letter-count", () => at(COUNTER.deadLetters));
  }
}

function registerGatewayMetrics({ registry, counters, gateway }: InstanceMetricsOptions): void {
  registry.totals(() => [
    ["__gateway-received-packets-count", gateway.receivedPackets],
    ["__gateway-received-packets-size", gateway.receivedBytes],
    ["__gateway-sent-packets-count", gateway.sentPackets],
    ["__gateway-sent-packets-size", gateway.sentBytes],
  ]);
  registry.gauges(() => [
    ["__gateway-in-stream-queue-bytes", gateway.waitingBytes],
    ["__gateway-in-stream-queue-bytes-max", gateway.waitingBytesMax],
    ["__executor-in-stream-queue-bytes", counters[COUNTER.heldBytes] ?? 0],
    ["__executor-in-stream-queue-bytes-max", counters[COUNTER.heldBytesMax] ?? 0],
  ]);
}

function emitCounts({ counters, component }: InstanceMetricsOptions): NamedValue[] {
  return component.outputs.map(({ id }, index) => [
    `__emit-count/${id}`,
    counters[COUNTER.firstStream + index] ?? 0,
  ]);
}

/** By source component and stream, and by stream, whatever component it comes from. */
function executeCounts({ counters, component }: InstanceMetricsOptions): Map<string, number> {
  const first = COUNTER.firstStream + component.outputs.length;
  const counts = new Map<string, number>();
  for (const [index, input] of component.inputs.entries()) {
    const tuples = counters[first + index] ?? 0;
    for (const suffix of [`${input.component}/${input.stream}`, input.stream]) {
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

/** The streams whose tuples are done in this task, each with its names: Heron has two for an input. */
function namedStreams({ component }: InstanceMetricsOptions): readonly (readonly string[])[] {
  const { kind, outputs, inputs } = component;
  if (kind === "spout") return outputs.map(({ id }) => [id]);
  return inputs.map((input) => [`${input.component}/${input.stream}`, input.stream]);
}

/** Sums of a counter by name: what streams of one id, of several components, have is put together. */
function sumsOf(options: InstanceMetricsOptions, counter: StreamCounter): Map<string, number> {
  const sums = new Map<string, number>();
  for (const [stream, names] of namedStreams(options).entries()) {
    const sum = options.counters[placeOf(stream, counter)] ?? 0;
    for (const name of names) sums.set(name, (sums.get(name) ?? 0) + sum);
  }
  return sums;
}

function* doneCounts(options: InstanceMetricsOptions): Iterable<NamedValue> {
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

/**
 * Latencies in nanoseconds, as Heron has them: the mean of an interval. Those of calls are of all
 * calls, taken once a turn; a bolt's process and fail latency is of one tuple of a batch now and then,
 * a spout's of all its tuples, as exact as its turns.
 */
function registerTimes(options: InstanceMetricsOptions): void {
  const { registry, counters, component } = options;
  const isSpout = component.kind === "spout";
  registry.means(() => latencies(options, "fail", "__fail-latency"));
  const ackLatency = isSpout ? "__complete-latency" : "__process-latency";
  registry.means(() => latencies(options, "ack", ackLatency));
  if (isSpout) {
    registry.means(() => [[
      "__next-tuple-latency",
      (counters[COUNTER.callMs] ?? 0) * NS_PER_MS,
      counters[COUNTER.calls] ?? 0,
    ]]);
  } else registry.means(() => executeLatencies(options));
}

function* latencies(
  options: InstanceMetricsOptions,
  what: "ack" | "fail",
  metric: string,
): Iterable<NamedSum> {
  const timed = sumsOf(options, `${what}Timed`);
  for (const [name, ms] of sumsOf(options, `${what}Ms`)) {
    yield [`${metric}/${name}`, ms * NS_PER_MS, timed.get(name) ?? 0];
  }
}

function* executeLatencies(options: InstanceMetricsOptions): Iterable<NamedSum> {
  const times = sumsOf(options, "callMs");
  for (const [name, tuples] of executeCounts(options)) {
    const stream = name.slice(EXECUTE_COUNT.length + 1);
    yield [`__execute-latency/${stream}`, (times.get(stream) ?? 0) * NS_PER_MS, tuples];
  }
}
