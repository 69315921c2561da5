/**
 * What happens when somebody stands still: sources stop, nobody else is disturbed, no process
 * holds more than its bound, and after relief everything is counted.
 */

import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { LiveRun, topologyFile, until } from "./live_run.ts";
import { MemoryWatch, type WatchedMemory } from "./memory_watch.ts";
import { largestOf, type MetricsRecord, processOf, readMetrics, valueOf } from "./metric_files.ts";
import { boundsOf, type PlanBounds } from "./plan_bounds.ts";
import { cpuMsOf, signal } from "./process_tree.ts";
import { brokenLinks } from "./role_logs.ts";

const IS_LONG = process.env["HERON_LONG"] === "1";
const TEST_MS = 400_000;
/** For how long nobody takes more memory before the first tuple: some still load what they need. */
const IDLE_MS = 1500;
/** How long somebody stands still. */
const BLOCK_MS = IS_LONG ? 10_000 : 3000;
/** 100 MB: without credit, what is emitted would lie somewhere. */
const TUPLES = 100_000;
const TUPLE_BYTES = 1000;
/**
 * How long those at rest may take to collect their garbage; past it, it is none. A process that does nothing
 * looks each 5 s whether to collect, and a look seldom is a full collection: up to 33 s were seen.
 */
const REST_PATIENCE_MS = 90_000;
/**
 * How long the spout must have been quiet to have stopped, in milliseconds: a loaded machine may
 * hold up for a second whoever is between it and the bolt. Less than the 2 s after which it says so.
 */
const QUIET_MS = 1900;
/**
 * Records that each process hands in meanwhile: it does so each 200 ms, or each 2 s where there is
 * nothing new to tell.
 */
const RECORDS = 2;
const TOPOLOGY = topologyFile("pressure");
const EMITTED = "__emit-count/default";

test.each([["block", 1], ["block", 3], ["stop", 1], ["stop", 3]] as const)(
  "a bolt that stands still (%s, containers: %d) stops its spout and disturbs nobody",
  async (mode, containers) => {
    const args = [TOPOLOGY, String(TUPLES), String(TUPLE_BYTES), mode];
    await using run = await LiveRun.running(["--containers", String(containers), ...args]);
    const { folder } = run;
    const bounds = boundsOf(await run.job());
    const [victim = 0] = bounds.plan.tasksOf("middle");
    const { pid } = run.process("instance", { task: victim });
    using watch = new MemoryWatch(run, bounds);

    await watch.untilIdle(IDLE_MS);
    watch.begin();
    writeFileSync(join(run.cwd, "go"), "");
    await run.untilStdout(/middle\[0\] flows/);
    if (mode === "stop") signal(pid, "SIGSTOP");
    const still = { fromMs: Date.now(), toMs: 0 };
    const quietMs = await untilSpoutStops(folder, still.fromMs);
    await until("the time of the block", () => Date.now() > still.fromMs + BLOCK_MS);
    const silent = mode === "stop" ? [bounds.plan.task(victim).instanceId] : [];
    await untilMetricsWentOn(folder, still.fromMs, { bounds, silent });
    still.toMs = Date.now();
    const records = readMetrics(folder);
    // Who stands still cannot collect its garbage.
    const stillId = bounds.plan.task(victim).instanceId;
    const resting = (): WatchedMemory[] => watch.memory.filter(({ id }) => id !== stillId);
    await untilAtRest(resting);
    const atRest = resting();
    console.log(`${mode}, containers: ${containers}, still for ${still.toMs - still.fromMs} ms`);
    console.log(watch.table);
    if (mode === "stop") signal(pid, "SIGCONT");
    writeFileSync(join(run.cwd, "relief"), "");

    const { exitCode, stdout } = await run.result;
    expect(emittedIn(records, quietMs, still.toMs)).toBe(0);
    expect(atRest.filter(isAboveRest)).toEqual([]);
    const ever = watch.memory;
    expect(ever.filter(({ mostBytes, allowedBytes }) => mostBytes > allowedBytes)).toEqual([]);
    expectHeldWithinCredit(readMetrics(folder), bounds);
    expect(brokenLinks(folder, still.toMs)).toEqual([]);
    expect(countsIn(stdout)).toEqual({ sent: TUPLES, middle: TUPLES, last: TUPLES });
    expect(exitCode).toBe(0);
  },
  TEST_MS,
);

