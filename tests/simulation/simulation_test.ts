/**
 * What CI runs of the simulation: a thousand seeds that nobody ran before, and
 * each broken build until it is caught. Seeds are printed; `bun run simulate`
 * repeats them.
 */

import { expect, test } from "bun:test";
import { systemRandom } from "../../src/base/mod.ts";
import { MUTANT_NAMES, simulate } from "../../src/simulator/mod.ts";

const SEEDS = 1_000;
const FIRST_SEED = systemRandom().below(2 ** 31);
const TIMEOUT_MS = 300_000;

test(`simulate() finds every property kept in ${SEEDS} seeds from ${FIRST_SEED}`, async () => {
  const failures: string[] = [];
  const outcomes = { ended: 0, stalled: 0, failed: 0 };
  for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
    const { failure, outcome } = await simulate({ seed });
    outcomes[outcome]++;
    if (failure !== undefined) {
      failures.push(`${failure}; repeat: bun run simulate --seeds 1 --from ${seed}`);
    }
  }
  console.log(`simulated ${SEEDS} seeds from ${FIRST_SEED}: ${JSON.stringify(outcomes)}`);
  expect(failures).toEqual([]);
}, TIMEOUT_MS);

test.each([...MUTANT_NAMES])("simulate() catches the broken build %s", async (mutant) => {
  for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
    const { failure } = await simulate({ seed, mutant });
    if (failure === undefined) continue;
    console.log(`${mutant}: caught after ${seed - FIRST_SEED + 1} seeds: ${failure}`);
    return;
  }
  throw new Error(`${mutant} was not caught in ${SEEDS} seeds from ${FIRST_SEED}`);
}, TIMEOUT_MS);

test("simulate() repeats a run from its seed", async () => {
  const first = await simulate({ seed: FIRST_SEED });
  expect(await simulate({ seed: FIRST_SEED })).toEqual(first);
});
