/**
 * How the values of a metric are put together over time: Heron's table, by the
 * beginning of the name. What is not in it is a gauge, and the last value counts.
 */

/** `sum`: each value is what came since the one before; `last`: each value is the state then. */
export type MetricAggregation = "sum" | "last";

const SUM_PREFIXES: readonly string[] = Object.freeze([
  "__emit-count",
  "__execute-count",
  "__ack-count",
  "__fail-count",
  "__timeout-count",
  "__execute-time-ns",
  "__tuple-serialization-time-ns",
  "__tuple-deserialization-time-ns",
  "__time-spent-back-pressure-paused-ms",
  "__time_spent_back_pressure_by_compid/",
  "__server/__time_spent_back_pressure_",
  "__dropped-count",
  "__exception-count",
  "__next-tuple-count",
  "__retry-count",
  "__skip-count",
  "__dead-letter-count",
  "__out-queue-full-count",
  "__data-tuple-added-to-outgoing-queue",
  "__gateway-in-queue-full-count",
  "__gateway-sent-metrics-",
  "__gateway-sent-exceptions-count",
  "dropped_exceptions_count",
  "__gateway-received-packets-",
  "__gateway-sent-packets-",
  "__gateway-dropped-packets-",
  "__server/__bytes_",
  "__server/__packets_",
  "__server/__tuples_lost/",
  "__client_",
  "__connection_buffer_length_by_instanceid/",
  "__instance_bytes_received/",
  "__metricsmgr__/received-",
]);

/** How to put values of the metric `name` together. */
export function aggregationOf(name: string): MetricAggregation {
  return SUM_PREFIXES.some((prefix) => name.startsWith(prefix)) ? "sum" : "last";
}
