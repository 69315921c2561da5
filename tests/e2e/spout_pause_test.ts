/**
 * Back pressure under stress: whoever stands in the way, the spouts pause, no process holds more
 * than its bound, nothing is lost, and all goes on at its rate after relief.
 */

import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { LiveRun, topologyFile, until } from "./live_run.ts";
import { MemoryWatch } from "./memory_watch.ts";
import { largestOf, type MetricsRecord, processOf, readMetrics, valueOf } from "./metric_files.ts";
import { boundsOf, type PlanBounds } from "./plan_bounds.ts";
import { signal } from "./process_tree.ts";
import { brokenLinks } from "./role_logs.ts";

const TEST_MS = 400_000;
const IDLE_MS = 1500;
/** How long it goes on like that, once the spouts stand still. */
const STILL_MS = 2000;
const EMITTED = "__emit-count/default";
const PAUSED = "__time-spent-back-pressure-paused-ms";
const ANNOUNCED = "__time_spent_back_pressure_by_compid";
/** The rate is back when it is this part of the mean of what follows. */
const FULL_RATE_PART = 0.5;

interface Stress {
  /** The mode of the topology. */
  readonly mode: string;
  /** Tuples of each of the two spout tasks. */
  readonly tuples: number;
  /** Who is stopped by a signal. */
  readonly stopped?: "middle" | "its stream manager";
  /** The component whose task is announced; undefined: who should announce it is stopped itself. */
  readonly culprit?: string;
}

const STRESSES: readonly (readonly [name: string, stress: Stress])[] = [
  ["a slow bolt", { mode: "slow", tuples: 20_000, culprit: "middle" }],
  ["one hot key", { mode: "hot", tuples: 20_000, culprit: "middle" }],
  ["a thousand tuples for one", { mode: "amplify", tuples: 400, culprit: "last" }],
  ["a stopped bolt", { mode: "flow", tuples: 60_000, stopped: "middle", culprit: "middle" }],
  ["a stopped stream manager", { mode: "flow", tuples: 60_000, stopped: "its stream manager" }],
];

test.each([...STRESSES])(
  "%s holds the spouts back and costs nothing else",
  async (name, stress) => {
    const { mode, tuples, culprit } = stress;
    const args = ["--containers", "3", topologyFile("stress"), mode, String(tuples)];
    await using run = await LiveRun.running(args);
    const { folder } = run;
    const bounds = boundsOf(await run.job());
    using watch = new MemoryWatch(run, bounds);
    const victim = victimOf(run, bounds, stress);

    await watch.untilIdle(IDLE_MS);
    watch.begin();
    writeFileSync(join(run.cwd, "go"), "");
    await run.untilStdout(/(middle|last)\[\d\] flows/);
    if (victim !== undefined) signal(victim, "SIGSTOP");
    writeFileSync(join(run.cwd, "stopped"), "");
    const fromMs = Date.now();
    if (culprit !== undefined) await untilPaused(folder, fromMs);
    await until("the time under stress", () => Date.now() > fromMs + STILL_MS);
    const reliefMs = Date.now();
    console.log(`${name}: under stress for ${reliefMs - fromMs} ms\n${watch.table}`);
    if (victim !== undefined) signal(victim, "SIGCONT");
    writeFileSync(join(run.cwd, "relief"), "");

    const { exitCode, stdout } = await run.result;
    const records = readMetrics(folder);
    console.log(describeRelief(records, reliefMs));
    const ever = watch.memory;
    expect(ever.filter(({ mostBytes, allowedBytes }) => mostBytes > allowedBytes)).toEqual([]);
    expect(heldPast(records, bounds)).toEqual([]);
    if (culprit !== undefined) expectAnnounced(records, { bounds, culprit });
    expect(emittedAfter(records, reliefMs)).toBeGreaterThan(0);
    expect(brokenLinks(folder, reliefMs)).toEqual([]);
    const sent = 2 * tuples;
    const last = mode === "amplify" ? 1000 * sent : sent;
    expect(countsIn(stdout)).toEqual({ sent, middle: sent, last });
    expect(exitCode).toBe(0);
  },
  TEST_MS,
);

