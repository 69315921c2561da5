/**
 * The metrics of an instance, under Heron's names, from the counters that its
 * two threads share: they go on while user code blocks. Where Heron counts items
 * in queues, here are bytes, and the names say so. What is told of by stream is
 * in `stream_metrics.ts`.
 */

import { errorPolicyOf } from "../../api/mod.ts";
import type { Clock } from "../../base/mod.ts";
import {
  type ExceptionLog,
  type ExecutorFigures,
  type PublishedFigures,
  registerProcessMetrics,
  registerRuntimeMetrics,
} from "../../metrics/mod.ts";
import { COUNTER } from "../bridge.ts";
import { registerStreamMetrics, type StreamMetricsOptions } from "./stream_metrics.ts";

const NS_PER_MS = 1e6;

/** What the gateway counts, in whole numbers since its start. */
export interface GatewayFigures {
  readonly receivedPackets: number;
  readonly receivedBytes: number;
  readonly sentPackets: number;
  readonly sentBytes: number;
  /** Times that the ring had no room any more. */
  readonly inQueueFull: number;
  /** Bytes that wait for room in the ring, and the most they have been. */
  readonly waitingBytes: number;
  readonly waitingBytesMax: number;
  /** Tuples of a spout that are followed and not done. */
  readonly openTuples: number;
  /** For how long a spout was paused for back pressure, in ms. */
  readonly pressureMs: number;
}

/** Where the metrics of an instance come from. */
export interface InstanceMetricsOptions extends StreamMetricsOptions {
  readonly clock: Clock;
  readonly gateway: GatewayFigures;
  readonly exceptions: Pick<ExceptionLog, "logged" | "leftOut">;
  /** What the publisher of all this has sent. */
  published(): PublishedFigures;
}

/** Registers the metrics of an instance, all but those of user code. */
export function registerInstanceMetrics(options: InstanceMetricsOptions): void {
  const { registry, clock, counters, exceptions } = options;
  const at = (index: number): number => counters[index] ?? 0;
  registerProcessMetrics(registry, clock);
  registerRuntimeMetrics(registry, clock, () => executorFigures(counters));
  registerStreamMetrics(options);
  registry.total("__out-queue-full-count", () => at(COUNTER.refused));
  if (options.component.kind === "spout") registerSpoutMetrics(options);
  registerTurns(options);
  registerErrorCounts(options);
  registry.total("__exception-count", () => exceptions.logged);
  registry.total("dropped_exceptions_count", () => exceptions.leftOut);
  registry.total("__dropped-count", () => at(COUNTER.dropped));
  registry.total("__gateway-dropped-packets-size", () => at(COUNTER.goneBytes));
  registerGatewayMetrics(options);
}

function executorFigures(counters: Float64Array): ExecutorFigures {
  return {
    threadId: counters[COUNTER.threadId] ?? 0,
    heapBytes: counters[COUNTER.heapBytes] ?? 0,
  };
}

function registerSpoutMetrics({ registry, counters, gateway }: InstanceMetricsOptions): void {
  const at = (index: number): number => counters[index] ?? 0;
  // One that has nothing to emit is called all the same.
  registry.restlessTotals(() => [["__next-tuple-count", at(COUNTER.calls)]]);
  registry.means(() => [[
    "__next-tuple-latency",
    at(COUNTER.callMs) * NS_PER_MS,
    at(COUNTER.calls),
  ]]);
  registry.gauges(() => [["__pending-acked-count", gateway.openTuples]]);
  registry.total("__time-spent-back-pressure-paused-ms", () => Math.floor(gateway.pressureMs));
}

/** Turns of the executor since its start, as Heron counts the rounds of its loop; exports; what was sent. */
function registerTurns({ registry, counters, component }: InstanceMetricsOptions): void {
  const at = (index: number): number => counters[index] ?? 0;
  const isSpout = component.kind === "spout";
  registry.restlessGauges(() => [
    ["__task-run-count", at(COUNTER.turns)],
    [isSpout ? "__produce-tuple-count" : "__execution-count", at(COUNTER.turnsWithCalls)],
    ["__continue-work-count", at(COUNTER.turnsAgain)],
    ["__collector-collection-count", 1],
  ]);
  registry.total("__data-tuple-added-to-outgoing-queue/default", () => at(COUNTER.batches));
  registry.means(() => [[
    "__average-tuple-size-added-queue/default",
    at(COUNTER.batchTuples),
    at(COUNTER.batches),
  ]]);
}

/** What the error policy did, where a component has one of its own. */
function registerErrorCounts({ registry, counters, config }: InstanceMetricsOptions): void {
  const { retries, then } = errorPolicyOf(config);
  const at = (index: number): number => counters[index] ?? 0;
  if (retries > 0) registry.total("__retry-count", () => at(COUNTER.retries));
  if (then === "skip") registry.total("__skip-count", () => at(COUNTER.skipped));
  if (then === "dead_letter") {
    registry.total("__dead-letter-count", () => at(COUNTER.deadLetters));
  }
}

function registerGatewayMetrics(options: InstanceMetricsOptions): void {
  const { registry, counters, gateway, published } = options;
  registry.totals(() => [
    ["__gateway-in-queue-full-count", gateway.inQueueFull],
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
  registry.restlessTotals(() => {
    const { packets, bytes, metrics, exceptions } = published();
    return [
      ["__gateway-sent-metrics-packets-count", packets],
      ["__gateway-sent-metrics-size", bytes],
      ["__gateway-sent-metrics-count", metrics],
      ["__gateway-sent-exceptions-count", exceptions],
    ];
  });
}
