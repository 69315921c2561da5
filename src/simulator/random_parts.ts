/**
 * In some seeds tuples are larger than a batch, and travel in parts. Chance of
 * its own: the other seeds stay as they are.
 */

import type { SystemConfig } from "../base/config/mod.ts";
import { seededRandom } from "../base/mod.ts";
import { between, logUniform, pick } from "./random_choice.ts";
import type { CutPlace, Fault } from "./random_faults.ts";

/** How many of the seeds with tuples large enough have them in parts. */
const PARTED_PART = 0.4;
const BATCH_BYTES_MIN = 256;

/** `config` with batches smaller than a tuple of `tupleBytes`, or as it is with a limit on tuples that it keeps. */
export function withParts(config: SystemConfig, seed: number, tupleBytes: number): SystemConfig {
  const random = seededRandom(Math.imul(seed, 0x2545f491) ^ 0x70617274);
  const isParted = tupleBytes > 2 * BATCH_BYTES_MIN && random.unit() < PARTED_PART;
  if (!isParted) return { ...config, topologyTupleMaxBytes: config.instanceBatchBytes };
  return {
    ...config,
    instanceBatchBytes: Math.max(
      BATCH_BYTES_MIN,
      Math.floor(tupleBytes / pick(random, [2, 3, 8])),
    ),
    topologyTupleMaxBytes: tupleBytes,
    // Each part costs as a batch does, which is at most as much as it holds.
    emitOvershootBytes: 2 * config.emitOvershootBytes,
  };
}

const PLACES: readonly CutPlace[] = Object.freeze([
  "destination_link",
  "destination_link",
  "source",
  "destination",
  "source_stmgr",
  "peer_link",
]);
/** Whether a tuple may be larger than a batch. */
export function mayBeParted(config: SystemConfig): boolean {
  return config.topologyTupleMaxBytes > config.instanceBatchBytes;
}

/** Most tuples that are cut off in one run. */
const CUTS_MAX = 4;

/** Faults in the midst of tuples in parts, where there are some. */
export function randomCuts(seed: number, config: SystemConfig): Fault[] {
  if (!mayBeParted(config)) return [];
  const random = seededRandom(Math.imul(seed, 0x45d9f3b) ^ 0x63757473);
  return Array.from({ length: between(random, 0, CUTS_MAX) }, () => ({
    kind: "cut_tuple",
    at: pick(random, PLACES),
    news: {
      firstMs: random.unit() * 20,
      secondMs: random.unit() * 20,
      tellsWriter: random.unit() < 0.5,
    },
    atMs: logUniform(random, 10, 2_000),
  }));
}
