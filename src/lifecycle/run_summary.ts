/**
 * The summary of a run: what each component's tasks counted over their lives,
 * summed, and how it reads for people. Pure.
 */

import type { TaskTotals } from "../base/gen/heron_bin/packet_pb.ts";
import { formatDuration } from "./duration.ts";
import type { RestartTally } from "./restart_tally.ts";

/** Tuples of one component, summed over its tasks. */
export interface ComponentTotals {
  readonly component: string;
  readonly tasks: number;
  readonly emitted: number;
  readonly executed: number;
  readonly acked: number;
  readonly failed: number;
  /** Tuples dropped, by reason. */
  readonly dropped: Readonly<Record<string, number>>;
}

/** What the end of a run reports. */
export interface RunSummary {
  readonly topology: string;
  /** From the start of the processes to the end of the last, in milliseconds. */
  readonly timeMs: number;
  /** In the plan's order; undefined when the run was cut before its tasks could count up. */
  readonly components: readonly ComponentTotals[] | undefined;
  /** Processes that ended and were started again, by role. */
  readonly restarts: readonly (readonly [role: string, restarts: number])[];
}

/** Sums the tasks' totals by component, in the order of `componentNames`. */
export function totalsByComponent(
  componentNames: readonly string[],
  tasks: readonly TaskTotals[],
): readonly ComponentTotals[] {
  const names = new Set([...componentNames, ...tasks.map((task) => task.component)]);
  return [...names].map((name) => sumOf(name, tasks.filter((task) => task.component === name)));
}

function sumOf(component: string, tasks: readonly TaskTotals[]): ComponentTotals {
  const dropped: Record<string, number> = {};
  for (const task of tasks) {
    for (const { reason, tuples } of task.dropped) {
      dropped[reason] = (dropped[reason] ?? 0) + Number(tuples);
    }
  }
  const sum = (read: (task: TaskTotals) => bigint): number =>
    Number(tasks.reduce((total, task) => total + read(task), 0n));
  return {
    component,
    tasks: tasks.length,
    emitted: sum((task) => task.emitted),
    executed: sum((task) => task.executed),
    acked: sum((task) => task.acked),
    failed: sum((task) => task.failed),
    dropped,
  };
}

/** Lines before the first failure of user code that a run at most once survived. */
export function formatSurvived(
  { userFailures, userFailureTasks }: RestartTally,
  totals: readonly TaskTotals[] | undefined,
): string {
  const failures = userFailures === 1 ? "once" : `${formatCount(userFailures)} times`;
  const tasks = userFailureTasks === 1 ? "1 task" : `${formatCount(userFailureTasks)} tasks`;
  const dropped = (totals ?? []).flatMap((task) => task.dropped)
    .reduce((sum, { tuples }) => sum + Number(tuples), 0);
  const others = totals === undefined || dropped === 0
    ? ""
    : ` and ${formatCount(dropped)} tuples more were dropped`;
  return `user code failed ${failures} in ${tasks}: what it held then is lost${others}; at first:\n`;
}

/** The summary as lines for a terminal. */
export function formatSummary(summary: RunSummary): string {
  const restarts = formatRestarts(summary.restarts);
  const head = `summary of "${summary.topology}" after ${formatDuration(summary.timeMs)}`;
  if (summary.components === undefined) {
    return `${head}: no totals, it was stopped before its tasks had ended\n${restarts}`;
  }
  const rows = [["component", "tasks", "emitted", "executed", "a second", "failed", "dropped"]];
  for (const totals of summary.components) {
    rows.push([
      totals.component,
      String(totals.tasks),
      formatCount(totals.emitted),
      formatCount(totals.executed),
      formatRate(totals, summary.timeMs),
      formatCount(totals.failed),
      formatDropped(totals.dropped),
    ]);
  }
  return `${head}\n${alignColumns(rows).map((line) => `  ${line}\n`).join("")}${restarts}`;
}

/** The summary as the JSON object of `--json`. */
export function summaryToJson(summary: RunSummary): Record<string, unknown> {
  return {
    type: "summary",
    topology: summary.topology,
    seconds: summary.timeMs / 1000,
    components: summary.components ?? null,
    restarts: Object.fromEntries(summary.restarts),
  };
}

function formatCount(count: number): string {
  return count.toLocaleString("en-US");
}

/** Of what a component does most, over the whole time: a spout emits, a sink executes. */
function formatRate({ emitted, executed }: ComponentTotals, timeMs: number): string {
  return formatCount(Math.round(Math.max(emitted, executed) * 1000 / Math.max(1, timeMs)));
}

function formatRestarts(restarts: RunSummary["restarts"]): string {
  if (restarts.length === 0) return "";
  const counts = restarts.map(([role, count]) => `${role} ${formatCount(count)}`).join(", ");
  const isShort = restarts.some(([role]) => role === "instance" || role === "container");
  return `  restarts: ${counts}${
    isShort ? "; what a task counted before is not in the figures" : ""
  }\n`;
}

function formatDropped(dropped: Readonly<Record<string, number>>): string {
  const parts = Object.entries(dropped).filter(([, tuples]) => tuples > 0);
  if (parts.length === 0) return "0";
  return parts.map(([reason, tuples]) => `${formatCount(tuples)} ${reason}`).join(", ");
}

// The first and last column to the left, figures to the right.
function alignColumns(rows: readonly (readonly string[])[]): string[] {
  const columns = rows[0]?.length ?? 0;
  const widths = Array.from(
    { length: columns },
    (_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows.map((row) =>
    row.map((cell, column) => {
      if (column === columns - 1) return cell;
      const width = widths[column] ?? 0;
      return column === 0 ? cell.padEnd(width) : cell.padStart(width);
    }).join("  ")
  );
}
