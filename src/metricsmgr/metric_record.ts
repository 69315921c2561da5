/**
 * What a source published at one time, as sinks take it. Times are those of
 * the metrics manager's clock at receipt.
 */

import type { MetricPublisher } from "../base/gen/heron/metrics_pb.ts";

/** A record of a source. */
export interface MetricRecord {
  /** Milliseconds since 1970. */
  readonly timestampMs: number;
  /** `host:port/component/instance`. */
  readonly source: string;
  readonly metrics: readonly { readonly name: string; readonly value: string }[];
  readonly exceptions: readonly ExceptionRecord[];
}

/** An exception of user code and how often it came. */
export interface ExceptionRecord {
  readonly stacktrace: string;
  readonly firsttime: string;
  readonly lasttime: string;
  readonly logging: string;
  readonly count: number;
}

/** How sinks name a source. */
export function sourceOf(publisher: MetricPublisher): string {
  const { hostname, port, componentName, instanceId } = publisher;
  return `${hostname}:${port}/${componentName}/${instanceId}`;
}

/** The record of what `source` published. */
export function createRecord(
  source: string,
  message: Pick<MetricRecord, "metrics" | "exceptions">,
  timestampMs: number,
): MetricRecord {
  const { metrics, exceptions } = message;
  return { timestampMs, source, metrics, exceptions };
}

/** `record` with the metrics alone whose name begins with one of `prefixes`; exceptions stay. */
export function filterRecord(record: MetricRecord, prefixes: readonly string[]): MetricRecord {
  const metrics = record.metrics.filter(({ name }) =>
    prefixes.some((prefix) => name.startsWith(prefix))
  );
  return { ...record, metrics };
}

/** About how many bytes of memory the record takes. */
export function sizeOf(record: MetricRecord): number {
  const objectBytes = 64;
  let bytes = objectBytes + record.source.length;
  for (const { name, value } of record.metrics) bytes += objectBytes + name.length + value.length;
  for (const { stacktrace, firsttime, lasttime, logging } of record.exceptions) {
    bytes += objectBytes + stacktrace.length + firsttime.length + lasttime.length + logging.length;
  }
  return bytes;
}
