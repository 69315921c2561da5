/**
 * The metrics of an instance, under Heron's names, from the counters that its
 * two threads share: they go on while user code blocks. Where Heron counts items
 * in queues, here are bytes, and the names say so.
 */

import { type ComponentDefinition, errorPolicyOf } from "../../api/mod.ts";
import type { MetricRegistry, NamedValue } from "../../metrics/mod.ts";
import { COUNTER } from "../bridge.ts";

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
  for (const name of countNames("__ack-count", options)) {
    registry.total(name, () => at(COUNTER.acked));
  }
  for (const name of countNames("__fail-count", options)) {
    registry.total(name, () => at(COUNTER.failed));
  }
  if (options.component.kind === "spout") {
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
      const name = `__execute-count/${suffix}`;
      counts.set(name, (counts.get(name) ?? 0) + tuples);
    }
  }
  return counts;
}

/**
 * The names of a count that is kept for the task as a whole: Heron's, by stream, when
 * there is only one it can belong to, else the bare name.
 */
function countNames(name: string, { component }: InstanceMetricsOptions): string[] {
  const { kind, outputs, inputs } = component;
  const [output] = outputs;
  const [input] = inputs;
  if (kind === "spout" && outputs.length === 1) return [`${name}/${output?.id}`];
  if (kind === "bolt" && inputs.length === 1) {
    return [`${name}/${input?.component}/${input?.stream}`, `${name}/${input?.stream}`];
  }
  return [name];
}
