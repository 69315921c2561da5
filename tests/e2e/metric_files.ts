/** What the metrics managers of a run have written: the records of their file sinks, as they grow. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A record of a process. */
export interface MetricsRecord {
  /** `Date.now()` of the metrics manager. */
  readonly timestamp: number;
  /** `host:port/component/instance`. */
  readonly source: string;
  /** Numbers as text, by name. */
  readonly metrics: Readonly<Record<string, string>>;
  /** Absent in none of the files. */
  readonly exceptions?: readonly { readonly count: number; readonly stackTrace: string }[];
}

/** All records of the run in `folder` so far, in the order of their time. */
export function readMetrics(folder: string): MetricsRecord[] {
  return metricFilesOf(folder).flatMap((path) => parseMetrics(readFileSync(path, "utf8")))
    .sort((a, b) => a.timestamp - b.timestamp);
}

/** The files of the run in `folder`; none before its first metrics manager is up, the last of its processes. */
export function metricFilesOf(folder: string): string[] {
  const metrics = join(folder, "logs", "metrics");
  return existsSync(metrics) ? readdirSync(metrics).map((name) => join(metrics, name)) : [];
}

/** The records in a file's text; it may begin or end within one. */
export function parseMetrics(text: string): MetricsRecord[] {
  // A record a line.
  return text.split("\n").flatMap((line) => {
    const record = line.replace(/^\[/, "").replace(/[,\]]$/, "");
    const isWhole = record.startsWith("{") && record.endsWith("}");
    // The file's own format, which the assertions then rely on.
    return isWhole ? [JSON.parse(record) as MetricsRecord] : [];
  });
}

/** The last part of a record's source: the id of its process. */
export function processOf({ source }: MetricsRecord): string {
  return source.slice(source.lastIndexOf("/") + 1);
}

/** The value of a metric in a record; 0 when it is not there. */
export function valueOf({ metrics }: MetricsRecord, name: string): number {
  return Number(metrics[name] ?? 0);
}

/** The largest value that a metric of a process had in `records`. */
export function largestOf(
  records: readonly MetricsRecord[],
  process: string,
  name: string,
): number {
  return Math.max(
    0,
    ...records.filter((one) => processOf(one) === process).map((one) => valueOf(one, name)),
  );
}
