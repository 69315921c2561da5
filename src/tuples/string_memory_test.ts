import { expect, test } from "bun:test";
import { HeronError, type Random, seededRandom } from "../base/mod.ts";
import { hashCanonicalBytes } from "./canonical_hash.ts";
import { StringMemory, type StringRange } from "./string_memory.ts";

function rangeOf(text: string): StringRange {
  const before = Buffer.from("abc");
  const bytes = Buffer.from(text);
  return {
    bytes: Buffer.concat([before, bytes, before]),
    start: before.length,
    end: before.length + bytes.length,
  };
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

function newSeed(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
}

function randomText(random: Random, kinds: string): string {
  const letters = Array.from(
    { length: random.below(40) },
    () => kinds[random.below(kinds.length)] ?? "",
  );
  return letters.join("");
}

test("StringMemory.decode() gives each string as it is, known or not, of any length", () => {
  const seed = newSeed();
  const random = seededRandom(seed);
  const memory = new StringMemory();
  for (let round = 0; round < 20_000; round++) {
    const text = randomText(random, round % 3 === 0 ? "ab" : "xyzäöü€");
    expect({ seed, text: memory.decode(rangeOf(text)) }).toEqual({ seed, text });
  }
});

test("StringMemory.decode() tells apart what has the same beginning", () => {
  const memory = new StringMemory();
  for (let round = 0; round < 3; round++) {
    for (let length = 0; length <= 33; length++) {
      for (const last of ["", "\0", "\x01", "a", "b"]) {
        const text = "\0".repeat(length) + last;
        expect(memory.decode(rangeOf(text))).toBe(text);
      }
    }
  }
});

/** How the hash of eight bytes takes in the first four. */
function begun(text: string): number {
  const next = Math.imul(0x811c9dc5 ^ 8 ^ Buffer.from(text).readInt32LE(), 0x9e3779b1);
  return next ^ (next >>> 15);
}

/** A string of the same hash as `text`, eight bytes both. */
function collisionOf(text: string, random: Random): string {
  for (;;) {
    const first = Array.from({ length: 4 }, () => 97 + random.below(26));
    const begin = String.fromCharCode(...first);
    const rest = Buffer.alloc(4);
    const second = Buffer.from(text.slice(4)).readInt32LE();
    rest.writeInt32LE(begun(text.slice(0, 4)) ^ second ^ begun(begin));
    if (!rest.every((byte) => byte > 31 && byte < 127)) continue;
    const other = begin + rest.toString();
    expect(hashCanonicalBytes(Buffer.from(other))).toBe(hashCanonicalBytes(Buffer.from(text)));
    return other;
  }
}

test("StringMemory.decode() tells apart what has the same hash", () => {
  const random = seededRandom(newSeed());
  for (let round = 0; round < 20; round++) {
    const memory = new StringMemory();
    const other = collisionOf("wordword", random);
    for (const text of ["wordword", other, "wordword", other]) {
      expect(memory.decode(rangeOf(text))).toBe(text);
    }
  }
});

test("StringMemory.decode() remembers few of many strings with the same hash", () => {
  const random = seededRandom(newSeed());
  const memory = new StringMemory();
  const { byteLength } = memory;
  const others = new Set(Array.from({ length: 200 }, () => collisionOf("wordword", random)));
  for (const text of [...others, ...others]) expect(memory.decode(rangeOf(text))).toBe(text);
  // 64 B is what one of them counts for.
  expect((memory.byteLength - byteLength) / 64).toBe(32);
});

test("StringMemory.find() takes no string for another of the same hash", () => {
  const random = seededRandom(newSeed());
  const memory = new StringMemory();
  const texts = ["wordword", ...Array.from({ length: 5 }, () => collisionOf("wordword", random))];
  for (const text of texts) memory.decode(rangeOf(text));
  const places = Int32Array.from(texts.flatMap((_, index) => [8 * index, 8 * index + 8]));
  const numbers = new Int32Array(texts.length);
  memory.find({ view: viewOf(Buffer.from(texts.join(""))), places, count: texts.length, numbers });
  expect([...numbers]).toEqual([0, -1, -1, -1, -1, -1]);
  expect(memory.known(0)).toBe("wordword");
});

test("StringMemory.find() tells apart what has the same beginning, of any length", () => {
  const memory = new StringMemory();
  const texts = Array.from({ length: 31 }, (_, length) => "a".repeat(length + 1) + "z");
  for (const text of texts) memory.decode(rangeOf(text));
  const others = texts.map((text) => text.slice(0, -1) + "y");
  const asked = [...texts, ...others];
  const ends = asked.map((_, index) => asked.slice(0, index + 1).join("").length);
  const places = Int32Array.from(ends.flatMap((end, index) => [ends[index - 1] ?? 0, end]));
  const numbers = new Int32Array(asked.length);
  memory.find({ view: viewOf(Buffer.from(asked.join(""))), places, count: asked.length, numbers });
  const found = [...numbers].map((number) => number < 0 ? undefined : memory.known(number));
  expect(found).toEqual([...texts, ...others.map(() => undefined)]);
});

test("StringMemory refuses what is not UTF-8", () => {
  const bytes = Uint8Array.of(0x61, 0xff, 0x62);
  expect(() => new StringMemory().decode({ bytes, start: 0, end: 3 })).toThrow(HeronError);
});

test("StringMemory.find() gives numbers of known strings, and -1", () => {
  const memory = new StringMemory();
  const texts = Array.from({ length: 3000 }, (_, index) => `word ${index * 7919}`);
  for (const text of texts) memory.decode(rangeOf(text));
  const asked = [...texts.slice(-40), "not there", "ä".repeat(5), ...texts.slice(0, 10)];
  const ranges = asked.map(rangeOf);
  const bytes = Buffer.concat(ranges.map((range) => range.bytes));
  const places = new Int32Array(2 * asked.length);
  let at = 0;
  for (const [index, range] of ranges.entries()) {
    places[2 * index] = at + range.start;
    places[2 * index + 1] = at + range.end;
    at += range.bytes.length;
  }
  const numbers = new Int32Array(asked.length);
  memory.find({ view: viewOf(bytes), places, count: asked.length, numbers });
  const found = [...numbers].map((number) => number < 0 ? undefined : memory.known(number));
  expect(found).toEqual(asked.map((text) => texts.includes(text) ? text : undefined));
});

test("StringMemory remembers no more than its tables hold, and stops where strings do not come again", () => {
  const memory = new StringMemory();
  const { byteLength } = memory;
  let count = 0;
  const next = () => memory.decode(rangeOf(`number ${count++}`));
  let most = 0;
  while (!memory.isPaused && count < 1_000_000) {
    most = Math.max(most, memory.byteLength);
    next();
  }
  expect(most).toBeLessThan(22_000_000);
  expect(count).toBeGreaterThan(2 ** 17);
  expect(count).toBeLessThan(210_000);
  expect(memory.byteLength).toBe(byteLength);
  // It tries again after a million.
  const from = count;
  while (memory.isPaused) next();
  expect(count - from).toBe(2 ** 20);
  next();
  expect(memory.isPaused).toBe(false);
});

test("StringMemory goes on with more strings than it holds, as long as many are known", () => {
  const memory = new StringMemory();
  for (let index = 0; index < 197_000; index++) memory.decode(rangeOf(`number ${index}`));
  for (let index = 0; index < 190_000; index++) {
    memory.decode(rangeOf(`number ${index}`));
    memory.decode(rangeOf(`another ${index}`));
  }
  expect(memory.isPaused).toBe(false);
  expect(memory.byteLength).toBeLessThan(22_000_000);
});