/** When the spout, which had emitted, has emitted nothing for a while: from when on. */
function untilSpoutStops(folder: string, fromMs: number): Promise<number> {
  return until("the spout to stop", () => {
    const records = readMetrics(folder).filter((one) =>
      processOf(one).includes("_numbers_") && one.timestamp > fromMs
    );
    const lastEmit = records.findLast((one) => valueOf(one, EMITTED) > 0);
    const lastMs = records.at(-1)?.timestamp ?? 0;
    const sinceMs = lastEmit?.timestamp ?? fromMs;
    return lastMs - sinceMs > QUIET_MS ? sinceMs : undefined;
  });
}

/** Tuples that the spout emitted after `fromMs`, as its records until `toMs` say. */
function emittedIn(records: readonly MetricsRecord[], fromMs: number, toMs: number): number {
  return records
    .filter((one) => processOf(one).includes("_numbers_"))
    .filter(({ timestamp }) => timestamp > fromMs && timestamp <= toMs)
    .reduce((sum, one) => sum + valueOf(one, EMITTED), 0);
}

/** Waits until all but `silent` have handed in metrics since `fromMs`: none is held up for good. */
async function untilMetricsWentOn(
  folder: string,
  fromMs: number,
  { bounds, silent }: { readonly bounds: PlanBounds; readonly silent: readonly string[] },
): Promise<void> {
  const { tasks, stmgrs } = bounds.plan;
  const expected = [
    // Heron's id of the topology master.
    "0",
    ...stmgrs.map(({ stmgrId }) => stmgrId),
    ...tasks.map(({ instanceId }) => instanceId),
  ].filter((id) => !silent.includes(id));
  const missing = (): string[] => {
    const since = readMetrics(folder).filter(({ timestamp }) => timestamp > fromMs);
    const byProcess = Map.groupBy(since, processOf);
    return expected.filter((id) => (byProcess.get(id)?.length ?? 0) < RECORDS);
  };
  await until("metrics of all", () => missing().length === 0).catch(() => undefined);
  expect(missing()).toEqual([]);
}

/** Waits until all have given back what they do not hold; who does not is for the caller to find. */
async function untilAtRest(memory: () => readonly WatchedMemory[]): Promise<void> {
  const endMs = performance.now() + REST_PATIENCE_MS;
  while (memory().some(isAboveRest) && performance.now() < endMs) await Bun.sleep(100);
}

function isAboveRest({ nowBytes, restBytes }: WatchedMemory): boolean {
  return nowBytes > restBytes;
}

/** What tasks and stream managers say that they held is, at its most, within the plan's bound. */
function expectHeldWithinCredit(records: readonly MetricsRecord[], bounds: PlanBounds): void {
  const held = [
    ...bounds.plan.tasks.flatMap(({ taskId, instanceId }) =>
      ["__gateway-in-stream-queue-bytes-max", "__executor-in-stream-queue-bytes-max"].map((
        name,
      ) => ({
        id: instanceId,
        name,
        boundBytes: bounds.heldBy(taskId),
      }))
    ),
    ...bounds.plan.stmgrs.map(({ stmgrId: id }) => ({
      id,
      name: "__server/__waiting_bytes_max",
      boundBytes: bounds.of(id),
    })),
  ].map((one) => ({ ...one, mostBytes: largestOf(records, one.id, one.name) }));
  for (const { id, name, boundBytes, mostBytes } of held) {
    if (mostBytes > 0) console.log(`  ${id} ${name}: ${mostBytes} B, bound ${boundBytes} B`);
  }
  expect(held.some(({ mostBytes }) => mostBytes > 0)).toBe(true);
  expect(held.filter(({ mostBytes, boundBytes }) => mostBytes > boundBytes)).toEqual([]);
}

