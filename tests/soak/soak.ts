/**
 * `bun run soak --minutes N [--seed S] [--round-minutes M] [--results FOLDER]`: word count at full
 * speed on real processes of dist/heron-bin, round after round: counts are exact, and the memory
 * of each process stays as it is. Each round leaves a file; the same command goes on where one
 * that was interrupted stopped.
 */

import { join } from "node:path";
import { parseArgs } from "node:util";
import { runLongCommand } from "../support/long_command.ts";
import { ROOT } from "../support/repository.ts";
import { EXIT_INTERRUPTED, playRounds } from "../support/round_command.ts";
import { RoundFolder } from "../support/round_folder.ts";
import { linesOf, summaryOf } from "./soak_report.ts";
import { playRound, type SoakRound } from "./soak_round.ts";

const MINUTE_MS = 60_000;

const USAGE = `bun run soak [options]
  --minutes N         how long, 1
  --round-minutes N   of a round, 10; memory is judged in rounds of nine and more
  --seed N            of the first round, by chance
  --results FOLDER    where each round leaves a file, results/soak`;

interface Command {
  readonly durationMs: number;
  readonly roundMs: number;
  readonly seed: number;
  readonly folder: string;
}

function readCommand(): Command {
  const { values } = parseArgs({
    options: {
      minutes: { type: "string", default: "1" },
      // Memory is judged in rounds of nine minutes and more.
      "round-minutes": { type: "string", default: "10" },
      seed: { type: "string", default: String(crypto.getRandomValues(new Uint32Array(1))[0]) },
      results: { type: "string", default: join(ROOT, "results/soak") },
    },
  });
  const [minutes, round] = [Number(values.minutes), Number(values["round-minutes"])];
  const seed = Number(values.seed);
  if (!(minutes > 0) || !(round > 0) || !Number.isSafeInteger(seed) || seed < 0) {
    throw new RangeError(
      `Read the command: found minutes "${values.minutes}", rounds of ` +
        `"${values["round-minutes"]}", seed "${values.seed}", ` +
        "expected numbers above 0 and a whole number",
    );
  }
  return {
    durationMs: minutes * MINUTE_MS,
    roundMs: round * MINUTE_MS,
    seed,
    folder: join(values.results, `seed-${seed}`),
  };
}

async function main({ durationMs, roundMs, seed, folder: path }: Command): Promise<number> {
  const folder = new RoundFolder<SoakRound>(path);
  const rounds = await playRounds({
    title: `soak with seed ${seed}, results in ${path}`,
    folder,
    durationMs,
    playedMs: ({ soakMs }) => soakMs,
    play: (round, leftMs, ends) =>
      playRound({
        round,
        seed: (seed + round - 1) >>> 0,
        soakMs: Math.min(roundMs, leftMs),
        ...ends,
      }),
    linesOf,
  });
  if (rounds === undefined) return EXIT_INTERRUPTED;
  const summary = summaryOf(rounds);
  const failed = rounds.filter(({ faults }) => faults.length > 0);
  for (const { round } of failed) console.log(`round ${round} failed: ${folder.keepFolder(round)}`);
  console.log(JSON.stringify(summary));
  const isExact = summary.lost === 0 && summary.duplicates === 0 && failed.length === 0;
  return isExact && summary.flat ? 0 : 1;
}

process.exitCode = await runLongCommand({ usage: USAGE, read: readCommand, run: main });
