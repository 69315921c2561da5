/** Door of `metricsmgr`: the metrics manager role, and what a sink is. */

export { type ConfiguredSink, type OpenSink } from "./metricsmgr.ts";
export { type MetricsmgrRoleOptions, runMetricsmgr } from "./run_metricsmgr.ts";
export type { FileSinkSettings, Sink, SinkSettings } from "./sinks/sink.ts";
