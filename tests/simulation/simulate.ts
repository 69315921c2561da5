/**
 * `bun run simulate --seeds N [--from SEED] [--mutant NAME] [--json FILE] [--out FOLDER]`: runs
 * simulated clusters seed after seed, on all cores. A seed that fails is told with its last
 * events and the command that repeats it; the exit code is 1 then. With `--out` each thousand
 * of seeds has a file there, and those that have one already are not run again.
 */

import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import {
  isMutantName,
  MUTANT_NAMES,
  type MutantName,
  simulate,
  type SimulationResult,
} from "../../src/simulator/mod.ts";
import { countResult, describeBlock, emptyBlock, type SeedBlock } from "./seed_block.ts";
import { runLongCommand } from "../support/long_command.ts";
import { SeedPool } from "./seed_pool.ts";

const SEEDS_A_BLOCK = 1_000;
const FAILURES_MAX = 10;

const USAGE = `bun run simulate [options]
  --seeds N           how many, 1000
  --from SEED         the first one, 1
  --mutant NAME       a broken build, up to the first seed that notices
  --json FILE         a JSON line for each thousand
  --out FOLDER        a file for each thousand; those that are there are not run again`;

interface Command {
  readonly seeds: number;
  readonly from: number;
  readonly mutant: MutantName | undefined;
  readonly json: string | undefined;
  readonly out: string | undefined;
}

function readCommand(): Command {
  const { values } = parseArgs({
    options: {
      seeds: { type: "string" },
      count: { type: "string" },
      from: { type: "string", default: "1" },
      mutant: { type: "string" },
      json: { type: "string" },
      out: { type: "string" },
    },
  });
  const wanted = values.seeds ?? values.count ?? "1000";
  const [seeds, from] = [Number(wanted), Number(values.from)];
  if (!Number.isSafeInteger(seeds) || !Number.isSafeInteger(from) || seeds < 1) {
    throw new RangeError(
      `Read the command: found seeds "${wanted}" from "${values.from}", expected whole numbers`,
    );
  }
  if (values.mutant !== undefined && !isMutantName(values.mutant)) {
    throw new RangeError(
      `Read the command: found mutant "${values.mutant}", expected one of ${
        MUTANT_NAMES.join(", ")
      }`,
    );
  }
  return { seeds, from, mutant: values.mutant, json: values.json, out: values.out };
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

/** Runs a block, or reads what came of it before. */
async function runBlock(
  pool: SeedPool,
  { from, count }: { from: number; count: number },
  { mutant, out, json }: Command,
): Promise<SeedBlock> {
  const file = out === undefined ? undefined : join(out, `${from}-${from + count - 1}.json`);
  if (file !== undefined && existsSync(file)) {
    // Written below.
    return JSON.parse(readFileSync(file, "utf8")) as SeedBlock;
  }
  const block = emptyBlock(from);
  const failures: SimulationResult[] = [];
  await pool.run({
    from,
    count,
    mutant,
    onResult: (result, tookMs) => {
      countResult(block, result, tookMs);
      if (result.failure !== undefined) failures.push(result);
      // A broken build has been caught: more of it tells nothing new.
      return mutant !== undefined && failures.length > 0;
    },
  });
  for (const failure of failures.slice(0, FAILURES_MAX)) await tell(failure, mutant);
  if (json !== undefined) appendFileSync(json, `${JSON.stringify(block)}\n`);
  if (file !== undefined) writeFileSync(file, `${JSON.stringify(block, undefined, 2)}\n`);
  return block;
}

async function main(command: Command): Promise<number> {
  const { from, seeds, out, mutant } = command;
  if (out !== undefined) mkdirSync(out, { recursive: true });
  using pool = new SeedPool(seeds === 1 ? 1 : undefined);
  let failures = 0;
  for (let first = from; first < from + seeds; first += SEEDS_A_BLOCK) {
    const count = Math.min(SEEDS_A_BLOCK, from + seeds - first);
    const block = await runBlock(pool, { from: first, count }, command);
    console.log(describeBlock(block));
    failures += block.failed.length;
    if (mutant !== undefined && failures > 0) break;
  }
  return failures === 0 ? 0 : 1;
}

process.exitCode = await runLongCommand({ usage: USAGE, read: readCommand, run: main });
