/** Round trips of values: what goes in comes out, with random nested values and an oracle. */

import { expect, test } from "bun:test";
import fc from "fast-check";
import { unpack } from "msgpackr";
import { HeronError } from "../base/mod.ts";
import { ByteBuffer } from "./byte_buffer.ts";
import { readValue, skipValue, ValueReader, writeValue } from "./values.ts";

/** A new seed every run; fast-check prints it when a property fails. */
const seed = crypto.getRandomValues(new Int32Array(1))[0] ?? 0;

const texts = fc.oneof(
  fc.string({ unit: "grapheme-ascii", maxLength: 40 }),
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.constantFrom(
    "",
    "__proto__",
    "constructor",
    "\ufeffmark",
    "\0",
    "é".repeat(31),
    "a".repeat(300),
  ),
);
const numbers = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double(),
  fc.constantFrom(
    -0,
    NaN,
    Infinity,
    -Infinity,
    Number.MIN_VALUE,
    2 ** 53,
    -(2 ** 53),
    2 ** 31,
    2 ** 32,
  ),
  fc.integer({ min: 0, max: 34 }).chain((bit) =>
    fc.integer({ min: -2, max: 2 }).map((near) => 2 ** bit + near)
  ),
);
const bytes = fc.uint8Array({ maxLength: 300 });
const plainLeaves = [fc.constant(null), fc.boolean(), numbers, texts, bytes] as const;
const { plain } = fc.letrec<{ plain: unknown }>((tie) => ({
  plain: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    ...plainLeaves,
    fc.array(tie("plain"), { maxLength: 20 }),
    fc.dictionary(texts, tie("plain"), { maxKeys: 20 }),
  ),
}));
const { any } = fc.letrec<{ any: unknown }>((tie) => ({
  any: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    ...plainLeaves,
    fc.bigInt(),
    fc.bigInt({ min: -(2n ** 600n), max: 2n ** 600n }),
    fc.date({ noInvalidDate: true }),
    fc.array(tie("any"), { maxLength: 20 }),
    fc.dictionary(texts, tie("any"), { maxKeys: 20 }),
    fc.array(fc.tuple(tie("any"), tie("any")), { maxLength: 20 }).map((pairs) => new Map(pairs)),
    fc.array(tie("any"), { maxLength: 20 }).map((entries) => new Set(entries)),
  ),
}));

function encode(value: unknown): Uint8Array {
  const buffer = new ByteBuffer(0);
  writeValue(buffer, value);
  return buffer.bytes.slice(0, buffer.length);
}

/** Equality that misses nothing: -0, types, classes, the order of keys and entries. */
function expectSame(found: unknown, expected: unknown): void {
  if (typeof expected !== "object" || expected === null) {
    if (!Object.is(found, expected)) expect(found).toBe(expected);
    return;
  }
  const prototype = Object.getPrototypeOf(expected) ?? Object.prototype;
  expect(Object.getPrototypeOf(found)).toBe(prototype);
  if (expected instanceof Uint8Array || expected instanceof Date) {
    expect(found).toEqual(expected);
  } else if (expected instanceof Map || expected instanceof Set) {
    // Both are of the class of `expected`, seen above.
    expectSame([...found as Iterable<unknown>], [...expected]);
  } else {
    // Entries of arrays as well: both are of one class, seen above.
    const entries = Object.entries(found as object);
    expect(entries.map(([key]) => key)).toEqual(Object.keys(expected));
    Object.values(expected).forEach((value, i) => expectSame(entries[i]?.[1], value));
  }
}

test("readValue() gives back what writeValue() took, and skipValue() finds the same end", () => {
  fc.assert(
    fc.property(any, (value) => {
      const encoded = encode(value);
      const reader = new ValueReader(encoded);
      expectSame(readValue(reader), value);
      expect(reader.at).toBe(encoded.length);
      expect(skipValue(encoded, 0)).toBe(encoded.length);
    }),
    { seed, numRuns: 10_000 },
  );
});

test("readValue() and skipValue() refuse every truncated value", () => {
  fc.assert(
    fc.property(any, (value) => {
      const encoded = encode(value);
      const step = Math.ceil(encoded.length / 200);
      for (let end = 0; end < encoded.length; end += step) {
        const reader = new ValueReader(encoded, 0, end);
        expect(codeOf(() => readValue(reader))).toBe("corrupt");
        expect(codeOf(() => skipValue(encoded, 0, end))).toBe("corrupt");
        expect(codeOf(() => readValue(new ValueReader(encoded.slice(0, end))))).toBe("corrupt");
      }
    }),
    { seed, numRuns: 300 },
  );
});

test("readValue() of damaged bytes gives a value or a corrupt error, within its end", () => {
  const damage = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), {
    minLength: 1,
    maxLength: 4,
  });
  fc.assert(
    fc.property(any, damage, (value, changes) => {
      const encoded = encode(value);
      for (const [at, byte] of changes) encoded[at % encoded.length] = byte;
      const reader = new ValueReader(encoded);
      expect(["corrupt", undefined]).toContain(codeOf(() => readValue(reader)));
      expect(reader.at).toBeLessThanOrEqual(encoded.length);
      expect(["corrupt", undefined]).toContain(codeOf(() => skipValue(encoded, 0)));
    }),
    { seed, numRuns: 5000 },
  );
});

test("readValue() of noise gives a value or a corrupt error", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (noise) => {
      expect(["corrupt", undefined]).toContain(codeOf(() => readValue(new ValueReader(noise))));
    }),
    { seed, numRuns: 5000 },
  );
});

test("writeValue() writes MessagePack that another decoder reads alike", () => {
  fc.assert(
    fc.property(plain, (value) => {
      fc.pre(!hasUncommonKey(value));
      expectSame(plainBytes(unpack(encode(value))), value);
    }),
    { seed, numRuns: 2000 },
  );
});

function codeOf(act: () => unknown): string | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    if (error instanceof HeronError) return error.code;
    throw error;
  }
}

/** Keys that the other decoder renames for safety. */
function hasUncommonKey(value: unknown): boolean {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return false;
  return Object.entries(value).some(([key, inner]) => key === "__proto__" || hasUncommonKey(inner));
}

/** The other decoder gives Buffers for bytes and may give bigints for integers of 64 bits. */
function plainBytes(value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (Array.isArray(value)) return value.map(plainBytes);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plainBytes(inner)]));
}
