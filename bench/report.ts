/** What the bench prints: a line a run, a table at the end; and the JSON lines. Pure. */

import type { ControlFigures, Figures, HostFigures, RateFigures } from "./figures.ts";
import type { Percentiles } from "./histogram.ts";
import { median, spreadOf } from "./statistics.ts";

/** Further figures that are there only when something went wrong. */
/** From here on counts are shown in millions. */
const MANY = 100_000;
const TROUBLES = ["failed", "dropped", "kept_up_percent"] as const;

/** A run of a workload with all that is known of it. */
export interface Result {
  /** `heron-bin`, `storm`, `flink`. */
  readonly system: string;
  /** Which of the binaries or settings that are compared; empty: there is one. */
  readonly variant: string;
  /** From 1. */
  readonly run: number;
  readonly figures: Figures;
  readonly control: ControlFigures | undefined;
  /** The control's two figures are near each other, or there is no control. */
  readonly isSteady: boolean;
}

/** One run as a JSON line, in the words that the runners of other systems use, and some more. */
export function jsonLine(result: Result, machine: Omit<HostFigures, "other_cpu_s" | "steal_s">) {
  const { control, figures, isSteady, run, system, variant } = result;
  const host = { ...machine, ...(figures.kind === "rate" ? figures.host : {}) };
  const { kind: _, ...words } = figures;
  const { extra, ...shared } = "extra" in words ? words : { ...words, extra: {} };
  return JSON.stringify({
    system,
    ...shared,
    ...extra,
    ...(variant === "" ? {} : { variant }),
    run,
    steady: isSteady,
    control_tuples_per_cpu_s: control === undefined
      ? null
      : { before: control.before, after: control.after },
    share_of_control: control?.share ?? null,
    host,
  });
}

/** One run as a line for people. */
export function runLine({ control, figures, isSteady, run, system, variant }: Result): string {
  const whose = [system === "heron-bin" ? "" : system, variant].filter((part) => part !== "");
  const parts = [`  ${["run", run, ...whose].join(" ")}:`, figuresText(figures)];
  if (control?.share != null) parts.push(`${percent(control.share)} of the control,`);
  if (figures.kind === "rate") {
    const { other_cpu_s } = figures.host;
    // Not all peers tell.
    if (Number.isFinite(other_cpu_s)) parts.push(`others used ${other_cpu_s.toFixed(1)} CPU-s`);
    for (const name of TROUBLES) {
      if (figures.extra[name] !== undefined) parts.push(`${name} ${figures.extra[name]}`);
    }
  }
  if (!isSteady) parts.push("unsteady");
  return parts.join(" ");
}

function figuresText(figures: Figures): string {
  switch (figures.kind) {
    case "rate":
      if (figures.extra["cpu_percent"] !== undefined) {
        return `${figures.extra["cpu_percent"].toFixed(2)} % of a core,`;
      }
      return `${scaled(figures.tuples_per_cpu_s)}/CPU-s, ${scaled(figures.tuples_per_s)}/s,` +
        (figures.latency_ms === null ? "" : ` ${percentilesText(figures.latency_ms)} ms,`);
    case "times":
      return Object.entries(figures.times_ms)
        .map(([name, times]) => `${name} ${percentilesText(times)} ms,`).join(" ");
    case "core":
      return Object.entries(figures.ns).map(([name, ns]) => `${name} ${ns.toFixed(1)} ns,`)
        .join(" ");
  }
}

function percentilesText({ max, p50, p99, p999 }: Percentiles): string {
  return `p50 ${ms(p50)} p99 ${ms(p99)} p99.9 ${ms(p999)} max ${ms(max)}`;
}

/** Its row in tables. */
function nameOf({ figures, system, variant }: Result): string {
  const { mode, workload } = figures;
  const isModeNamed = mode === "amo" || workload.endsWith(`_${mode}`);
  const parts = [workload, isModeNamed ? "" : mode, system === "heron-bin" ? "" : system, variant];
  return parts.filter((part) => part !== "").join(" ");
}

