/**
 * Kills what a submitted topology "counting" is made of, one thing at a time, and tells how long its
 * tuples took to flow again. `bun tests/slurm/recovery.ts 5` kills each five times on a Slurm of its
 * own and prints medians.
 */

import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { median } from "../../bench/statistics.ts";
import { topologyPaths } from "../../src/state/mod.ts";
import { topologyFile } from "../e2e/live_run.ts";
import { isAlive, type RunProcess } from "../e2e/process_tree.ts";
import { type SlurmCluster, startSlurm } from "../infra/slurm.ts";
import { PATIENCE_MS, SlurmHome } from "./slurm_home.ts";

const NAME = "counting";
/** Its spouts' tasks. */
export const TASKS = [1, 2] as const;
/** What is killed is of this container, which is not the topology master's. */
const CONTAINER = 1;
/** Between two kills: what has come back lives for a while, else it would be started less quickly. */
const CALM_MS = 1500;

/** What is killed, and how. */
export const VICTIMS = [
  "instance",
  "stream manager",
  "metrics manager",
  "container",
  "srun of a step",
  "step, by scancel",
  "topology master",
  "scheduler",
] as const;

/** One of them. */
export type Victim = (typeof VICTIMS)[number];

/** Submits the topology; resolves when tuples flow. */
export async function submitCounting(home: SlurmHome, ...flags: readonly string[]): Promise<void> {
  await home.succeed("submit", "slurm", ...flags, topologyFile(NAME), home.data);
  for (const task of TASKS) await home.untilFlowing(task);
}

/**
 * Kills something, and waits until it is there again and tuples flow. The milliseconds until tuples flow
 * that were emitted after it was gone; of the topology master and the scheduler, without which tuples
 * flow, until there is another that has found all that it needs.
 */
export async function killAndWait(
  home: SlurmHome,
  slurm: SlurmCluster,
  victim: Victim,
): Promise<number> {
  const began = performance.now();
  await killOne(home, slurm, victim);
  const tookMs = performance.now() - began;
  for (const task of TASKS) await home.untilFlowing(task);
  return tookMs;
}

async function killOne(home: SlurmHome, slurm: SlurmCluster, victim: Victim): Promise<void> {
  switch (victim) {
    case "topology master":
      return await killMaster(home);
    case "scheduler":
      return await killScheduler(home);
    case "instance":
      return await killProcess(home, "instance");
    case "stream manager":
      return await killProcess(home, "stmgr");
    case "metrics manager":
      return await killProcess(home, "metricsmgr");
    case "container":
      return await killContainer(home, ({ pid }) => kill(pid));
    case "srun of a step":
      return await killContainer(home, () => kill(srunOf(home)));
    case "step, by scancel":
      return await killContainer(home, async () => {
        await slurm.run(["scancel", await stepOf(slurm)]);
      });
  }
}

async function killProcess(home: SlurmHome, role: string): Promise<void> {
  const { pid } = await home.process(role, CONTAINER);
  kill(pid);
  await untilFlowingWithout(home, [pid]);
}

/** All that was in it ends with a container. */
async function killContainer(
  home: SlurmHome,
  end: (container: RunProcess) => Promise<void> | void,
): Promise<void> {
  const container = await home.process("container", CONTAINER);
  const pids = home.roles.filter((one) => one.container === CONTAINER).map(({ pid }) => pid);
  await end(container);
  await untilFlowingWithout(home, pids);
}

function kill(pid: number): void {
  process.kill(pid, "SIGKILL");
}

/** Those have ended, and tuples flow that were emitted later. */
async function untilFlowingWithout(home: SlurmHome, pids: readonly number[]): Promise<void> {
  await soon("the end of what was killed", () => !pids.some(isAlive));
  const before = TASKS.map((task) => home.highest(task));
  const isAbove = (task: number, at: number) => home.highest(task) > (before[at] ?? -1) + 3;
  await soon("tuples to flow", () => TASKS.every(isAbove));
}

/** The pid of the `srun` of the container's step. */
function srunOf(home: SlurmHome): number {
  const name = `--job-name=container-${CONTAINER}`;
  const found = home.processes.find(({ commandLine }) => commandLine.includes(name));
  if (found === undefined) throw new Error("Find the srun of a step: there is none");
  return found.pid;
}

/** The number of the container's step. */
async function stepOf(slurm: SlurmCluster): Promise<string> {
  const { stdout } = await slurm.run(["squeue", "--steps", "--noheader", "--format=%i %j"]);
  // Slurm takes its time to forget one before it.
  const step = [...stdout.matchAll(new RegExp(`^(\\S+) container-${CONTAINER}$`, "gm"))].at(-1)
    ?.[1];
  if (step === undefined) throw new Error(`Find the step of a container: found ${stdout}`);
  return step;
}

async function killMaster(home: SlurmHome): Promise<void> {
  const record = join(home.root, "home/.heron-bin/state/slurm", topologyPaths(NAME).tmanager);
  const identity = () => {
    const found = statSync(record, { throwIfNoEntry: false });
    return found === undefined ? "" : `${found.ino}/${found.mtimeMs}`;
  };
  const before = identity();
  const { pid } = await home.process("tm");
  kill(pid);
  await soon("another topology master", () => identity() !== before && identity() !== "");
}

async function killScheduler(home: SlurmHome): Promise<void> {
  const { folder = "" } = await home.listed(NAME) ?? {};
  const log = join(folder, "logs/scheduler.log");
  const adopted = () => readFileSync(log, "utf8").split('"process adopted"').length - 1;
  const before = adopted();
  const { pid } = await home.process("scheduler");
  kill(pid);
  const all = home.roles.filter(({ role }) => role === "container").length;
  await soon("all containers to be adopted", () => adopted() === before + all);
}

/** As `waitFor`, and looks more often: it is timed. */
async function soon(what: string, condition: () => boolean): Promise<void> {
  const endMs = performance.now() + PATIENCE_MS;
  while (!condition()) {
    if (performance.now() > endMs) {
      throw new Error(`Wait for ${what}: not within ${PATIENCE_MS} ms`);
    }
    await Bun.sleep(5);
  }
}

/** Kills each so many times, and prints what that took. */
async function measure(repetitions: number): Promise<void> {
  await using slurm = await startSlurm({ nodes: 4, cpus: 16, ramMib: 64_000 });
  const times = new Map<Victim, number[]>(VICTIMS.map((victim) => [victim, []]));
  // A job whose scheduler dies again and again ends: each time it is another.
  for (let repetition = 0; repetition < repetitions; repetition++) {
    using home = new SlurmHome(slurm);
    await submitCounting(home);
    for (const victim of VICTIMS) {
      await Bun.sleep(CALM_MS);
      times.get(victim)?.push(await killAndWait(home, slurm, victim));
    }
    for (const task of TASKS) await home.expectNoneLost(task);
    await home.succeed("kill", "slurm", NAME);
    await home.expectNothingLeft();
  }
  for (const [victim, found] of times) {
    const [middle, worst] = [median(found), Math.max(...found)].map(Math.round);
    console.log(`${victim.padEnd(20)} median ${middle} ms, worst ${worst} ms of ${found.length}`);
  }
}

if (import.meta.main) await measure(Number(process.argv[2] ?? 5));
