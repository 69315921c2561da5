/**
 * Measures a topology that runs on by itself: starts it, lets it warm up, and takes what its last
 * bolts handled, how late, and what the processes used in a window.
 */

import { readMetrics } from "../tests/e2e/metric_files.ts";
import { BenchRun, type ComponentSummary, type TaskLine } from "./bench_run.ts";
import type { ByRole, RateFigures } from "./figures.ts";
import { Histogram, type Percentiles } from "./histogram.ts";
import { type Count, type Latencies, parseCount, parseLatencies } from "./line_formats.ts";
import { nameProfiles } from "./profiles.ts";
import { countAt } from "./statistics.ts";
import { trafficOf } from "./traffic.ts";
import { type RoleFigures, Window, type WindowFigures } from "./window.ts";

/** The component whose tasks count, in all bench topologies. */
export const LAST = "bolt";

/** What is measured. */
export interface Measurement {
  readonly workload: string;
  readonly mode: "amo" | "alo";
  readonly binary: string;
  readonly topology: string;
  readonly arguments: readonly string[];
  readonly containers?: number | undefined;
  readonly warmupS: number;
  readonly seconds: number;
  /** Where the binary leaves profiles, if it does. */
  readonly profileFolder?: string | undefined;
  /** Nothing is counted: the topology is idle. */
  readonly isIdle?: boolean;
}

/** What the last bolts have told. */
export class Told {
  readonly counts = new Map<number, Count[]>();
  readonly latencies: Latencies[] = [];

  /** Takes a line of any task. */
  take({ component, task, text }: TaskLine): void {
    if (component !== LAST) return;
    const count = parseCount(text);
    if (count !== undefined) this.counts.getOrInsertComputed(task, () => []).push(count);
    const latencies = parseLatencies(text);
    if (latencies !== undefined) this.latencies.push(latencies);
  }

  /** Each task has told of a time that is not before `atMs`. */
  hasReached(atMs: number): boolean {
    return [...this.counts.values()].every((counts) => (counts.at(-1)?.atMs ?? 0) >= atMs);
  }

  /** A tuple has come. */
  hasTuples(): boolean {
    return this.lastTuples() > 0;
  }

  /** All tuples that were told of. */
  lastTuples(): number {
    return [...this.counts.values()].reduce((sum, one) => sum + (one.at(-1)?.tuples ?? 0), 0);
  }

  /** Tuples handled in a window. */
  tuplesBetween(fromMs: number, toMs: number): number {
    let sum = 0;
    for (const counts of this.counts.values()) {
      sum += (countAt(counts, toMs) ?? NaN) - (countAt(counts, fromMs) ?? 0);
    }
    return sum;
  }

  /** Of what came in intervals wholly inside. */
  latenciesBetween(fromMs: number, toMs: number): Percentiles | undefined {
    const histogram = new Histogram();
    for (const one of this.latencies) {
      if (one.fromMs >= fromMs && one.toMs <= toMs) histogram.merge(one.buckets);
    }
    return histogram.percentiles();
  }
}

/** Runs it once. */
export async function measureWindow(measurement: Measurement): Promise<RateFigures> {
  const { isIdle = false, seconds, warmupS } = measurement;
  const told = new Told();
  await using run = new BenchRun({ ...measurement, onLine: (line) => told.take(line) });
  await run.running();
  if (!isIdle) await run.until("the first tuple at the last bolt", () => told.hasTuples());
  await Bun.sleep(warmupS * 1000);
  const open = new Window(run);
  await Bun.sleep(seconds * 1000);
  const window = open.close();
  if (!isIdle) {
    await run.until("the last bolts to tell their counts", () => told.hasReached(window.toMs));
  }
  const metrics = readMetrics(run.folder);
  const processes = run.processes();
  const { components, exitCode } = await run.end();
  if (exitCode !== 0) throw new Error(`End the run: found exit code ${exitCode}\n${run.stderr}`);
  const { profileFolder, workload } = measurement;
  if (profileFolder !== undefined) nameProfiles(profileFolder, workload, processes);
  const tuples = told.tuplesBetween(window.fromMs, window.toMs);
  return {
    ...figuresOf(measurement, window, tuples),
    latency_ms: told.latenciesBetween(window.fromMs, window.toMs) ?? null,
    traffic: trafficOf(metrics, window, LAST) ?? null,
    extra: { ...lossesOf(components), ...(isIdle ? { cpu_percent: cpuPercent(window) } : {}) },
  };
}

function figuresOf(
  { mode, workload }: Measurement,
  window: WindowFigures,
  tuples: number,
): Omit<RateFigures, "latency_ms" | "traffic" | "extra"> {
  const onTheWay = window.roles.filter((role) => role.isOnTheWay);
  const daemons = window.roles.filter((role) => !role.isOnTheWay);
  const cpuS = byRole(onTheWay, ({ cpuS }) => cpuS);
  return {
    kind: "rate",
    workload,
    mode,
    seconds: round(window.seconds),
    tuples: roundCount(tuples),
    tuples_per_s: roundCount(tuples / window.seconds),
    cpu_s: cpuS,
    daemon_cpu_s: byRole(daemons, ({ cpuS }) => cpuS),
    tuples_per_cpu_s: roundCount(tuples / (cpuS["total"] ?? NaN)),
    rss_mb: byRole(window.roles, ({ residentMb }) => residentMb),
    private_mb: byRole(window.roles, ({ privateMb }) => privateMb),
    processes: byRole(window.roles, ({ processes }) => processes),
    host: { other_cpu_s: round(window.otherCpuS), steal_s: round(window.stealS) },
  };
}

function byRole(roles: readonly RoleFigures[], read: (role: RoleFigures) => number): ByRole {
  const entries = roles.map((role) => [role.name, round(read(role))] as const);
  const total = round(roles.reduce((sum, role) => sum + read(role), 0));
  return { ...Object.fromEntries(entries), total };
}

/** What went wrong on the way, if anything did. */
function lossesOf(components: readonly ComponentSummary[]): Record<string, number> {
  const failed = components.reduce((sum, one) => sum + one.failed, 0);
  const dropped = components.flatMap((one) => Object.values(one.dropped))
    .reduce((sum, tuples) => sum + tuples, 0);
  return { ...(failed > 0 ? { failed } : {}), ...(dropped > 0 ? { dropped } : {}) };
}

/** Of all processes together, of one processor. */
function cpuPercent({ roles, seconds }: WindowFigures): number {
  return round(100 * roles.reduce((sum, { cpuS }) => sum + cpuS, 0) / seconds);
}

/** Of few large tuples parts count too. */
function roundCount(value: number): number {
  return value < 1000 ? round(value) : Math.round(value);
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
