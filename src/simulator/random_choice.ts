/** Choices by chance that scenarios are made of. */

import type { Random } from "../base/mod.ts";

/** One of `choices`; there must be one. */
export function pick<T>(random: Random, choices: readonly T[]): T {
  const index = random.below(choices.length);
  const chosen = choices[index];
  if (chosen === undefined && index >= choices.length) {
    throw new RangeError("Pick one of several: found none, expected at least one");
  }
  // The index is below the length.
  return chosen as T;
}

/** A number between `min` and `max`, each power of ten as likely as the next. */
export function logUniform(random: Random, min: number, max: number): number {
  return min * (max / min) ** random.unit();
}

/** An integer from `min` up to and with `max`. */
export function between(random: Random, min: number, max: number): number {
  return min + random.below(max - min + 1);
}

/** `items` in a random order. */
export function shuffled<T>(random: Random, items: readonly T[]): T[] {
  const result = [...items];
  for (let end = result.length - 1; end > 0; end--) {
    const other = random.below(end + 1);
    // Both indexes lie inside the list.
    [result[end], result[other]] = [result[other] as T, result[end] as T];
  }
  return result;
}
