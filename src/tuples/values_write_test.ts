/** The bytes that writeValue makes, and what it refuses. */

import { expect, test } from "bun:test";
import { ByteBuffer } from "./byte_buffer.ts";
import { readValue, ValueNotEncodable, ValueReader, writeValue } from "./values.ts";

function encodeHex(value: unknown): string {
  const buffer = new ByteBuffer(16);
  writeValue(buffer, value);
  return buffer.bytes.slice(0, buffer.length).toHex();
}

function refusalOf(value: unknown): ValueNotEncodable {
  const buffer = new ByteBuffer(16);
  try {
    writeValue(buffer, value);
  } catch (error) {
    if (error instanceof ValueNotEncodable) return error;
    throw error;
  }
  throw new Error(`Written: ${buffer.bytes.slice(0, buffer.length).toHex()}`);
}

/** `levels` arrays inside one another. */
function nested(levels: number): unknown[] {
  let value: unknown[] = [];
  for (let i = 1; i < levels; i++) value = [value];
  return value;
}

// Batches and stored state hold these bytes: they must not change.
const GOLDEN: readonly (readonly [unknown, string])[] = [
  [null, "c0"],
  [false, "c2"],
  [true, "c3"],
  [0, "00"],
  [127, "7f"],
  [128, "cc80"],
  [255, "ccff"],
  [256, "cd0100"],
  [65535, "cdffff"],
  [65536, "ce00010000"],
  [2 ** 31, "ce80000000"],
  [2 ** 32 - 1, "ceffffffff"],
  [2 ** 32, "cf0000000100000000"],
  [Number.MAX_SAFE_INTEGER, "cf001fffffffffffff"],
  [-1, "ff"],
  [-32, "e0"],
  [-33, "d0df"],
  [-128, "d080"],
  [-129, "d1ff7f"],
  [-32768, "d18000"],
  [-32769, "d2ffff7fff"],
  [-(2 ** 31), "d280000000"],
  [-(2 ** 31) - 1, "d3ffffffff7fffffff"],
  [Number.MIN_SAFE_INTEGER, "d3ffe0000000000001"],
  [-0, "cb8000000000000000"],
  [1.5, "cb3ff8000000000000"],
  [NaN, "cb7ff8000000000000"],
  [-Infinity, "cbfff0000000000000"],
  [2 ** 53, "cb4340000000000000"],
  ["", "a0"],
  ["word", "a4776f7264"],
  ["é", "a2c3a9"],
  ["€", "a3e282ac"],
  ["😀", "a4f09f9880"],
  ["a".repeat(32), `d920${"61".repeat(32)}`],
  ["é".repeat(30), `d93c${"c3a9".repeat(30)}`],
  ["a".repeat(256), `da0100${"61".repeat(256)}`],
  ["a".repeat(65536), `db00010000${"61".repeat(65536)}`],
  [new Uint8Array([1, 255]), "c40201ff"],
  [Buffer.from([1, 255]), "c40201ff"],
  [new Uint8Array(256), `c50100${"00".repeat(256)}`],
  [new Uint8Array(65536), `c600010000${"00".repeat(65536)}`],
  [[1, [2]], "92019102"],
  [new Array(16).fill(0), `dc0010${"00".repeat(16)}`],
  [new Array(65536).fill(0), `dd00010000${"00".repeat(65536)}`],
  [{ b: 1, a: 2 }, "82a16201a16102"],
  [1n, "d7030000000000000001"],
  [-(2n ** 63n), "d7038000000000000000"],
  [2n ** 63n, "c70903008000000000000000"],
  [-(2n ** 64n), "c70a0301010000000000000000"],
  [new Date(1500), "c70cff1dcd65000000000000000001"],
  [new Date(-1), "c70cff3b8b87c0ffffffffffffffff"],
  [new Map([["k", 1]]), "c90000000301a16b01"],
  [new Set([1, 2]), "c900000002020102"],
];

test("writeValue() makes the same bytes for ever", () => {
  for (const [value, hex] of GOLDEN) expect(encodeHex(value)).toBe(hex);
});

test("writeValue() writes objects with many keys under wider headers", () => {
  for (const [count, hex] of [[15, "8f"], [16, "de0010"], [65536, "df00010000"]] as const) {
    const object = Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, i]));
    expect(encodeHex(object)).toStartWith(hex);
  }
});

test("writeValue() writes strings of every length around its ways of writing", () => {
  for (const unit of ["a", "é", "€", "😀"]) {
    for (const units of [23, 24, 25, 31, 32, 255, 256, 4095, 4096, 4097, 65536]) {
      const text = `${"a".repeat(units - unit.length)}${unit}`;
      const buffer = new ByteBuffer(0);
      writeValue(buffer, text);
      const reader = new ValueReader(buffer.bytes, 0, buffer.length);
      expect(readValue(reader)).toBe(text);
      expect(reader.at).toBe(buffer.length);
    }
  }
});

