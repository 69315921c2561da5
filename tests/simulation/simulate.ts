/**
 * `bun run simulate --seeds N [--from SEED] [--mutant NAME] [--json FILE]`: runs
 * simulated clusters seed after seed. A seed that fails is told with its last
 * events and the command that repeats it; the exit code is 1 then.
 */

import { appendFileSync } from "node:fs";
import { parseArgs } from "node:util";
import {
  isMutantName,
  MUTANT_NAMES,
  type MutantName,
  simulate,
  type SimulationResult,
} from "../../src/simulator/mod.ts";

const SEEDS_A_LINE = 1_000;

interface Command {
  readonly seeds: number;
  readonly from: number;
  readonly mutant: MutantName | undefined;
  readonly json: string | undefined;
}

/** What a block of seeds came to. */
interface Block {
  readonly from: number;
  seeds: number;
  ended: number;
  stalled: number;
  failed: number[];
  tuples: number;
  tasks: number;
  sourcesMax: number;
  seconds: number;
  slowestMs: number;
  slowestSeed: number;
}

function readCommand(): Command {
  const { values } = parseArgs({
    options: {
      seeds: { type: "string", default: "1000" },
      from: { type: "string", default: "1" },
      mutant: { type: "string" },
      json: { type: "string" },
    },
  });
  const [seeds, from] = [Number(values.seeds), Number(values.from)];
  if (!Number.isSafeInteger(seeds) || !Number.isSafeInteger(from) || seeds < 1) {
    throw new RangeError(
      `Read the command: found seeds "${values.seeds}" from "${values.from}", expected whole numbers`,
    );
  }
  if (values.mutant !== undefined && !isMutantName(values.mutant)) {
    throw new RangeError(
      `Read the command: found mutant "${values.mutant}", expected one of ${
        MUTANT_NAMES.join(", ")
      }`,
    );
  }
  return { seeds, from, mutant: values.mutant, json: values.json };
}

function emptyBlock(from: number): Block {
  return {
    from,
    seeds: 0,
    ended: 0,
    stalled: 0,
    failed: [],
    tuples: 0,
    tasks: 0,
    sourcesMax: 0,
    seconds: 0,
    slowestMs: 0,
    slowestSeed: from,
  };
}

function count(block: Block, result: SimulationResult, tookMs: number): void {
  block.seeds++;
  block.tuples += result.tuples;
  block.tasks += result.tasks;
  block.sourcesMax = Math.max(block.sourcesMax, result.sourcesMax);
  block.seconds += tookMs / 1000;
  if (result.outcome === "ended") block.ended++;
  else if (result.outcome === "stalled") block.stalled++;
  else block.failed.push(result.seed);
  if (tookMs <= block.slowestMs) return;
  block.slowestMs = Math.round(tookMs);
  block.slowestSeed = result.seed;
}

/** Tells of a failure: runs the seed again, this time with its events. */
async function tell(result: SimulationResult, mutant: MutantName | undefined): Promise<void> {
  const choice = mutant === undefined ? {} : { mutant };
  const traced = await simulate({ seed: result.seed, ...choice, isTraced: true });
  console.log(`seed ${result.seed}: ${result.failure}`);
  for (const line of traced.trace) console.log(`  ${line}`);
  const extra = mutant === undefined ? "" : ` --mutant ${mutant}`;
  console.log(`  repeat: bun run simulate --seeds 1 --from ${result.seed}${extra}`);
}

function report(block: Block, json: string | undefined): void {
  const { from, seeds, ended, stalled, failed, seconds } = block;
  if (json !== undefined) appendFileSync(json, `${JSON.stringify(block)}\n`);
  console.log(
    `seeds ${from} to ${from + seeds - 1}: ${ended} ended, ${stalled} stalled as expected, ` +
      `${failed.length} failed; ${block.tuples} tuples, ${block.tasks} tasks, ` +
      `up to ${block.sourcesMax} sources of a task; ${seconds.toFixed(1)} s, ` +
      `slowest ${block.slowestMs} ms (seed ${block.slowestSeed})`,
  );
}

async function main(): Promise<number> {
  const command = readCommand();
  let failures = 0;
  let block = emptyBlock(command.from);
  const choice = command.mutant === undefined ? {} : { mutant: command.mutant };
  for (let seed = command.from; seed < command.from + command.seeds; seed++) {
    const startMs = performance.now();
    const result = await simulate({ seed, ...choice });
    count(block, result, performance.now() - startMs);
    if (result.failure !== undefined) {
      failures++;
      await tell(result, command.mutant);
      // A broken build has been caught: more of it tells nothing new.
      if (command.mutant !== undefined || failures >= 10) break;
    }
    if (block.seeds < SEEDS_A_LINE) continue;
    report(block, command.json);
    block = emptyBlock(seed + 1);
  }
  if (block.seeds > 0) report(block, command.json);
  return failures === 0 ? 0 : 1;
}

process.exitCode = await main();
