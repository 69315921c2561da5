/** Door of `metrics`: a process's metrics and how they reach its container's metrics manager. */

export {
  EXPORT_INTERVALS_MAX,
  type MetricPublisher,
  type MetricPublisherOptions,
  type PublishedFigures,
  type PublisherIdentity,
  startMetricPublisher,
} from "./metric_publisher.ts";
export { ExceptionLog, type ExceptionValue, type LoggedException } from "./exception_log.ts";
export {
  MetricRegistry,
  type MetricValue,
  type NamedSum,
  type NamedValue,
} from "./metric_registry.ts";
export { aggregationOf, type MetricAggregation } from "./metric_aggregation.ts";
export { METRICS_LIMITS, metricsmgrSocket } from "./metricsmgr_socket.ts";
export { Counter } from "./counter.ts";
export { heapUsedBytes, threadIdHere } from "./engine_figures.ts";
export { registerProcessMetrics } from "./process_metrics.ts";
export { type ExecutorFigures, registerRuntimeMetrics } from "./runtime_metrics.ts";
export { TimeMetric } from "./time_metric.ts";
