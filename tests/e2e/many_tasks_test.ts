/**
 * Many tasks on one machine: they come up, idle, work and stop, and nothing of them is left. With
 * `HERON_LONG=1` two hundred of them in twenty containers. Times and figures are told, not judged.
 */

import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { LiveRun, strayPaths, topologyFile, until } from "./live_run.ts";
import { cpuMsOf, memoryOf } from "./process_tree.ts";

const IS_LONG = process.env["HERON_LONG"] === "1";
const CONTAINERS = IS_LONG ? 20 : 6;
const TASKS = IS_LONG ? 200 : 60;
/** Of each spout, which is every fourth task. */
const TUPLES = 1000;
const SPOUTS = TASKS / 4;

// A machine of two processors that others use too starts a few such processes a second.
const PATIENCE_MS = 300_000;
const TEST_MS = 900_000;
const IDLE_MS = 5000;
const MIB = 1024 * 1024;

/** Starts the topology and tells how long that took. */
async function start(): Promise<LiveRun> {
  const run = new LiveRun([topologyFile("many_tasks"), ...[CONTAINERS, TASKS, TUPLES].map(String)]);
  try {
    const [line] = await until(
      "the topology to run",
      () => /running \d+ tasks in \d+ containers after .*/.exec(run.stderr) ?? undefined,
      PATIENCE_MS,
    );
    console.log(`  ${line}`);
    return run;
  } catch (thrown) {
    const tail = run.stderr.slice(-2000);
    await run[Symbol.asyncDispose]();
    throw new Error(tail, { cause: thrown });
  }
}

/** Tells of the processes of each role what they take. */
function tell({ processes }: LiveRun): void {
  for (const [role, own] of Map.groupBy(processes, (one) => one.role)) {
    const mean = (read: (pid: number) => number): number =>
      own.reduce((sum, { pid }) => sum + read(pid), 0) / own.length;
    const mebibytes = mean((pid) => memoryOf(pid)?.privateBytes ?? 0) / MIB;
    console.log(
      `  ${own.length} × ${role}: ${mebibytes.toFixed(1)} MiB, ${mean(cpuMsOf).toFixed(0)} ms`,
    );
  }
}

async function expectNothingLeft(run: LiveRun): Promise<void> {
  await run.untilGone(PATIENCE_MS);
  expect(strayPaths(run)).toEqual([]);
}

test(`${TASKS} tasks in ${CONTAINERS} containers come up, work, and end`, async () => {
  await using run = await start();
  const pids = run.processes.map(({ pid }) => pid);
  // The scheduler; of container 0 the supervisor, the master and a metrics manager; of the others
  // the supervisor, the stream manager, a metrics manager and the tasks.
  expect(pids.length).toBe(1 + 3 + 3 * CONTAINERS + TASKS);
  tell(run);
  const usedMs = (): number => pids.reduce((sum, pid) => sum + cpuMsOf(pid), 0);
  const before = { atMs: performance.now(), usedMs: usedMs() };
  await Bun.sleep(IDLE_MS);
  const percent = 100 * (usedMs() - before.usedMs) / (performance.now() - before.atMs);
  console.log(`  idle: ${percent.toFixed(0)} % of a processor, ${pids.length} processes together`);
  const goMs = performance.now();
  writeFileSync(join(run.cwd, "go"), "");
  await until("the end", () => run.child.exitCode !== null, PATIENCE_MS);
  console.log(`  worked and stopped in ${((performance.now() - goMs) / 1000).toFixed(1)} s`);
  const { exitCode, stdout } = await run.result;
  const received = [...stdout.matchAll(/^last\[\d+\] received (\d+)$/gm)];
  expect(received.length).toBe(SPOUTS);
  expect(received.reduce((sum, [, count]) => sum + Number(count), 0)).toBe(SPOUTS * TUPLES);
  expect(exitCode).toBe(0);
  // The word to begin is the test's own.
  await Bun.file(join(run.cwd, "go")).delete();
  await expectNothingLeft(run);
}, TEST_MS);

test(`Ctrl-C stops ${TASKS} tasks in ${CONTAINERS} containers`, async () => {
  await using run = await start();
  const interruptedMs = performance.now();
  run.interrupt();
  await until("the end", () => run.child.exitCode !== null, PATIENCE_MS);
  console.log(`  stopped in ${((performance.now() - interruptedMs) / 1000).toFixed(1)} s`);
  const { exitCode } = await run.result;
  expect(exitCode).toBe(0);
  await expectNothingLeft(run);
}, TEST_MS);
