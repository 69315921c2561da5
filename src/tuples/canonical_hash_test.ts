/** Tests of the canonical hash: equality, stability, spread and what is refused. */

import { expect, test } from "bun:test";
import fc from "fast-check";
import { ByteBuffer } from "./byte_buffer.ts";
import {
  hashCanonicalBytes,
  hashCanonicalView,
  hashValues,
  writeCanonical,
} from "./canonical_hash.ts";
import { indexOfKeyGroup, keyGroupOf } from "./key_groups.ts";
import { ValueNotEncodable } from "./values.ts";

/** A new seed every run; fast-check prints it when a property fails. */
const seed = crypto.getRandomValues(new Int32Array(1))[0] ?? 0;

test("hashValues() hashes equal values alike", () => {
  const equals: readonly (readonly [unknown, unknown])[] = [
    [1, 1n],
    [0, -0],
    [0, 0n],
    [-0, 0n],
    [-1, -1n],
    [2 ** 40, 2n ** 40n],
    [2 ** 53, 2n ** 53n],
    [-(2 ** 53), -(2n ** 53n)],
    [2 ** 63, 2n ** 63n],
    [1e300, BigInt(1e300)],
    [NaN, -NaN],
    [Buffer.from("ab"), new TextEncoder().encode("ab")],
    [[1, [2n, "x"]], [1n, [2, "x"]]],
    ["é".normalize("NFC"), "\u00e9"],
  ];
  for (const [a, b] of equals) {
    expect(hashValues([a])).toBe(hashValues([b]));
    expect(hashValues(["k", a, 1])).toBe(hashValues(["k", b, 1]));
  }
});

test("hashValues() tells different values and different splits apart", () => {
  const different: readonly (readonly unknown[])[] = [
    [],
    [null],
    [false],
    [true],
    [0],
    [1],
    [-1],
    [255],
    [0xffffffff],
    [0.5],
    [NaN],
    [Infinity],
    [-Infinity],
    ["1"],
    [""],
    ["", ""],
    ["ab", "c"],
    ["a", "bc"],
    ["abc"],
    [["abc"]],
    [[]],
    [[[]]],
    [[1], 2],
    [[1, 2]],
    [1, 2],
    [2, 1],
    [new Uint8Array([0x61, 0x62, 0x63])],
    [2n ** 53n],
    [2n ** 53n + 1n],
    [2n ** 64n],
    [-(2n ** 64n)],
  ];
  expect(new Set(different.map(hashValues)).size).toBe(different.length);
});

// Placement of keys and of their stored state: these must never change. They were made by another
// program from the canonical bytes.
const GOLDEN: readonly (readonly [readonly unknown[], number])[] = [
  [[], 0xab3e7c0b],
  [[null], 0x49a1ee98],
  [[false], 0x4b75546c],
  [[true], 0x97254509],
  [[0], 0xd226dc53],
  [[1], 0xe367b251],
  [[-1], 0x1d47a194],
  [[1000], 0x762bbe00],
  [[-(2 ** 31)], 0x55550b0b],
  [[1700000000000], 0x6c569b3b],
  [[1.5], 0x58831218],
  [[NaN], 0x7de442ea],
  [[2 ** 53], 0x2af951c5],
  [[-(2n ** 64n)], 0x1fc09a50],
  [[""], 0x7cdd7822],
  [["word"], 0xe1f0902c],
  [["größe"], 0x8d3b91a6],
  [["a".repeat(31)], 0xd0aa6bec],
  [["a".repeat(32)], 0x6f4de5ef],
  [["a".repeat(255)], 0x1292ab4d],
  [["a".repeat(256)], 0x15c33879],
  [[new Uint8Array([1, 2])], 0xb5038fae],
  [[["a", [1]], "b"], 0x6e635704],
];

test("hashValues() gives the same hashes for ever", () => {
  for (const [values, hash] of GOLDEN) expect(hashValues(values)).toBe(hash);
});

const groupings = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    fc.maxSafeInteger(),
    fc.double(),
    fc.bigInt(),
    fc.string({ unit: "binary" }),
    fc.string({ maxLength: 300 }),
    fc.uint8Array(),
    fc.array(tie("value"), { maxLength: 5 }),
  ),
})).value;

