/**
 * The newest record of each process of a run, from the ends of the files that its metrics managers
 * write: what one wants every few seconds of a run of an hour, without reading all of it.
 */

import { closeSync, fstatSync, openSync, readSync, statSync } from "node:fs";
import {
  metricFilesOf,
  type MetricsRecord,
  parseMetrics,
  processOf,
  valueOf,
} from "../e2e/metric_files.ts";

/** A second of a container is some ten thousand bytes. */
const TAIL_BYTES = 128 * 1024;

/** The gauges of a run. */
export interface Gauges {
  readonly tuplesPerSecond: number;
  readonly openRoots: number;
  readonly heldBytes: number;
}

const HELD = [
  "__gateway-in-stream-queue-bytes",
  "__executor-in-stream-queue-bytes",
  "__server/__waiting_bytes",
] as const;

/** The newest records of the run in `folder`, one a process. */
export function newestRecords(folder: string): MetricsRecord[] {
  const newest = new Map<string, MetricsRecord>();
  for (const path of newestFiles(folder)) {
    for (const record of parseMetrics(tailOf(path))) newest.set(processOf(record), record);
  }
  return [...newest.values()];
}

/** What the newest records say together. */
export function gaugesOf(records: readonly MetricsRecord[]): Gauges {
  const sum = (name: string): number =>
    records.reduce((total, record) => total + valueOf(record, name), 0);
  return {
    tuplesPerSecond: sum("__execute-count/default"),
    openRoots: sum("__pending-acked-count"),
    heldBytes: HELD.reduce((total, name) => total + sum(name), 0),
  };
}

/** Of each metrics manager, whose files are numbered in a circle, the one that was written last. */
function newestFiles(folder: string): string[] {
  const byManager = Map.groupBy(
    metricFilesOf(folder),
    (path) => path.slice(0, path.lastIndexOf(".")),
  );
  const modified = (path: string): number =>
    statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return [...byManager.values()].flatMap((own) =>
    own.toSorted((a, b) => modified(b) - modified(a)).slice(0, 1)
  );
}

function tailOf(path: string): string {
  const file = openSync(path, "r");
  try {
    const { size } = fstatSync(file);
    const bytes = Buffer.alloc(Math.min(TAIL_BYTES, size));
    const read = readSync(file, bytes, 0, bytes.length, size - bytes.length);
    return bytes.toString("utf8", 0, read);
  } finally {
    closeSync(file);
  }
}
