/**
 * Batches and bytes of a window, from what the processes counted themselves: the records that the
 * metrics managers' file sinks wrote, each with what was counted since the one before.
 */

import { type MetricsRecord, valueOf } from "../tests/e2e/metric_files.ts";
import type { TrafficFigures } from "./figures.ts";

/** Where a window lies, in milliseconds since the epoch. */
export interface Interval {
  readonly fromMs: number;
  readonly toMs: number;
}

/** The traffic to the tasks of component `last` in a window; undefined when too little was written. */
export function trafficOf(
  records: readonly MetricsRecord[],
  { fromMs, toMs }: Interval,
  last: string,
): TrafficFigures | undefined {
  const inside = records.filter(({ timestamp }) => timestamp > fromMs && timestamp <= toMs);
  const tasks = inside.filter(({ source }) => source.split("/")[1] === last);
  const stmgrs = inside.filter(({ source }) => source.split("/")[1] === "__stmgr__");
  const tuples = sum(tasks, executed);
  const batches = sum(tasks, (one) => valueOf(one, "__gateway-received-packets-count"));
  if (tuples === 0 || batches === 0) return undefined;
  const bytes = sum(tasks, (one) => valueOf(one, "__gateway-received-packets-size"));
  const frames = sum(
    stmgrs,
    (one) =>
      valueOf(one, "__server/__packets_from_workers") +
      valueOf(one, "__server/__packets_from_stmgrs"),
  );
  return {
    tuples_per_batch: tuples / batches,
    bytes_per_tuple: bytes / tuples,
    stmgr_frames_per_tuple: frames / tuples,
  };
}

/** By stream and component; the names by stream alone are the same tuples again. */
function executed({ metrics }: MetricsRecord): number {
  return Object.entries(metrics)
    .filter(([name]) => /^__execute-count\/[^/]+\/[^/]+$/.test(name))
    .reduce((total, [, value]) => total + Number(value), 0);
}

function sum(records: readonly MetricsRecord[], read: (one: MetricsRecord) => number): number {
  return records.reduce((total, one) => total + read(one), 0);
}
