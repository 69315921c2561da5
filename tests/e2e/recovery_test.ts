/**
 * At least once while processes die: after kill -9 of each role nothing is lost and no more
 * comes again than may; tasks that have ended are not run again, those that have not are.
 */

import { expect, test } from "bun:test";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { TaskEndsSchema } from "../../src/base/gen/heron_bin/packet_pb.ts";
import { decodeRecord } from "../../src/plan/mod.ts";
import { topologyPaths } from "../../src/state/mod.ts";
import { DurableRun } from "../chaos/durable_run.ts";
import { type Fault, nameOf, recovered, strike } from "../chaos/faults.ts";
import type { Role, Target } from "../chaos/recovery.ts";
import type { DurableOutcome } from "../support/durable_check.ts";
import { readTraces } from "../support/durable_trace.ts";
import { LiveRun, topologyFile, until } from "./live_run.ts";
import { type RunProcess, signal } from "./process_tree.ts";

const TEST_MS = 240_000;
const CALM = { lost: 0, overBound: 0, faults: [] };

function start(containers: number, ...settings: readonly string[]): Promise<DurableRun> {
  return DurableRun.start({ containers, seed: 11, rate: 300, settings });
}

/** kill -9, and the first work of the next life. */
async function kill(run: DurableRun, target: Target): Promise<Fault> {
  const underWay = strike(run, { type: "kill", target });
  if (underWay === undefined) throw new Error(`Kill ${nameOf(target)}: it is not there`);
  const fault = await recovered(run, underWay);
  console.log(`${nameOf(target)} works again after ${fault.recoveryMs} ms`);
  await run.progress(fault.startMs);
  return fault;
}

function expectNothingLost({ faults, lost, overBound, ...told }: DurableOutcome): void {
  console.log(
    `${told.expected} records, ${told.duplicates} came again, at most ${told.openMax} roots open`,
  );
  expect({ lost, overBound, faults }).toEqual(CALM);
}

/** A process of that role. */
function targetOf(run: DurableRun, role: Role, component?: string): Target {
  if (component === undefined) {
    return { role, container: role === "tm" ? 0 : 1, task: undefined };
  }
  const task = run.plan.task(run.plan.tasksOf(component)[0] ?? NaN);
  return { role, container: task.containerId, task };
}

const VICTIMS: readonly (readonly [Role, component?: string])[] = [
  ["instance", "records"],
  ["instance", "pass"],
  ["instance", "split"],
  ["instance", "join"],
  ["instance", "sink"],
  ["stmgr"],
  ["tm"],
  ["metricsmgr"],
  ["container"],
];

for (const [role, component] of VICTIMS) {
  test(`kill -9 of ${component ?? role} loses nothing with 3 containers`, async () => {
    await using run = await start(3);
    await kill(run, targetOf(run, role, component));
    expectNothingLost(await run.finish());
  }, TEST_MS);
}

test("kill -9 of each role in turn loses nothing with 1 container", async () => {
  await using run = await start(1);
  for (const [role, component] of VICTIMS) await kill(run, targetOf(run, role, component));
  expectNothingLost(await run.finish());
}, TEST_MS);

test("without acks what waits for a task that dies is lost, so these tests can fail", async () => {
  await using run = await start(1, "topology.reliability.mode=ATMOST_ONCE");
  const target = targetOf(run, "instance", "sink");
  const sink = run.find("instance", { container: 1, task: target.task?.taskId ?? NaN });
  signal(sink?.pid ?? NaN, "SIGSTOP");
  await Bun.sleep(1500);
  await kill(run, target);
  const { lost, duplicates } = await run.finish();
  console.log(`${lost} lost`);
  expect(lost).toBeGreaterThan(0);
  expect(duplicates).toBe(0);
}, TEST_MS);

test("tuples flow while there is no topology master", async () => {
  await using run = await start(3);
  const { startMs, recoveryMs = 0 } = await kill(run, targetOf(run, "tm"));
  await run.progress(startMs + recoveryMs + 1000);
  const handled = [0, 1].flatMap((index) => readTraces(run.folder, "sink", index)).flat()
    .map(({ handledMs }) => handledMs).sort((a, b) => a - b);
  const gap = (fromMs: number, toMs: number): number => {
    const times = handled.filter((atMs) => atMs >= fromMs && atMs <= toMs);
    return Math.max(...times.map((atMs, index) => atMs - (times[index - 1] ?? atMs)));
  };
  console.log(
    `longest gap at the sink: ${gap(startMs - 50, startMs + recoveryMs + 1000)} ms around the ` +
      `death of the topology master, ${gap(0, startMs)} ms before`,
  );
  const { causes, ...outcome } = await run.finish();
  expectNothingLost({ causes, ...outcome });
  // It is no part of any tuple's way.
  expect(causes).toEqual([]);
}, TEST_MS);

function instanceOf(run: LiveRun, task: number, not?: number): RunProcess | undefined {
  return run.processes.find((one) =>
    one.role === "instance" && one.task === task && one.pid !== not
  );
}

/** kill -9 of an instance; resolves when its next life is there. */
async function killTask(run: LiveRun, task: number): Promise<void> {
  const { pid } = run.process("instance", { task });
  signal(pid, "SIGKILL");
  await until(`another process of task ${task}`, () => instanceOf(run, task, pid));
}

/** The tasks whose end is stored. */
function endsIn({ folder }: LiveRun): Set<number> {
  const path = join(folder, "state", topologyPaths("early-end").taskEnds);
  if (!existsSync(path)) return new Set();
  const { ended } = decodeRecord(TaskEndsSchema, readFileSync(path), path);
  return new Set(ended.map(({ task }) => task));
}

function countOf(text: string, line: string): number {
  return text.split("\n").filter((one) => one === line).length;
}

test("tasks that have ended are started again without their user code", async () => {
  await using run = await LiveRun.running([topologyFile("early_end")]);
  await run.untilStdout(/short-bolt\[0\] finished\n/);
  // Spouts come first: the tasks are short-spout, long-spout, short-bolt, long-bolt.
  await until("the end of the first chain", () => endsIn(run).isSupersetOf(new Set([1, 3])));
  await killTask(run, 1);
  await killTask(run, 3);
  await Bun.sleep(1000);
  writeFileSync(join(run.cwd, "go"), "");
  const { exitCode, stdout } = await run.result;
  expect(exitCode).toBe(0);
  expect({
    opened: countOf(stdout, "short-spout[0] opened"),
    prepared: countOf(stdout, "short-bolt[0] prepared"),
    finished: countOf(stdout, "short-bolt[0] finished"),
    other: countOf(stdout, "long-bolt[0] finished"),
  }).toEqual({ opened: 1, prepared: 1, finished: 1, other: 1 });
}, TEST_MS);

test("a bolt that dies in its finish() comes to its end again", async () => {
  await using run = await LiveRun.running([topologyFile("early_end"), "finish"]);
  await run.untilStdout(/short-bolt\[0\] finishing after 50\n/);
  await killTask(run, 3);
  await run.untilStdout(/short-bolt\[0\] finishing after 0\n/);
  writeFileSync(join(run.cwd, "go"), "");
  const { exitCode, stdout } = await run.result;
  expect(exitCode).toBe(0);
  expect(countOf(stdout, "short-bolt[0] finished")).toBe(1);
}, TEST_MS);
