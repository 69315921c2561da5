import { expect, test } from "bun:test";
import { encodedTuples } from "../../tests/support/encoded_tuples.ts";
import { createTickTuple, Fields, type KeyValue, ListTuple } from "../api/mod.ts";
import { hashValues, indexOfKeyGroup, keyGroupOf, rangeOf } from "../tuples/mod.ts";
import { type KeyDefinition, KeyReader } from "./key_reader.ts";
import { KeyTable } from "./key_table.ts";

const LABEL = 'keyed state "counts" of "count"';
const SOURCE = { component: "words", stream: "default", task: 1 };

function readerOf(part: Partial<KeyDefinition> = {}, reserved = 0): KeyReader {
  const fields = part.fields ?? ["word"];
  const table = new KeyTable({ valueWords: 1, label: LABEL });
  table.reserve(reserved, 0);
  const groups = { first: 0, end: 1024 };
  return new KeyReader(
    { label: LABEL, fields, grouped: fields.length, keyGroups: 1024, groups, ...part },
    table,
  );
}

function bytesOf(key: ReturnType<KeyReader["read"]>): number[] {
  return [...key.bytes.subarray(key.start, key.end)];
}

test("KeyReader reads the same key from a batch, ahead, and from values", () => {
  const rows: [string, KeyValue][] = [
    "",
    "a",
    "é",
    "x".repeat(40),
    5,
    5n,
    300,
    -7,
    0.5,
    NaN,
    null,
    true,
  ]
    .concat(Array.from({ length: 100 }, (_, n) => `word ${n}`))
    .map((value) => ["before", value]);
  const fields = new Fields("n", "word");
  const tuples = encodedTuples(fields, rows);
  const fresh = readerOf();
  const ahead = readerOf({}, 40_000);
  rows.forEach(([, value], index) => {
    const tuple = tuples[index] ?? [];
    const written = fresh.read([value]);
    const expected = { bytes: bytesOf(written), hash: written.hash };
    expect(expected.hash).toBe(hashValues([value]) | 0);
    for (const reader of [fresh, ahead]) {
      const found = reader.read(tuple);
      expect({ bytes: bytesOf(found), hash: found.hash }).toEqual(expected);
    }
  });
});

test("KeyReader finds only keys of its task's groups", () => {
  const words = Array.from({ length: 200 }, (_, n) => `word ${n}`);
  const fields = new Fields("word");
  for (const parallelism of [2, 3, 7]) {
    for (let index = 0; index < parallelism; index++) {
      const groups = rangeOf(index, 1024, parallelism);
      const readers = [readerOf({ groups }), readerOf({ groups }, 40_000)];
      const tuples = encodedTuples(fields, words.map((word) => [word]));
      words.forEach((word, at) => {
        const group = keyGroupOf(hashValues([word]), 1024);
        const isOwn = indexOfKeyGroup(group, 1024, parallelism) === index;
        for (const reader of readers) {
          for (const key of [[word], tuples[at] ?? []]) {
            if (isOwn) expect(reader.read(key).hash).toBe(hashValues([word]) | 0);
            else {
              expect(() => reader.read(key)).toThrow(
                `Find a key of ${LABEL}: key group "${group}" is another task's, expected ${groups.first} to ${
                  groups.end - 1
                }`,
              );
            }
          }
        }
      });
    }
  }
});

test("KeyReader goes by the group of the fields that were grouped by", () => {
  const group = keyGroupOf(hashValues(["the"]), 1024);
  const groups = { first: group, end: group + 1 };
  const part = { fields: ["word", "minute"], grouped: 1, groups };
  const rows = Array.from({ length: 50 }, (_, minute) => ["the", minute]);
  for (const names of [["word", "minute"], ["minute", "word"]]) {
    const isTurned = names[0] === "minute";
    const tuples = encodedTuples(
      new Fields(names),
      rows.map(([word, minute]) => isTurned ? [minute, word] : [word, minute]),
    );
    for (const reader of [readerOf(part), readerOf(part, 40_000)]) {
      tuples.forEach((tuple, minute) => {
        expect(reader.read(tuple).hash).toBe(hashValues(["the", minute]) | 0);
        expect(reader.read(["the", minute]).hash).toBe(hashValues(["the", minute]) | 0);
      });
      expect(() => reader.read(["a", 0])).toThrow("is another task's");
    }
  }
});

test("KeyReader tells foreign keys by their group, also ahead", () => {
  const groups = { first: 0, end: 512 };
  const part = { fields: ["word", "minute"], grouped: 1, groups };
  const rows = Array.from({ length: 300 }, (_, n) => [`word ${n % 20}`, n]);
  const tuples = encodedTuples(new Fields("word", "minute"), rows);
  for (const reader of [readerOf(part), readerOf(part, 40_000)]) {
    rows.forEach(([word, minute], index) => {
      const isOwn = keyGroupOf(hashValues([word]), 1024) < 512;
      const read = () => reader.read(tuples[index] ?? []).hash;
      if (isOwn) expect(read()).toBe(hashValues([word, minute]) | 0);
      else expect(read).toThrow("is another task's");
    });
  }
});

