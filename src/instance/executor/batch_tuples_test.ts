import { expect, test } from "bun:test";
import { encodeBatch } from "../../../tests/support/encoded_tuples.ts";
import { Fields, type Tuple } from "../../api/mod.ts";
import { seededRandom } from "../../base/mod.ts";
import { BatchTuples } from "./batch_tuples.ts";
import type { CountedOrigin } from "./bolt_origins.ts";
import { SampledTimes } from "./sampled_times.ts";

const ORIGIN: CountedOrigin = {
  component: "words",
  stream: "default",
  source: { task: 1, epoch: 1, counter: 1 },
  fields: new Fields("word"),
  input: 0,
};

/** A cursor over batches that are all of one origin, and the first tuples that it told. */
function cursor(origins: readonly CountedOrigin[] = [ORIGIN]) {
  const firsts: Tuple[] = [];
  const tuples = new BatchTuples((tuple) => firsts.push(tuple));
  return { tuples, firsts, open: (bytes: Uint8Array) => tuples.open(bytes, () => origins) };
}

function wordsOf(count: number, seed: number): string[] {
  const random = seededRandom(seed);
  // As many as a reader looks ahead for, and some that are new or too long for that.
  return Array.from({ length: count }, () => {
    const number = random.below(4000);
    return number < 20 ? `${random.uint32()} is new` : "word".repeat(1 + number % 9) + number;
  });
}

test("BatchTuples gives out each tuple of a batch once, in order, and tells the first", () => {
  const { tuples, firsts, open } = cursor();
  let batches = 0;
  for (const count of [1, 2, 63, 64, 65, 128, 129, 1000, 8000, 8000, 3, 8000]) {
    const words = wordsOf(count, ++batches);
    open(encodeBatch(words.map((word) => [word])));
    for (const [index, word] of words.entries()) {
      expect(tuples.handed).toBe(index);
      const tuple = tuples.next();
      if (index === 0) expect(firsts.at(-1)).toBe(tuple);
      expect(tuple?.getString(0)).toBe(word);
    }
    expect([tuples.next(), tuples.next()]).toEqual([undefined, undefined]);
    expect(tuples.handed).toBe(count);
    expect(firsts.length).toBe(batches);
  }
});

test("BatchTuples has read what a bolt reads of each tuple, and of one that reads nothing nothing", () => {
  const { tuples, open } = cursor();
  /** How many of a batch's tuples were read before they were given out. */
  const readAhead = (isAsked: boolean) => {
    let count = 0;
    open(encodeBatch(Array.from({ length: 4000 }, (_, index) => [`the word ${index % 3000}`])));
    for (let tuple = tuples.next(); tuple !== undefined; tuple = tuples.next()) {
      if (tuple.isRead) count++;
      if (isAsked) tuple.getString(0);
    }
    return count;
  };
  for (let batch = 0; batch < 3; batch++) readAhead(true);
  for (let batch = 0; batch < 3; batch++) expect(readAhead(true)).toBeGreaterThan(3900);
  readAhead(false);
  expect(readAhead(false)).toBe(0);
});

test("BatchTuples reads ahead again after a pause, which ends anywhere in a batch", () => {
  for (const size of [448, 512, 640, 700, 1024, 2000]) {
    const { tuples, open } = cursor();
    const batch = encodeBatch(Array.from({ length: size }, (_, row) => [`a word ${row}`]));
    const readAheadOf = (isAsked: (row: number) => boolean) => {
      let count = 0;
      open(batch);
      for (let tuple = tuples.next(), row = 0; tuple !== undefined; tuple = tuples.next()) {
        if (tuple.isRead) count++;
        if (isAsked(row++)) tuple.getString(0);
      }
      return count;
    };
    // What is looked up behind each of these is of no use.
    for (let round = 0; round < 20; round++) readAheadOf((row) => row % 64 === 0);
    for (let round = 0; round < 10; round++) readAheadOf(() => true);
    expect([size, readAheadOf(() => true) / size > 0.9]).toEqual([size, true]);
  }
});

test("BatchTuples minds no tuple that is not read, nor one that is read late", () => {
  const { tuples, open } = cursor();
  const kept: Tuple[] = [];
  const words: string[] = [];
  for (let batch = 0; batch < 12; batch++) {
    const ofBatch = wordsOf(4000, batch % 3);
    words.push(...ofBatch);
    open(encodeBatch(ofBatch.map((word) => [word])));
    // Of some batches all are read at once, of others every third, of others none.
    for (let tuple = tuples.next(), index = 0; tuple !== undefined; tuple = tuples.next()) {
      if (batch % 4 < 2 || (batch % 4 === 2 && index++ % 3 === 0)) tuple.getString(0);
      kept.push(tuple);
    }
  }
  expect(kept.map((tuple) => tuple.getString(0))).toEqual(words);
});

test("BatchTuples has tuples read when their bolt asks, where somebody asks how long that takes", () => {
  let nowMs = 0;
  const times = new SampledTimes(() => ++nowMs, () => [0], () => {});
  const { tuples, open } = cursor([{ ...ORIGIN, times }]);
  for (let batch = 0; batch < 3; batch++) {
    open(encodeBatch(wordsOf(4000, 1).map((word) => [word])));
    for (let tuple = tuples.next(); tuple !== undefined; tuple = tuples.next()) tuple.getString(0);
  }
  times.turn(1e6);
  open(encodeBatch(wordsOf(500, 1).map((word) => [word])));
  const before = nowMs;
  for (let tuple = tuples.next(); tuple !== undefined; tuple = tuples.next()) {
    expect(tuple.isRead).toBe(false);
    tuple.getString(0);
  }
  // Two looks at the clock for each.
  expect(nowMs - before).toBe(1000);
});

test("BatchTuples leaves out tuples of streams that there are not", () => {
  const { tuples, firsts, open } = cursor([]);
  open(encodeBatch([["a"], ["b"]]));
  expect([tuples.next(), tuples.next(), firsts.length]).toEqual([undefined, undefined, 0]);
  expect(tuples.handed).toBe(0);
});

test("BatchTuples keeps no tuple of a batch behind its last one", () => {
  const { tuples, open } = cursor();
  open(encodeBatch(wordsOf(200, 1).map((word) => [word])));
  const kept: WeakRef<object>[] = [];
  for (let tuple = tuples.next(); tuple !== undefined; tuple = tuples.next()) {
    kept.push(new WeakRef(tuple));
  }
  Bun.gc(true);
  // The stack may hold one.
  expect(kept.filter((one) => one.deref() !== undefined).length).toBeLessThanOrEqual(2);
});