/** What the spout sent and the bolts' tasks received, as they print it at their end. */
function countsIn(stdout: string): Record<string, number> {
  const sum = (pattern: RegExp): number =>
    [...stdout.matchAll(pattern)].reduce((total, match) => total + Number(match[1]), 0);
  return {
    sent: sum(/^numbers\[0\] sent (\d+)$/gm),
    middle: sum(/^middle\[\d\] received (\d+)$/gm),
    last: sum(/^last\[0\] received (\d+)$/gm),
  };
}

test("all grouping from one task to eight brings each a copy, in order", async () => {
  await using run = new LiveRun(["--containers", "2", topologyFile("fan_out"), "20000"]);
  const { exitCode, stdout } = await run.result;
  const expected = Array.from(
    { length: 8 },
    (_, index) => `copies[${index}] received 20000, disordered 0`,
  );
  expect(stdout.trimEnd().split("\n").sort()).toEqual(expected);
  expect(exitCode).toBe(0);
}, TEST_MS);

test(
  "direct and global grouping, an async bolt and a finish that floods lose nothing",
  async () => {
    await using run = new LiveRun(["--containers", "2", topologyFile("exchange"), "20000"]);
    const { exitCode, stdout } = await run.result;
    expect(stdout.trimEnd().split("\n").sort()).toEqual([
      "async[0] received 20000, wrong 0",
      "direct[0] received 10000, wrong 0",
      "direct[1] received 10000, wrong 0",
      "global[0] received 20000, wrong 0",
      "global[1] received 0, wrong 0",
      "late[0] received 20000, wrong 0",
      "tail[0] received 100000, wrong 0",
    ]);
    expect(exitCode).toBe(0);
  },
  TEST_MS,
);

test("a topology with nothing to do hardly uses the processors", async () => {
  await using run = await LiveRun.running([topologyFile("idle")]);
  const pids = [run.child.pid, ...run.processes.map(({ pid }) => pid)];
  const usedMs = (): number => pids.reduce((sum, pid) => sum + cpuMsOf(pid), 0);
  let percent = Infinity;
  // What the start still has to do, and the garbage of it, is no idling: the best of some times counts.
  for (let time = 0; time < 6 && percent >= 50; time++) {
    await Bun.sleep(1000);
    const before = { atMs: performance.now(), usedMs: usedMs() };
    await Bun.sleep(3000);
    percent = 100 * (usedMs() - before.usedMs) / (performance.now() - before.atMs);
    console.log(`idle: ${percent.toFixed(1)} % of a processor, ${pids.length} processes together`);
  }
  // A spout that spins takes one whole, all the time.
  expect(percent).toBeLessThan(50);
}, TEST_MS);

test("all that user code prints comes out, in order by task", async () => {
  const lines = 50_000;
  await using run = new LiveRun([topologyFile("printer"), String(lines)]);
  const { exitCode, stdout, stderr } = await run.result;
  const numbers = Array.from({ length: lines }, (_, index) => index);
  for (const index of [0, 1]) {
    const wanted = numbers.map((number) => `line ${number} ö`);
    expect(printedBy(`lines[${index}]`, stdout)).toEqual(wanted);
    const errors = numbers.filter((number) => number % 100 === 0).map((one) => `error ${one}`);
    expect(printedBy(`lines[${index}]`, stderr)).toEqual(errors);
  }
  const long = printedBy("long[0]", stdout);
  expect(long.pop()).toBe("no line end");
  // A line of a million bytes comes in pieces of 64 KiB at most.
  expect(Math.max(...long.map((piece) => piece.length))).toBeLessThanOrEqual(65_536);
  const digits = Array.from({ length: 125_000 }, (_, index) => String(10_000_000 + index));
  expect(long.join("") === digits.join("")).toBe(true);
  expect(exitCode).toBe(0);
}, TEST_MS);

/** The lines that a task printed. */
function printedBy(task: string, text: string): string[] {
  const prefix = `${task} `;
  return text.split("\n").filter((line) => line.startsWith(prefix))
    .map((line) => line.slice(prefix.length));
}
