/**
 * What the two ends of a soak leave behind: how often each spout emitted each word, and how often
 * each bolt counted it. Written by the topology, compared after the run.
 */

import { readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Random } from "../../src/base/mod.ts";

/** How many words there are. */
export const WORDS = 131_072;

const LETTERS = 20;
const LETTER_A = 97;
const ALPHABET = 26;

/** Where the ends of a run may differ. */
export interface CountComparison {
  /** Tuples that the bolts counted. */
  readonly tuples: number;
  /** Emitted and not counted, over all words. */
  readonly lost: number;
  /** Counted and not emitted, over all words. */
  readonly duplicates: number;
}

/** The words of a run: all spouts have the same. */
export function randomWords(random: Random, count = WORDS): string[] {
  const letters = new Uint8Array(LETTERS);
  return Array.from({ length: count }, () => {
    for (let at = 0; at < LETTERS; at++) letters[at] = LETTER_A + random.below(ALPHABET);
    return String.fromCharCode(...letters);
  });
}

/** Writes what one task of `component` counted: all of it, or nothing. */
export function writeCounts(
  folder: string,
  { component, index }: { readonly component: string; readonly index: number },
  counts: Iterable<readonly [word: string, count: number]>,
): void {
  const path = join(folder, `${component}-${index}.counts`);
  const lines = Array.from(counts, ([word, count]) => `${word}\t${count}\n`);
  writeFileSync(`${path}.tmp`, lines.join(""));
  renameSync(`${path}.tmp`, path);
}

/**
 * What all tasks of `component` counted together.
 * @throws Error when not all of its tasks left something
 */
export function readCounts(folder: string, component: string, tasks: number): Map<string, number> {
  const names = readdirSync(folder)
    .filter((name) => name.startsWith(`${component}-`) && name.endsWith(".counts"));
  if (names.length !== tasks) {
    throw new Error(`Read the counts of "${component}": found ${names.length}, expected ${tasks}`);
  }
  const sums = new Map<string, number>();
  for (const name of names) {
    for (const line of readFileSync(join(folder, name), "latin1").split("\n")) {
      const [word = "", count = "0"] = line.split("\t");
      if (word !== "") sums.set(word, (sums.get(word) ?? 0) + Number(count));
    }
  }
  return sums;
}

/** Compares both ends word by word. */
export function compareCounts(
  emitted: ReadonlyMap<string, number>,
  counted: ReadonlyMap<string, number>,
): CountComparison {
  let [tuples, lost, duplicates] = [0, 0, 0];
  for (const word of new Set([...emitted.keys(), ...counted.keys()])) {
    const [sent, seen] = [emitted.get(word) ?? 0, counted.get(word) ?? 0];
    tuples += seen;
    lost += Math.max(0, sent - seen);
    duplicates += Math.max(0, seen - sent);
  }
  return { tuples, lost, duplicates };
}
