/** What is in force in a cluster and where it comes from, as a table and as data. Pure. */

import type { LoadedCluster } from "./load_cluster.ts";
import type { ClusterValue } from "./merge_layers.ts";
import { originText } from "./origin_text.ts";

/** Options of a report. */
export interface ClusterReportOptions {
  /** Leaves out what is as it is by default. */
  readonly isChangedOnly: boolean;
}

const HEAD = ["KEY", "VALUE", "FROM"] as const;
const NOT_SET = "-";
/** What is longer moves the rest of its line. */
const WIDTH_MAX = 72;

/** A table with a line a key. */
export function formatCluster(loaded: LoadedCluster, options: ClusterReportOptions): string {
  const { cluster, role, environ } = loaded.settings;
  const file = loaded.file === undefined ? "no file of its own" : loaded.file;
  const rows = shownValues(loaded, options).map((one) => [one.path, textOf(one), fromOf(one)]);
  const widths = HEAD.map((head, column) =>
    Math.min(WIDTH_MAX, Math.max(...[HEAD, ...rows].map((row) => (row[column] ?? head).length)))
  );
  const lines = [HEAD, ...rows].map((row) =>
    row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ").trimEnd()
  );
  const table = rows.length === 0 ? ["nothing differs from the defaults"] : lines;
  return `cluster ${cluster}, role ${role}, environ ${environ}: ${file}\n\n${table.join("\n")}\n`;
}

/** The same as data: values in ms, bytes and the system's own units. */
export function clusterToJson(loaded: LoadedCluster, options: ClusterReportOptions): object {
  const { cluster, role, environ } = loaded.settings;
  const values = shownValues(loaded, options).map((one) => ({
    key: one.path,
    value: one.value ?? null,
    default: one.byDefault ?? null,
    ...(one.kind.unit !== undefined && { unit: one.kind.unit }),
    from: one.origin,
    ...(one.heronName !== undefined && { heronName: one.heronName }),
  }));
  const { file = null, warnings } = loaded;
  return { cluster, role, environ, file, values, warnings };
}

function shownValues(
  { values }: LoadedCluster,
  { isChangedOnly }: ClusterReportOptions,
): readonly ClusterValue[] {
  return isChangedOnly ? values.filter(isChanged) : values;
}

function isChanged({ kind, value, byDefault }: ClusterValue): boolean {
  if (value === undefined || byDefault === undefined) return value !== byDefault;
  return kind.show(value) !== kind.show(byDefault);
}

function textOf({ kind, value }: ClusterValue): string {
  const text = value === undefined ? "" : kind.show(value);
  return text === "" ? NOT_SET : text;
}

function fromOf({ origin, heronName }: ClusterValue): string {
  return `${originText(origin)}${heronName === undefined ? "" : ` (${heronName})`}`;
}
