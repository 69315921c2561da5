import { expect, test } from "bun:test";
import fc from "fast-check";
import { ByteBuffer } from "./byte_buffer.ts";
import { canonicalEnd } from "./canonical_end.ts";
import { writeCanonical } from "./canonical_hash.ts";
import { writeValue } from "./values.ts";

const seed = crypto.getRandomValues(new Int32Array(1))[0] ?? 0;

function bytesOf(write: (buffer: ByteBuffer) => void): Uint8Array {
  const buffer = new ByteBuffer(64);
  write(buffer);
  return buffer.bytes.slice(0, buffer.length);
}

const IN_PLACE: readonly unknown[] = [
  ...[null, true, false, 0, 127, 128, 255, 256, 65535, 65536, 2 ** 31, 2 ** 32 - 1, 2 ** 32],
  ...[2 ** 53 - 1, -1, -32, -33, -128, -129, -32768, -32769, -(2 ** 31), "", "é", "€uro"],
  ...[31, 32, 255, 256, 65535, 65536].map((length) => "x".repeat(length)),
  ...[0, 255, 256, 65535, 65536].map((length) => new Uint8Array(length)),
];

test("canonicalEnd() finds the end of what is canonical, and never past the end", () => {
  for (const value of IN_PLACE) {
    const bytes = bytesOf((buffer) => writeValue(buffer, value));
    expect(bytes).toEqual(bytesOf((buffer) => writeCanonical(buffer, value)));
    const shifted = new Uint8Array([7, ...bytes, 7]);
    expect(canonicalEnd(shifted, 1, shifted.length)).toBe(1 + bytes.length);
    expect(canonicalEnd(shifted, 1, 1 + bytes.length)).toBe(1 + bytes.length);
    for (let cut = 0; cut < Math.min(bytes.length, 40); cut++) {
      expect(canonicalEnd(bytes, 0, cut)).toBe(-1);
      expect(canonicalEnd(bytes.slice(0, cut), 0, cut)).toBe(-1);
    }
  }
});

test("canonicalEnd() passes nothing whose canonical form is another", () => {
  const value = fc.oneof(
    fc.string(),
    fc.integer(),
    fc.maxSafeInteger(),
    fc.double(),
    fc.bigInt(),
    fc.uint8Array(),
    fc.boolean(),
    fc.constant(null),
    fc.array(fc.oneof(fc.integer(), fc.bigInt(), fc.string())),
  );
  fc.assert(
    fc.property(value, (one) => {
      const bytes = bytesOf((buffer) => writeValue(buffer, one));
      const end = canonicalEnd(bytes, 0, bytes.length);
      if (end === -1) return;
      expect(end).toBe(bytes.length);
      expect(bytes).toEqual(bytesOf((buffer) => writeCanonical(buffer, one)));
    }),
    { seed, numRuns: 2000 },
  );
});

test("canonicalEnd() passes no longer form of what has a shorter one", () => {
  const longer = [
    [0xcc, 5],
    [0xcd, 0, 200],
    [0xce, 0, 0, 200, 1],
    [0xcf, 0, 0, 0, 0, 1, 1, 1, 1],
    [0xcf, 0, 0x20, 0, 0, 0, 0, 0, 0],
    [0xd0, 5],
    [0xd0, 0xff],
    [0xd1, 0xff, 0xf0],
    [0xd2, 0xff, 0xff, 0xff, 0xf0],
    [0xd3, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xf0],
    [0xd9, 2, 0x61, 0x62],
    [0xda, 0, 2, 0x61, 0x62],
    [0xdb, 0, 0, 0, 2, 0x61, 0x62],
    [0xc5, 0, 1, 1],
    [0xc6, 0, 0, 0, 1, 1],
    [0xcb, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0],
  ];
  for (const bytes of longer) expect(canonicalEnd(new Uint8Array(bytes), 0, bytes.length)).toBe(-1);
});
