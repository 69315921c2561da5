/** The ends of a soak agree word by word, or it is said where they do not. */

import { expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seededRandom } from "../../src/base/mod.ts";
import { compareCounts, randomWords, readCounts, writeCounts } from "./word_counts.ts";

test("randomWords() gives the same words for a seed, no two alike", () => {
  const words = randomWords(seededRandom(7), 2000);
  expect(randomWords(seededRandom(7), 2000)).toEqual(words);
  expect(randomWords(seededRandom(8), 2000)).not.toEqual(words);
  expect(new Set(words).size).toBe(2000);
  expect(words.every((word) => /^[a-z]{20}$/.test(word))).toBe(true);
});

test("compareCounts() does not let a word that is missing make up for one too many", () => {
  const emitted = new Map([["a", 5], ["b", 5], ["c", 1]]);
  expect(compareCounts(emitted, emitted)).toEqual({ tuples: 11, lost: 0, duplicates: 0 });
  const counted = new Map([["a", 4], ["b", 6], ["d", 1]]);
  expect(compareCounts(emitted, counted)).toEqual({ tuples: 11, lost: 2, duplicates: 2 });
});

test("readCounts() sums up what writeCounts() wrote for each task, and misses one that is not there", () => {
  const folder = mkdtempSync(join(tmpdir(), "hb-counts-"));
  try {
    writeCounts(folder, { component: "count", index: 0 }, [["a", 1], ["b", 2]]);
    writeCounts(folder, { component: "count", index: 1 }, new Map([["b", 40]]));
    writeCounts(folder, { component: "words", index: 0 }, [["b", 900]]);
    expect(readCounts(folder, "count", 2)).toEqual(new Map([["a", 1], ["b", 42]]));
    expect(readCounts(folder, "words", 1)).toEqual(new Map([["b", 900]]));
    expect(() => readCounts(folder, "count", 3)).toThrow("found 2, expected 3");
    // Half of a file is none.
    writeFileSync(join(folder, "count-2.counts.tmp"), "a\t1");
    expect(() => readCounts(folder, "count", 3)).toThrow("found 2, expected 3");
  } finally {
    rmSync(folder, { recursive: true });
  }
});