test("KeyReader keeps batches apart whose tuples lie in the same places", () => {
  const fields = new Fields("word");
  const batches = ["a", "b"].map((letter) =>
    encodedTuples(fields, Array.from({ length: 200 }, (_, n) => [`${letter} ${100 + n}`]))
  );
  const reader = readerOf({}, 40_000);
  for (let index = 0; index < 200; index++) {
    // After many of one batch, the next place, but of the other.
    const batch = index % 50 === 49 ? 1 : 0;
    const found = reader.read(batches[batch]?.[index] ?? []);
    expect(found.hash).toBe(hashValues([`${"ab"[batch]} ${100 + index}`]) | 0);
  }
});

test("KeyReader reads a tuple again after one that is written anew", () => {
  const [first, second] = encodedTuples(new Fields("word"), [["a"], [0.5]]);
  const reader = readerOf();
  for (
    const [tuple, value] of [[first, "a"], [second, 0.5], [first, "a"], [second, 0.5]] as const
  ) {
    const found = reader.read(tuple ?? []);
    expect(bytesOf(found)).toEqual(bytesOf(readerOf().read([value])));
  }
});

test("KeyReader reads ahead though each tuple is asked for several times", () => {
  const rows = Array.from({ length: 500 }, (_, n) => [`word ${n}`]);
  const tuples = encodedTuples(new Fields("word"), rows);
  const table = new KeyTable({ valueWords: 1, label: LABEL });
  table.reserve(40_000, 0);
  const counts: number[] = [];
  const fetch = table.fetch.bind(table);
  table.fetch = (ahead, count) => {
    counts.push(count);
    fetch(ahead, count);
  };
  const groups = { first: 0, end: 1024 };
  const definition = { label: LABEL, fields: ["word"], grouped: 1, keyGroups: 1024, groups };
  const reader = new KeyReader(definition, table);
  tuples.forEach((tuple, index) => {
    for (const _ of [1, 2, 3]) {
      expect(reader.read(tuple).hash).toBe(hashValues(rows[index] ?? []) | 0);
    }
  });
  // 64 ahead, one by itself.
  expect(counts).toEqual([64, 64, 64, 64, 64, 64, 64, 44]);
});

test("KeyReader reads the right keys though most tuples of a batch are left out", () => {
  const words = Array.from({ length: 3000 }, (_, n) => `word ${n % 500}`);
  const tuples = encodedTuples(new Fields("word"), words.map((word) => [word]));
  const reader = readerOf({}, 40_000);
  for (let index = 0; index < words.length; index += 9) {
    expect(reader.read(tuples[index] ?? []).hash).toBe(hashValues([words[index]]) | 0);
  }
});

test("KeyReader refuses what is no key, and says why", () => {
  const reader = readerOf({ fields: ["word", "minute"] });
  const refused = (key: Parameters<KeyReader["read"]>[0]) => () => reader.read(key);
  expect(refused(["a"])).toThrow(
    new RangeError(`Find a key of ${LABEL}: found 1 values, expected 2, [word, minute]`),
  );
  // The caller's mistake, which the types tell of too.
  expect(refused(["a", { minute: 1 } as unknown as KeyValue])).toThrow(
    `Find a key of ${LABEL}: field "minute": found an object, expected null, boolean,`,
  );
  expect(refused([["a", ["\ud800"]], 1])).toThrow('field "word": at "[1][0]" found a string with');
  const other = new ListTuple(new Fields("word", "n"), ["a", 1], SOURCE);
  expect(refused(other)).toThrow(
    `Find a key of ${LABEL}: a tuple of "words", stream "default", has no field "minute", expected one of [word, n]`,
  );
  expect(refused(createTickTuple())).toThrow(
    'a tuple of "__system", stream "__tick", has no field',
  );
  const [map] = encodedTuples(new Fields("word", "minute"), [["a", new Map()]]);
  expect(refused(map ?? [])).toThrow(`Find a key of ${LABEL}: field "minute": found an object`);
  expect(reader.read(["a", 1]).hash).toBe(hashValues(["a", 1]) | 0);
});

test("KeyReader keeps no memory of a long key", () => {
  const reader = readerOf();
  const long = "x".repeat(1_000_000);
  expect(reader.read([long]).hash).toBe(hashValues([long]) | 0);
  expect(reader.read(["short"]).bytes.length).toBeLessThan(100);
});