test("writeValue() refuses what would not come out as it went in, and says what it is", () => {
  class Point {
    readonly x = 1;
  }
  class Names extends Array<string> {}
  const refused: readonly (readonly [unknown, string])[] = [
    [undefined, "undefined, expected null or a value"],
    [() => 1, "a function, expected data"],
    [Symbol("s"), "a symbol, expected data"],
    [new Point(), 'an instance of class "Point", expected plain data or a registered class'],
    [new Names(), 'an instance of class "Names", expected plain data or a registered class'],
    [
      new (class extends Map {})(),
      'an instance of class "?", expected plain data or a registered class',
    ],
    [
      new Float64Array(1),
      'an instance of class "Float64Array", expected plain data or a registered class',
    ],
    [
      new ArrayBuffer(1),
      'an instance of class "ArrayBuffer", expected plain data or a registered class',
    ],
    [/a/, 'an instance of class "RegExp", expected plain data or a registered class'],
    [new Error("no"), 'an instance of class "Error", expected plain data or a registered class'],
    [
      Promise.resolve(1),
      'an instance of class "Promise", expected plain data or a registered class',
    ],
    [new Date(NaN), "an invalid Date, expected a point in time"],
    [1n << 600_000n, "a bigint of 75001 bytes, expected at most 65536"],
  ];
  for (const [value, reason] of refused) {
    const refusal = refusalOf(value);
    expect(refusal.reason).toBe(reason);
    expect(refusal.path).toBe("");
    expect(refusal.message).toBe(`Encode a value: found ${reason}`);
    expect(refusal).toBeInstanceOf(TypeError);
  }
});

test("writeValue() refuses lone surrogates at every length", () => {
  for (const units of [1, 24, 25, 5000]) {
    for (const lone of ["\ud800", "\udc00"]) {
      expect(refusalOf("a".repeat(units - 1) + lone).reason).toBe(
        "a string with a lone surrogate, expected well-formed Unicode",
      );
    }
  }
  expect(refusalOf({ "\ud800": 1 }).path).toBe('["\\ud800"]');
});

test("writeValue() names the place of what it refuses", () => {
  const sparse = [1, 2, 3];
  delete sparse[1];
  const places: readonly (readonly [unknown, string])[] = [
    [[1, 2, { name: undefined }], "[2].name"],
    [{ "odd key": [undefined] }, '["odd key"][0]'],
    [sparse, "[1]"],
    [new Map([["a", 1], ["b", undefined]]), "<value 1>"],
    [new Map([[{ a: undefined }, 1]]), "<key 0>.a"],
    [new Set([1, [undefined]]), "<entry 1>[0]"],
  ];
  for (const [value, path] of places) expect(refusalOf(value).path).toBe(path);
  expect(refusalOf([{ a: undefined }]).message).toBe(
    'Encode a value: at "[0].a" found undefined, expected null or a value',
  );
});

test("writeValue() takes 64 containers inside one another and refuses more", () => {
  expect(encodeHex(nested(64))).toBe(`${"91".repeat(63)}90`);
  const refusal = refusalOf(nested(65));
  expect(refusal.reason).toBe("more than 64 containers inside one another, expected fewer");
  expect(refusal.path).toBe("[0]".repeat(64));
});

test("writeValue() refuses values that contain themselves, and names them", () => {
  const array: unknown[] = [1];
  array.push([array]);
  const map = new Map<string, unknown>();
  map.set("self", map);
  const set = new Set<unknown>();
  set.add({ set });
  const object: Record<string, unknown> = {};
  object["self"] = object;
  for (const cyclic of [array, map, set, object]) {
    const reason = "a value that contains itself, expected a tree";
    expect(refusalOf(cyclic).reason).toBe(reason);
    expect(refusalOf({ a: 1, deep: [cyclic] }).reason).toBe(reason);
    expect(refusalOf({ a: 1, deep: [cyclic] }).path).toStartWith(".deep[0]");
  }
  expect(refusalOf({ deep: [object] }).path).toBe(".deep[0]");
});

test("writeValue() takes a value that occurs twice without a cycle", () => {
  const shared = [1];
  expect(encodeHex([shared, shared])).toBe("9291019101");
});

test("writeValue() leaves symbol keys and inherited properties out, reads getters", () => {
  const object = Object.create(null);
  Object.assign(object, { [Symbol("s")]: 1 });
  Object.defineProperty(object, "got", { get: () => 2, enumerable: true });
  Object.defineProperty(object, "hidden", { value: 3, enumerable: false });
  expect(encodeHex(object)).toBe("81a3676f7402");
});

test("writeValue() passes on what a getter throws", () => {
  const thrown = new Error("mine");
  const object = {
    get bad(): number {
      throw thrown;
    },
  };
  expect(() => writeValue(new ByteBuffer(0), [object])).toThrow(thrown);
});

test("after a refusal, setting length back undoes the partial value", () => {
  const buffer = new ByteBuffer(0);
  writeValue(buffer, "first");
  const { length } = buffer;
  const partials = [
    ["x".repeat(1000), undefined],
    new Map([[1, undefined]]),
    `é${"é".repeat(50)}\ud800`,
  ];
  for (const partial of partials) {
    expect(() => writeValue(buffer, partial)).toThrow(ValueNotEncodable);
    buffer.length = length;
  }
  writeValue(buffer, "second");
  expect(buffer.bytes.slice(0, buffer.length).toHex()).toBe(
    encodeHex("first") + encodeHex("second"),
  );
});

test("writeValue() stops at the bound of the buffer, also for widely shared values", () => {
  let shared: unknown = [];
  for (let i = 0; i < 40; i++) shared = [shared, shared];
  for (const value of [shared, "x".repeat(2000), new Uint8Array(2000), new Array(2000).fill(1)]) {
    expect(() => writeValue(new ByteBuffer(0, 1000), value)).toThrow(RangeError);
  }
});