/** The results of all runs, one row a figure, with the median and the spread. */
export function summaryTable(results: readonly Result[]): string {
  const groups = Map.groupBy(results, nameOf);
  const rows = [...groups].flatMap(([name, group]) =>
    metricsOf(group).map(({ metric, unit, values, digits }) => {
      const { least, median, most } = spreadOf(values);
      const show = (value: number): string => value.toFixed(digits);
      return [name, metric, show(median), `${show(least)}–${show(most)}`, unit, `${values.length}`];
    })
  );
  return tableText([["workload", "figure", "median", "min–max", "unit", "runs"], ...rows]);
}

interface Metric {
  readonly metric: string;
  readonly unit: string;
  readonly digits: number;
  readonly values: readonly number[];
}

function metricsOf(group: readonly Result[]): Metric[] {
  const rates = group.flatMap(({ figures }) => figures.kind === "rate" ? [figures] : []);
  const times = group.flatMap(({ figures }) => figures.kind === "times" ? [figures.times_ms] : []);
  const cores = group.flatMap(({ figures }) => figures.kind === "core" ? [figures.ns] : []);
  const shares = group.flatMap(({ control }) => control?.share ?? []);
  const metrics = [
    ...rateMetrics(rates),
    {
      metric: "share of the C control",
      unit: "%",
      digits: 1,
      values: shares.map((one) => one * 100),
    },
    ...Object.keys(times[0] ?? {}).flatMap((name) =>
      percentileMetrics(name, times.flatMap((one) => one[name] ?? []))
    ),
    ...Object.keys(cores[0] ?? {}).map((name) => ({
      metric: name,
      unit: "ns",
      digits: 1,
      values: cores.map((one) => one[name] ?? NaN),
    })),
  ];
  return metrics.filter(({ values }) => values.length > 0);
}

function rateMetrics(rates: readonly RateFigures[]): Metric[] {
  const idle = rates.flatMap(({ extra }) => extra["cpu_percent"] ?? []);
  const largest = rates.map(({ private_mb, processes }) =>
    Math.max(
      ...Object.entries(private_mb).filter(([name]) => name !== "total")
        .map(([name, mb]) => mb / (processes[name] ?? 1)),
    )
  );
  const memory = {
    metric: "private memory, largest role",
    unit: "MB",
    digits: 1,
    values: largest.filter((mb) => mb > 0),
  };
  if (idle.length > 0) {
    return [{ metric: "processor, all processes", unit: "%", digits: 2, values: idle }, memory];
  }
  const of = (read: (one: RateFigures) => number): number[] => rates.map(read);
  const latencies = rates.flatMap(({ latency_ms }) => latency_ms ?? []);
  return [
    scaledMetric("tuples a CPU-second", of((one) => one.tuples_per_cpu_s)),
    scaledMetric("tuples a second", of((one) => one.tuples_per_s)),
    ...percentileMetrics("latency", latencies),
    memory,
  ];
}

function scaledMetric(metric: string, values: readonly number[]): Metric {
  return values.some((value) => value >= MANY)
    ? { metric, unit: "M", digits: 3, values: values.map((value) => value / 1e6) }
    : { metric, unit: "", digits: 1, values };
}

function percentileMetrics(name: string, times: readonly Percentiles[]): Metric[] {
  const isMany = times.some(({ samples }) => samples >= 1000);
  const keys = (["p50", "p99", "p999", "max"] as const).filter((key) => isMany || key !== "p999");
  return keys.map((key) => ({
    metric: `${name} ${key === "p999" ? "p99.9" : key}`,
    unit: "ms",
    digits: 3,
    values: times.map((one) => one[key]),
  }));
}

/** Where the processor time of the runs with tuples went: nanoseconds a tuple, by role, medians. */
export function costTable(results: readonly Result[]): string {
  const groups = Map.groupBy(results, nameOf);
  const rows = [...groups].flatMap(([name, group]) => {
    const rates = group.flatMap(({ figures }) => figures.kind === "rate" ? [figures] : []);
    const first = rates[0];
    if (first === undefined) return [];
    if (first.tuples === 0) return [[name, idleText(rates), ""]];
    const roles = Object.keys(first.cpu_s).map((role) => {
      const costs = rates.map(({ cpu_s, tuples }) => (cpu_s[role] ?? NaN) * 1e9 / tuples);
      return `${role} ${median(costs).toFixed(0)}`;
    });
    const { traffic } = first;
    const batches = traffic === null
      ? ""
      : `${traffic.tuples_per_batch.toFixed(1)} tuples a batch, ` +
        `${traffic.bytes_per_tuple.toFixed(1)} B a tuple`;
    return [[name, roles.join(", "), batches]];
  });
  return tableText([["workload", "CPU, ns a tuple", "at the last bolt"], ...rows]);
}

