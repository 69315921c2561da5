/** What a block of seeds came to: counted, told in a line, kept in a file. */

import type { SimulationResult } from "../../src/simulator/mod.ts";

/** A block of seeds. */
export interface SeedBlock {
  readonly from: number;
  seeds: number;
  ended: number;
  stalled: number;
  /** By reliability mode. */
  readonly modes: Record<SimulationResult["mode"], number>;
  failed: { seed: number; failure: string }[];
  faults: number;
  replays: number;
  tuples: number;
  tasks: number;
  sourcesMax: number;
  seconds: number;
  slowestMs: number;
  slowestSeed: number;
}

/** A block of which no seed has run. */
export function emptyBlock(from: number): SeedBlock {
  return {
    from,
    seeds: 0,
    ended: 0,
    stalled: 0,
    modes: { ATLEAST_ONCE: 0, ATMOST_ONCE: 0 },
    failed: [],
    faults: 0,
    replays: 0,
    tuples: 0,
    tasks: 0,
    sourcesMax: 0,
    seconds: 0,
    slowestMs: 0,
    slowestSeed: from,
  };
}

/** Counts a run. */
export function countResult(block: SeedBlock, result: SimulationResult, tookMs: number): void {
  block.seeds++;
  block.tuples += result.tuples;
  block.tasks += result.tasks;
  block.faults += result.faults;
  block.replays += result.replays;
  block.modes[result.mode]++;
  block.sourcesMax = Math.max(block.sourcesMax, result.sourcesMax);
  block.seconds += tookMs / 1000;
  if (result.outcome === "ended") block.ended++;
  else if (result.outcome === "stalled") block.stalled++;
  else block.failed.push({ seed: result.seed, failure: result.failure ?? "" });
  if (tookMs <= block.slowestMs) return;
  block.slowestMs = Math.round(tookMs);
  block.slowestSeed = result.seed;
}

/** The block in a line. */
export function describeBlock(block: SeedBlock): string {
  const { from, seeds, ended, stalled, failed, modes, seconds } = block;
  return `seeds ${from} to ${from + seeds - 1}: ${ended} ended, ${stalled} stalled as expected, ` +
    `${failed.length} failed; ${modes.ATLEAST_ONCE} at least once; ${block.faults} faults, ` +
    `${block.replays} replays, ${block.tuples} tuples, ${block.tasks} tasks, ` +
    `up to ${block.sourcesMax} sources of a task; ${seconds.toFixed(1)} s, ` +
    `slowest ${block.slowestMs} ms (seed ${block.slowestSeed})`;
}
