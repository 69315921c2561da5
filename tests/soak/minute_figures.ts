/**
 * Samples of a run, each some seconds after the one before, become one figure a minute: the
 * median of the minute. Pure; who takes the samples is elsewhere.
 */

import { medianOf } from "./flatness.ts";

/** How often a run is looked at, in milliseconds. */
export const SAMPLE_MS = 5000;

const MINUTE_MS = 60_000;

/** Half of the samples of a minute: a minute with fewer is none. */
const SAMPLES_MIN = MINUTE_MS / SAMPLE_MS / 2;

/** One look at a run. */
export interface Sample {
  /** Since the topology runs, in milliseconds. */
  readonly atMs: number;
  /** Private memory of each process in bytes, by its id. */
  readonly memory: Readonly<Record<string, number>>;
  /** Tuples that the bolts executed in the last second. */
  readonly tuplesPerSecond: number;
  /** Tuples that spouts wait for to be acked. */
  readonly openRoots: number;
  /** Bytes that tasks and stream managers hold. */
  readonly heldBytes: number;
}

/** One minute of a run. */
export interface MinuteFigures extends Omit<Sample, "atMs"> {
  /** From 1. */
  readonly minute: number;
}

/** The minutes that `samples` fill; processes that were not there all the time are left out. */
export function minutesOf(samples: readonly Sample[]): MinuteFigures[] {
  const minutes = Map.groupBy(samples, ({ atMs }) => 1 + Math.floor(atMs / MINUTE_MS));
  return [...minutes].filter(([, own]) => own.length >= SAMPLES_MIN)
    .map(([minute, own]) => {
      const median = (read: (sample: Sample) => number): number => medianOf(own.map(read));
      const ids = Object.keys(own[0]?.memory ?? {})
        .filter((id) => own.every(({ memory }) => memory[id] !== undefined));
      return {
        minute,
        memory: Object.fromEntries(
          ids.map((id) => [id, median(({ memory }) => memory[id] ?? NaN)]),
        ),
        tuplesPerSecond: median((one) => one.tuplesPerSecond),
        openRoots: median((one) => one.openRoots),
        heldBytes: median((one) => one.heldBytes),
      };
    });
}
