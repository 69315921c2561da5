/**
 * `bun run chaos --minutes N [--seed S] [--results FOLDER]`: strikes real processes of
 * dist/heron-bin, round after round, and counts what is lost and what came again. Each round
 * leaves a file; the same command goes on where one that was interrupted stopped.
 */

import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { processesIn, signal as sendSignal } from "../e2e/process_tree.ts";
import { ROOT } from "../support/repository.ts";
import { linesOf, summaryOf } from "./report.ts";
import { playRound, type RoundResult } from "./round.ts";
import { mayCut } from "./socket_cutter.ts";

/** How long a run is struck. */
const ROUND_MS = 60_000;
const MINUTE_MS = 60_000;
const EXIT_INTERRUPTED = 130;

interface Command {
  readonly durationMs: number;
  readonly seed: number;
  readonly folder: string;
}

function readCommand(): Command {
  const { values } = parseArgs({
    options: {
      minutes: { type: "string", default: "1" },
      seed: { type: "string", default: String(crypto.getRandomValues(new Uint32Array(1))[0]) },
      results: { type: "string", default: join(ROOT, "results/chaos") },
    },
  });
  const [minutes, seed] = [Number(values.minutes), Number(values.seed)];
  if (!(minutes > 0) || !Number.isSafeInteger(seed) || seed < 0) {
    throw new RangeError(
      `Read the command: found minutes "${values.minutes}", seed "${values.seed}", ` +
        "expected a number above 0 and a whole number",
    );
  }
  const folder = join(values.results, `seed-${seed}`);
  return { durationMs: minutes * MINUTE_MS, seed, folder };
}

/** The rounds that were played before. */
function readRounds(folder: string): RoundResult[] {
  mkdirSync(folder, { recursive: true });
  return readdirSync(folder).filter((name) => /^round-\d+\.json$/.test(name)).sort()
    // Our own files.
    .map((name) => JSON.parse(readFileSync(join(folder, name), "utf8")) as RoundResult);
}

function storeRound(folder: string, result: RoundResult): void {
  const path = join(folder, `round-${String(result.round).padStart(4, "0")}.json`);
  writeFileSync(`${path}.tmp`, `${JSON.stringify(result, undefined, 1)}\n`);
  renameSync(`${path}.tmp`, path);
}

/** Ends what an interrupted run of this command has left. */
async function sweep(folder: string): Promise<void> {
  const path = join(folder, "running");
  if (!existsSync(path)) return;
  const folders = readFileSync(path, "utf8").split("\n");
  const left = folders.flatMap((one) => processesIn(one));
  for (const { pid } of left) sendSignal(pid, "SIGKILL");
  // What is killed may still write for a moment.
  await Bun.sleep(left.length > 0 ? 1000 : 0);
  for (const one of folders) rmSync(one, { recursive: true, force: true });
  rmSync(path);
}

/** Plays on from `rounds` until they have taken as long as was asked for. */
async function playOn(
  rounds: RoundResult[],
  { durationMs, folder, seed }: Command,
  signal: AbortSignal,
): Promise<void> {
  const playedMs = (): number => rounds.reduce((sum, { strikesMs }) => sum + strikesMs, 0);
  while (playedMs() < durationMs) {
    const round = 1 + rounds.length;
    const result = await playRound({
      round,
      seed: (seed + Math.imul(round, 7919)) >>> 0,
      strikesMs: Math.min(ROUND_MS, durationMs - playedMs()),
      keepFolder: join(folder, `round-${round}`),
      signal,
      onFolders: (folders) => writeFileSync(join(folder, "running"), folders.join("\n")),
    });
    rounds.push(result);
    storeRound(folder, result);
    rmSync(join(folder, "running"));
    for (const line of linesOf(result)) console.log(line);
  }
}

async function main(): Promise<number> {
  const interrupt = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => interrupt.abort());
  const command = readCommand();
  const { seed, folder } = command;
  const rounds = readRounds(folder);
  await sweep(folder);
  console.log(`chaos with seed ${seed}, results in ${folder}`);
  if (!mayCut()) console.log("not root: no socket is cut");
  for (const round of rounds) for (const line of linesOf(round)) console.log(line);
  try {
    await playOn(rounds, command, interrupt.signal);
  } catch (thrown) {
    if (!interrupt.signal.aborted) throw thrown;
    console.log("interrupted: the same command goes on from here");
    return EXIT_INTERRUPTED;
  }
  const summary = summaryOf(rounds);
  const failed = rounds.filter(({ failure, faults }) => failure !== undefined || faults.length > 0);
  for (const { round } of failed) {
    console.log(`round ${round} failed: see ${folder}/round-${round}`);
  }
  console.log(JSON.stringify(summary));
  return summary.lost > 0 || summary.over_bound > 0 || failed.length > 0 ? 1 : 0;
}

process.exitCode = await main();