function idleText(rates: readonly RateFigures[]): string {
  const shares = (["cpu_s", "daemon_cpu_s"] as const).flatMap((group) =>
    Object.keys(rates[0]?.[group] ?? {}).filter((role) => role !== "total").map((role) => {
      const percents = rates.map((one) => (one[group][role] ?? NaN) * 100 / one.seconds);
      return `${role} ${median(percents).toFixed(2)}`;
    })
  );
  return `${shares.join(", ")}: % of a core`;
}

/** Private memory of one process of each role at the end of the window, in MB, medians. */
export function memoryTable(results: readonly Result[]): string {
  const rows = [...Map.groupBy(results, nameOf)].flatMap(([name, group]) => {
    const rates = group.flatMap(({ figures }) => figures.kind === "rate" ? [figures] : []);
    const roles = Object.keys(rates[0]?.processes ?? {}).filter((role) => role !== "total");
    if (roles.length === 0) return [];
    const memory = roles.map((role) => {
      const each = rates.map(({ private_mb, processes }) =>
        (private_mb[role] ?? NaN) / (processes[role] ?? NaN)
      );
      return `${role} ${median(each).toFixed(1)}`;
    });
    return [[name, memory.join(", ")]];
  });
  return tableText([["workload", "private memory of a process, MB"], ...rows]);
}

/** How the second variant compares with the first, by the medians; the first is 1. */
export function comparisonTable(results: readonly Result[]): string {
  const rows: string[][] = [];
  const ours = results.filter(({ system }) => system === "heron-bin");
  const byWorkload = Map.groupBy(ours, (one) => nameOf({ ...one, variant: "" }));
  for (const [name, group] of byWorkload) {
    const first = group.filter(({ variant }) => variant === "new");
    const second = group.filter(({ variant }) => variant === "against");
    rows.push(...ratios(first, second).map((ratio) => [name, ...ratio]));
  }
  return tableText([["workload", "figure", "new / against"], ...rows]);
}

/** How ours compare with those of the peers, by the medians; above 1 ours is the larger figure. */
export function peersTable(results: readonly Result[]): string {
  const rows: string[][] = [];
  const byWorkload = Map.groupBy(
    results,
    (one) => nameOf({ ...one, variant: "", system: "heron-bin" }),
  );
  for (const [name, group] of byWorkload) {
    const ours = group.filter(({ system, variant }) =>
      system === "heron-bin" && variant !== "against"
    );
    for (const [system, theirs] of Map.groupBy(group, (one) => one.system)) {
      if (system === "heron-bin") continue;
      rows.push(...ratios(ours, theirs).map(([metric, ratio]) => [name, system, metric, ratio]));
    }
  }
  return tableText([["workload", "system", "figure", "ours / theirs"], ...rows]);
}

function ratios(
  first: readonly Result[],
  second: readonly Result[],
): [metric: string, ratio: string][] {
  const others = metricsOf(second);
  return metricsOf(first).flatMap(({ metric, values }) => {
    const other = others.find((one) => one.metric === metric);
    if (other === undefined) return [];
    return [[metric, (median(values) / median(other.values)).toFixed(3)]];
  });
}

/** Columns as wide as need be, two spaces between them. */
function tableText(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? "").length))
  );
  return rows.map((row) =>
    row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ").trimEnd()
  ).join("\n");
}

/** In millions where there are many. */
function scaled(value: number): string {
  return value >= MANY ? `${(value / 1e6).toFixed(3)} M` : value.toFixed(1);
}

function ms(value: number): string {
  return value.toFixed(3);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
