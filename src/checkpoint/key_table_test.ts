import { expect, test } from "bun:test";
import fc from "fast-check";
import { hashCanonicalBytes } from "../tuples/mod.ts";
import { AHEAD_WORDS, type KeyRange, KeyTable } from "./key_table.ts";

const seed = crypto.getRandomValues(new Int32Array(1))[0] ?? 0;
const LABEL = 'keyed state "x" of "y"';

function keyOf(text: string, hash?: number): KeyRange {
  // The key does not begin at the start of its bytes.
  const bytes = new TextEncoder().encode(`..${text}`);
  const view = new DataView(bytes.buffer);
  return {
    bytes,
    view,
    start: 2,
    end: bytes.length,
    hash: hash ?? hashCanonicalBytes(bytes, 2) | 0,
  };
}

function textOf(table: KeyTable, record: number): string {
  const start = table.keyStart(record);
  return new TextDecoder().decode(
    new Uint8Array(table.words.buffer).slice(start, start + table.keyLength(record)),
  );
}

function add(table: KeyTable, key: KeyRange): number {
  const slot = table.find(key);
  return slot < 0 ? table.insert(key, slot) : table.recordAt(slot);
}

/** Keys and first words of values, by the arena and by the slots. */
function contentOf(
  table: KeyTable,
): { byArena: Map<string, number>; bySlots: Map<string, number> } {
  const byArena = new Map<string, number>();
  for (let at = table.nextRecord(0); at !== 0; at = table.nextRecord(at)) {
    byArena.set(textOf(table, at), table.words[at] ?? 0);
  }
  const bySlots = new Map<string, number>();
  table.forEach((_, record) => bySlots.set(textOf(table, record), table.words[record] ?? 0));
  return { byArena, bySlots };
}

for (const valueWords of [1, 2] as const) {
  test(`KeyTable with values of ${valueWords} words holds what a Map would`, () => {
    // Few hashes, so that keys collide; lengths around whole words.
    const key = fc.record({ length: fc.nat(9), tail: fc.nat(9) });
    const step = fc.record({ key, remove: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
        const table = new KeyTable({ valueWords, label: LABEL });
        const map = new Map<string, number>();
        steps.forEach(({ key: { length, tail }, remove }, index) => {
          const text = "k".repeat(length) + tail;
          const range = keyOf(text, Math.imul(tail % 3, 0x40000001) ^ (length >> 1 << 20));
          const slot = table.find(range);
          expect(slot >= 0).toBe(map.has(text));
          if (!remove) {
            const record = add(table, range);
            expect(record % valueWords).toBe(0);
            table.words[record] = index;
            map.set(text, index);
          } else if (slot >= 0) {
            table.remove(slot);
            map.delete(text);
          }
          expect(table.size).toBe(map.size);
        });
        const { byArena, bySlots } = contentOf(table);
        expect(byArena).toEqual(map);
        expect(bySlots).toEqual(map);
      }),
      { seed, numRuns: 300 },
    );
  });
}

test("KeyTable grows, and gives memory back when most keys are gone", () => {
  const table = new KeyTable({ valueWords: 1, label: LABEL });
  const least = table.byteLength;
  const count = 20_000;
  for (let index = 0; index < count; index++) {
    table.words[add(table, keyOf(`key ${index}`))] = index;
  }
  const most = table.byteLength;
  const liveBytes = count * (8 + 12 + 8);
  expect(most).toBeLessThan(2.5 * liveBytes);
  for (let index = 0; index < count; index++) {
    if (index % 100 !== 0) table.remove(table.find(keyOf(`key ${index}`)));
  }
  expect(table.byteLength).toBeLessThan(most / 20);
  const { byArena } = contentOf(table);
  expect(byArena.size).toBe(count / 100);
  for (const [key, value] of byArena) expect(key).toBe(`key ${value}`);
  table.clear();
  expect([table.size, table.byteLength, table.nextRecord(0)]).toEqual([0, least, 0]);
});

test("KeyTable stays within twice what lives while keys come and go", () => {
  const table = new KeyTable({ valueWords: 1, label: LABEL });
  const live = 2000;
  for (let index = 0; index < 20 * live; index++) {
    table.words[add(table, keyOf(`key ${index}`))] = index;
    if (index >= live) table.remove(table.find(keyOf(`key ${index - live}`)));
  }
  expect(table.size).toBe(live);
  const liveBytes = live * (8 + 12 + 8);
  expect(table.byteLength).toBeLessThan(4 * liveBytes);
});

test("KeyTable moves nothing while it is iterated over", () => {
  const table = new KeyTable({ valueWords: 1, label: LABEL });
  for (let index = 0; index < 1000; index++) add(table, keyOf(`key ${index}`));
  table.iterations++;
  const seen: string[] = [];
  for (let at = table.nextRecord(0); at !== 0; at = table.nextRecord(at)) {
    seen.push(textOf(table, at));
    table.remove(table.find(keyOf(textOf(table, at))));
  }
  expect(seen).toEqual(Array.from({ length: 1000 }, (_, index) => `key ${index}`));
  expect(table.size).toBe(0);
});

test("KeyTable refuses more keys than its limit and keeps what it has", () => {
  const table = new KeyTable({ valueWords: 1, label: LABEL, keysMax: 48 });
  for (let index = 0; index < 48; index++) add(table, keyOf(`${index}`));
  expect(() => add(table, keyOf("more"))).toThrow(
    'Add a key to keyed state "x" of "y": found 48 keys, expected at most 48',
  );
  expect(() => add(table, keyOf("47"))).not.toThrow();
  expect(contentOf(table).byArena.size).toBe(48);
});

test("KeyTable reserves room at once and fetches without a change", () => {
  const table = new KeyTable({ valueWords: 2, label: LABEL });
  table.reserve(10_000, 60_000);
  const { byteLength } = table;
  for (let index = 0; index < 10_000; index++) add(table, keyOf(`${index}`.padStart(6, "0")));
  expect(table.byteLength).toBe(byteLength);
  const ahead = new Int32Array(AHEAD_WORDS * 64).map((_, at) => Math.imul(at, 0x9e3779b1));
  const { changes } = table;
  table.fetch(ahead, 64);
  expect(typeof table.fetched).toBe("number");
  expect([table.changes, table.size]).toEqual([changes, 10_000]);
});

test("KeyTable tells keys apart that differ in zeros at the end", () => {
  const table = new KeyTable({ valueWords: 1, label: LABEL });
  const keys = ["", "\0", "\0\0\0\0", "a", "a\0", "a\0\0\0", "abcd", "abcd\0"];
  keys.forEach((text, index) => table.words[add(table, keyOf(text, 7))] = index);
  expect(contentOf(table).byArena).toEqual(new Map(keys.map((text, index) => [text, index])));
  keys.forEach((text, index) => {
    expect(table.words[table.recordAt(table.find(keyOf(text, 7)))]).toBe(index);
  });
});

test("KeyTable leaves removed keys behind when it needs room, also during an iteration", () => {
  const table = new KeyTable({ valueWords: 1, label: LABEL });
  table.iterations++;
  for (let index = 0; index < 20_000; index++) {
    const key = keyOf(`key ${index}`);
    table.words[add(table, key)] = index;
    if (index % 50 !== 0) table.remove(table.find(key));
  }
  expect(contentOf(table).byArena.size).toBe(400);
  expect(table.byteLength).toBeLessThan(200 * 400);
});