test("hashValues() is hashCanonicalBytes() of the canonical forms behind one another", () => {
  fc.assert(
    fc.property(fc.array(groupings, { maxLength: 4 }), (values) => {
      const buffer = new ByteBuffer(0);
      for (const value of values) writeCanonical(buffer, value);
      const hash = hashValues(values);
      expect(hashCanonicalBytes(buffer.bytes, 0, buffer.length)).toBe(hash);
      expect(hash).toBe(hash >>> 0);
    }),
    { seed, numRuns: 5000 },
  );
});

const KEYS: Readonly<Record<string, (i: number) => readonly unknown[]>> = {
  "counted words": (i) => [`word${i}`],
  "short words": (i) => [i.toString(36)],
  "long words": (i) => [`https://example.org/users/${i}/profile`],
  "non-ASCII words": (i) => [`größe ${i}`],
  integers: (i) => [i],
  "negative integers": (i) => [-i],
  "multiples of 1024": (i) => [i * 1024],
  "milliseconds": (i) => [1.7e12 + i * 1000],
  halves: (i) => [i + 0.5],
  bigints: (i) => [2n ** 70n + BigInt(i)],
  pairs: (i) => [i % 317, Math.floor(i / 317)],
  bytes: (i) => [new Uint8Array(Uint32Array.of(i).buffer)],
};

for (const [name, keyOf] of Object.entries(KEYS)) {
  test(`hashValues() spreads ${name} over key groups and tasks like chance`, () => {
    const keys = 100_000;
    const groups = new Uint32Array(1024);
    const tasks = new Uint32Array(7);
    for (let i = 0; i < keys; i++) {
      const group = keyGroupOf(hashValues(keyOf(i)), groups.length);
      groups[group]!++;
      tasks[indexOfKeyGroup(group, groups.length, tasks.length)]!++;
    }
    // Chi-square of n cells has mean n - 1 and deviation sqrt(2n); 6 deviations are generous.
    const expected = keys / groups.length;
    const chiSquare = groups.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    expect(chiSquare).toBeLessThan(groups.length + 6 * Math.sqrt(2 * groups.length));
    for (const count of tasks) {
      expect(Math.abs(count / (keys / tasks.length) - 1)).toBeLessThan(0.03);
    }
  });
}

test("hashCanonicalView() is hashCanonicalBytes(), wherever the bytes lie", () => {
  const bytes = crypto.getRandomValues(new Uint8Array(200));
  const part = bytes.subarray(3, 190);
  const view = new DataView(part.buffer, part.byteOffset, part.length);
  for (let start = 0; start < 9; start++) {
    for (let end = start; end <= part.length; end++) {
      expect(hashCanonicalView(view, start, end)).toBe(hashCanonicalBytes(part, start, end));
    }
  }
});

test("hashValues() refuses other values and names the place", () => {
  const refused: readonly (readonly [readonly unknown[], string])[] = [
    [[undefined], "[0]"],
    [["a", {}], "[1]"],
    [[[1, new Map()]], "[0][1]"],
    [[new Date(0)], "[0]"],
    [[Symbol("s")], "[0]"],
    [["\ud800"], "[0]"],
    [[[[() => 1]]], "[0][0][0]"],
  ];
  for (const [values, path] of refused) {
    try {
      hashValues(values);
      throw new Error(`Hashed: ${path}`);
    } catch (error) {
      expect(error).toBeInstanceOf(ValueNotEncodable);
      expect(error).toHaveProperty("path", path);
    }
  }
  expect(() => hashValues([{}])).toThrow("an object, expected null, boolean, number, bigint");
});

test("hashValues() refuses arrays that contain themselves", () => {
  const cyclic: unknown[] = [];
  cyclic.push(cyclic);
  expect(() => hashValues(["a", cyclic])).toThrow("a value that contains itself");
});

test("hashValues() is right again after a large key and after many refused ones", () => {
  const before = hashValues([[1, 2], 0.5]);
  hashValues([new Uint8Array(1e6)]);
  // More than a buffer may hold, if any of them stayed.
  const large = new Uint8Array(16 * 1024 * 1024);
  for (let i = 0; i < 20; i++) {
    expect(() => hashValues([[large, undefined]])).toThrow(ValueNotEncodable);
  }
  expect(hashValues([[1, 2], 0.5])).toBe(before);
});
