/**
 * `bun run chaos --minutes N [--seed S] [--results FOLDER]`: strikes real processes of
 * dist/heron-bin, round after round, and counts what is lost and what came again. Each round
 * leaves a file; the same command goes on where one that was interrupted stopped.
 */

import { join } from "node:path";
import { parseArgs } from "node:util";
import { runLongCommand } from "../support/long_command.ts";
import { ROOT } from "../support/repository.ts";
import { EXIT_INTERRUPTED, playRounds } from "../support/round_command.ts";
import { RoundFolder } from "../support/round_folder.ts";
import { linesOf, summaryOf } from "./report.ts";
import { playRound, type RoundResult } from "./round.ts";
import { mayCut } from "./socket_cutter.ts";

/** How long a run is struck. */
const ROUND_MS = 60_000;
const MINUTE_MS = 60_000;

const USAGE = `bun run chaos [options]
  --minutes N         how long, 1
  --seed N            of the first round, by chance
  --results FOLDER    where each round leaves a file, results/chaos`;

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

async function main({ durationMs, seed, folder: path }: Command): Promise<number> {
  const folder = new RoundFolder<RoundResult>(path);
  const cutting = mayCut() ? "" : "; not root: no socket is cut";
  const rounds = await playRounds({
    title: `chaos with seed ${seed}, results in ${path}${cutting}`,
    folder,
    durationMs,
    playedMs: ({ strikesMs }) => strikesMs,
    play: (round, leftMs, ends) =>
      playRound({
        round,
        seed: (seed + Math.imul(round, 7919)) >>> 0,
        strikesMs: Math.min(ROUND_MS, leftMs),
        ...ends,
      }),
    linesOf,
  });
  if (rounds === undefined) return EXIT_INTERRUPTED;
  const summary = summaryOf(rounds);
  const failed = rounds.filter(({ failure, faults }) => failure !== undefined || faults.length > 0);
  for (const { round } of failed) {
    console.log(`round ${round} failed: see ${folder.keepFolder(round)}`);
  }
  console.log(JSON.stringify(summary));
  return summary.lost > 0 || summary.over_bound > 0 || failed.length > 0 ? 1 : 0;
}

process.exitCode = await runLongCommand({ usage: USAGE, read: readCommand, run: main });