/** The process that is stopped, if one is. */
function victimOf(run: LiveRun, bounds: PlanBounds, { stopped }: Stress): number | undefined {
  if (stopped === undefined) return undefined;
  const [task = 0] = bounds.plan.tasksOf("middle");
  if (stopped === "middle") return run.process("instance", { task }).pid;
  return run.process("stmgr", { container: bounds.plan.task(task).containerId }).pid;
}

/** Waits until both spouts have said that they were paused since `fromMs`. */
function untilPaused(folder: string, fromMs: number): Promise<number> {
  return until("the spouts to pause", () => {
    const paused = new Set(
      spoutRecords(readMetrics(folder))
        .filter((one) => one.timestamp > fromMs && valueOf(one, PAUSED) > 0).map(processOf),
    );
    return paused.size === 2 ? Date.now() : undefined;
  });
}

function spoutRecords(records: readonly MetricsRecord[]): MetricsRecord[] {
  return records.filter((one) => processOf(one).includes("_numbers_"));
}

function emittedAfter(records: readonly MetricsRecord[], fromMs: number): number {
  return spoutRecords(records).filter(({ timestamp }) => timestamp > fromMs)
    .reduce((sum, one) => sum + valueOf(one, EMITTED), 0);
}

/** When the spouts' rate was back, and how long they were paused, for people. */
function describeRelief(records: readonly MetricsRecord[], reliefMs: number): string {
  const emits = spoutRecords(records).filter((one) =>
    one.timestamp > reliefMs && valueOf(one, EMITTED) > 0
  );
  const lastMs = emits.at(-1)?.timestamp ?? reliefMs;
  const mean = emittedAfter(records, reliefMs) / Math.max(1, emits.length);
  const full = emits.find((one) => valueOf(one, EMITTED) >= FULL_RATE_PART * mean);
  const pausedMs = spoutRecords(records).reduce((sum, one) => sum + valueOf(one, PAUSED), 0);
  return `  full rate ${(full?.timestamp ?? NaN) - reliefMs} ms after relief, ` +
    `all emitted after ${lastMs - reliefMs} ms; spouts paused for ${pausedMs} ms together`;
}

/** Who says that it held more than the plan allows. */
function heldPast(records: readonly MetricsRecord[], bounds: PlanBounds) {
  const { tasks, stmgrs } = bounds.plan;
  const held = [
    ...tasks.map(({ taskId, instanceId: id }) => ({
      id,
      name: "__executor-in-stream-queue-bytes-max",
      boundBytes: bounds.heldBy(taskId),
    })),
    ...stmgrs.map(({ stmgrId: id }) => ({
      id,
      name: "__server/__waiting_bytes_max",
      boundBytes: bounds.of(id),
    })),
  ];
  return held.map((one) => ({ ...one, mostBytes: largestOf(records, one.id, one.name) }))
    .filter(({ mostBytes, boundBytes }) => mostBytes > boundBytes);
}

/** A task of `culprit` was announced by its own stream manager, and by nobody else. */
function expectAnnounced(
  records: readonly MetricsRecord[],
  { bounds, culprit }: { readonly bounds: PlanBounds; readonly culprit: string },
): void {
  const { plan } = bounds;
  const announcers = plan.tasks.filter(({ instanceId, stmgrId }) =>
    largestOf(records, stmgrId, `${ANNOUNCED}/${instanceId}`) > 0
  );
  expect(announcers.some(({ component }) => component === culprit)).toBe(true);
  for (const { stmgrId } of announcers) {
    const name = "__server/__time_spent_back_pressure_initiated";
    expect(largestOf(records, stmgrId, name)).toBeGreaterThan(0);
  }
  for (const task of plan.tasksOf("numbers")) {
    const { stmgrId } = plan.task(task);
    const name = "__server/__time_spent_back_pressure_aggr";
    expect(largestOf(records, stmgrId, name)).toBeGreaterThan(0);
  }
}

/** What the spouts sent and the bolts received, as they print it at their end. */
function countsIn(stdout: string): Record<string, number> {
  const sum = (pattern: RegExp): number =>
    [...stdout.matchAll(pattern)].reduce((total, match) => total + Number(match[1]), 0);
  return {
    sent: sum(/^numbers\[\d\] sent (\d+)$/gm),
    middle: sum(/^middle\[\d\] received (\d+)$/gm),
    last: sum(/^last\[0\] received (\d+)$/gm),
  };
}
