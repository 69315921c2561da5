/** Halves of keys: random, and never 0, so that all keys are as long on the wire. */

import type { Random } from "../../base/mod.ts";

/** Half a key, as int32, not 0. */
export function randomHalf(random: Random): number {
  for (;;) {
    const half = random.uint32() | 0;
    if (half !== 0) return half;
  }
}
