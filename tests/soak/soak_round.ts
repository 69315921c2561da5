/**
 * One round of a soak: word count at full speed on real processes for some minutes, looked at
 * every few seconds, then stopped and counted. Nothing is struck, so nothing may be lost, come
 * twice or start again.
 */

import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CUT_OFF_EXIT_CODE } from "../../src/plan/mod.ts";
import { LiveRun, until } from "../e2e/live_run.ts";
import { idOf, memoryOf } from "../e2e/process_tree.ts";
import { ROOT } from "../support/repository.ts";
import { gaugesOf, newestRecords } from "./metric_tail.ts";
import { type MinuteFigures, minutesOf, type Sample, SAMPLE_MS } from "./minute_figures.ts";
import { compareCounts, type CountComparison, readCounts } from "./word_counts.ts";

const TOPOLOGY = join(ROOT, "tests/soak/topologies/word_count.ts");
const SPOUTS = 2;
const BOLTS = 2;
const MODES = ["ATMOST_ONCE", "ATLEAST_ONCE"] as const;
const CONTAINERS = [1, 3] as const;

/** What was under way is handled, and all tasks end, within this, in milliseconds. */
const END_MS = 180_000;

/** What a round is. */
export interface RoundForm {
  readonly mode: typeof MODES[number];
  readonly containers: typeof CONTAINERS[number];
}

/** What a round came to. */
export interface SoakRound extends CountComparison, RoundForm {
  readonly round: number;
  readonly seed: number;
  /** How long it ran at full speed. */
  readonly soakMs: number;
  readonly minutes: readonly MinuteFigures[];
  /** Processes that started again since the machine had no time for them: they lost a lease. */
  readonly cutOff: readonly string[];
  /** What may not be, in words. */
  readonly faults: readonly string[];
}

/** What a round is told. */
export interface RoundOptions {
  readonly round: number;
  readonly seed: number;
  /** How long it runs at full speed. */
  readonly soakMs: number;
  /** Where the files of a round that failed are kept. */
  readonly keepFolder: string;
  /** Ends the round, which then throws. */
  readonly signal: AbortSignal;
  /** Is told the folders of the run once there are some. */
  readonly onFolders: (folders: readonly string[]) => void;
}

/** The form of the round with that seed: four seeds in a row have all four. */
export function formOf(seed: number): RoundForm {
  return {
    mode: MODES[seed & 1] ?? MODES[0],
    containers: CONTAINERS[seed >> 1 & 1] ?? CONTAINERS[0],
  };
}

/** Plays a round. */
export async function playRound(options: RoundOptions): Promise<SoakRound> {
  const { round, seed, soakMs, signal, keepFolder } = options;
  const form = formOf(seed);
  const folder = mkdtempSync("/tmp/hb-soak-");
  try {
    const args = [folder, seed, form.mode, SPOUTS, BOLTS].map(String);
    await using run = new LiveRun(["--containers", `${form.containers}`, TOPOLOGY, ...args]);
    options.onFolders([run.root, folder]);
    const samples: Sample[] = [];
    let counts: CountComparison = { tuples: 0, lost: 0, duplicates: 0 };
    const faults: string[] = [];
    const cutOff: string[] = [];
    try {
      await run.untilStderr(/running \d+ tasks? in/);
      await watch(run, samples, { soakMs, signal });
      counts = await finish(run, folder);
      faults.push(...faultsIn(run));
      cutOff.push(...restartsIn(run).filter(isCutOff));
    } catch (thrown) {
      signal.throwIfAborted();
      faults.push(thrown instanceof Error ? thrown.message : String(thrown));
    }
    if (faults.length > 0 || counts.lost > 0 || counts.duplicates > 0) {
      keep(run, folder, keepFolder);
    }
    return { round, seed, ...form, soakMs, minutes: minutesOf(samples), ...counts, cutOff, faults };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Looks at the run again and again for as long as it is to be at full speed. */
async function watch(
  run: LiveRun,
  samples: Sample[],
  { soakMs, signal }: Pick<RoundOptions, "soakMs" | "signal">,
): Promise<void> {
  const startMs = performance.now();
  const nameOf = await taskNames(run);
  for (let due = SAMPLE_MS; due <= soakMs; due += SAMPLE_MS) {
    await pause(startMs + due - performance.now(), signal);
    if (run.child.exitCode !== null) {
      throw new Error(`The run ended with ${run.child.exitCode}:\n${run.stderr.slice(-2000)}`);
    }
    samples.push({
      atMs: performance.now() - startMs,
      memory: memoryIn(run, nameOf),
      ...gaugesOf(newestRecords(run.folder)),
    });
  }
  await pause(startMs + soakMs - performance.now(), signal);
}

async function pause(forMs: number, signal: AbortSignal): Promise<void> {
  const endMs = performance.now() + forMs;
  for (let leftMs = forMs; leftMs > 0; leftMs = endMs - performance.now()) {
    signal.throwIfAborted();
    await Bun.sleep(Math.min(leftMs, 500));
  }
  signal.throwIfAborted();
}

/** The component of each task. */
async function taskNames(run: LiveRun): Promise<(task: number) => string> {
  const { packingPlan } = await run.job();
  const tasks = packingPlan.containerPlans.flatMap(({ instancePlans }) => instancePlans);
  const names = new Map(tasks.map(({ taskId, componentName }) => [taskId, componentName]));
  return (task) => names.get(task) ?? "";
}

/** Private memory of each process: of another process in its place nothing is known. */
function memoryIn(run: LiveRun, nameOf: (task: number) => string): Record<string, number> {
  return Object.fromEntries(run.processes.flatMap((one) => {
    const memory = memoryOf(one.pid);
    return memory === undefined ? [] : [[idOf(one, nameOf), memory.privateBytes]];
  }));
}

/** Stops the spouts, waits for the end of the run, and compares what its ends counted. */
async function finish(run: LiveRun, folder: string): Promise<CountComparison> {
  writeFileSync(join(folder, "stop"), "");
  await until("the end of the run", () => run.child.exitCode !== null, END_MS);
  const { exitCode, stderr } = await run.result;
  if (exitCode !== 0) throw new Error(`The run ended with ${exitCode}:\n${stderr.slice(-2000)}`);
  return compareCounts(
    readCounts(folder, "words", SPOUTS),
    readCounts(folder, "count", BOLTS),
  );
}

function faultsIn(run: LiveRun): string[] {
  const failures = [...run.stdout.matchAll(/^words\[\d+\] failed (.*)$/gm)].map(([, why]) => why);
  return [
    ...restartsIn(run).filter((line) => !isCutOff(line)),
    ...(failures.length === 0
      ? []
      : [`${failures.length} tuples failed: ${[...new Set(failures)].join(", ")}`]),
  ];
}

function restartsIn({ stderr }: LiveRun): string[] {
  return stderr.split("\n").filter((line) => line.includes("starts again"));
}

// The topology master is not on the way of tuples; that the others lose nothing by it is counted.
function isCutOff(line: string): boolean {
  return line.includes(` tm (`) && line.includes(`exit code ${CUT_OFF_EXIT_CODE} `);
}

/** Copies what one needs to see why. */
function keep(run: LiveRun, folder: string, keepFolder: string): void {
  mkdirSync(keepFolder, { recursive: true });
  cpSync(folder, join(keepFolder, "ends"), { recursive: true });
  writeFileSync(join(keepFolder, "output"), `${run.stdout}\n${run.stderr}`);
  if (/logs in /.test(run.stderr)) {
    cpSync(join(run.folder, "logs"), join(keepFolder, "logs"), { recursive: true });
  }
}
