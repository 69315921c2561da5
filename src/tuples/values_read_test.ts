/** How readValue and skipValue take bytes that writeValue did not write, and what they share. */

import { expect, test } from "bun:test";
import { ByteBuffer } from "./byte_buffer.ts";
import { readValue, skipValue, ValueReader, writeValue } from "./values.ts";

function read(hex: string): unknown {
  return readValue(new ValueReader(Uint8Array.fromHex(hex)));
}

/** A Map with a null key or a Set, with `inner` in it: `type` is the type byte and what goes before. */
function extension(type: string, inner: string): string {
  const payloadBytes = (type.length + inner.length) / 2 - 1;
  return `c9${payloadBytes.toString(16).padStart(8, "0")}${type}${inner}`;
}

test("readValue() refuses bytes that are no value, and says where", () => {
  const refused: readonly (readonly [string, string])[] = [
    ["", '"0 more bytes" at 0, expected at least 1'],
    ["c1", '"byte 0xc1" at 0, expected the start of a value'],
    ["ca00000000", '"byte 0xca" at 0, expected the start of a value'],
    ["92", '"0 more bytes" at 1, expected at least 1'],
    ["cd01", '"1 more bytes" at 1, expected at least 2'],
    ["a461", '"1 more bytes" at 1, expected at least 4'],
    ["8101", '"no string" at 1, expected a key'],
    ["cf0020000000000000", '"integer 9007199254740992" at 1, expected a safe integer'],
    ["d3ffe0000000000000", '"integer -9007199254740992" at 1, expected a safe integer'],
    ["c70007", '"extension 7" at 2, expected one that heron-bin writes'],
    ["c701029101", '"a value across its end" at 5, expected the end at 4'],
    ["c70101a16101", '"a value across its end" at 6, expected the end at 4'],
    ["c70101a1", '"0 more bytes" at 4, expected at least 1'],
  ];
  for (const [hex, message] of refused) {
    expect(() => read(hex)).toThrow(`Read a value: ${message}`);
  }
});

test("readValue() refuses strings and keys that are not UTF-8", () => {
  for (const hex of ["a1e9", "a2c3c3", "a3eda080", "a2c080", "81a1e901"]) {
    expect(() => read(hex)).toThrow("expected UTF-8");
  }
});

test("readValue() refuses more than 64 containers inside one another", () => {
  expect(read(`${"91".repeat(63)}90`)).toBeArray();
  expect(() => read(`${"91".repeat(64)}90`)).toThrow("65 containers inside one another");
  expect(() => read(`${"81a161".repeat(64)}80`)).toThrow("65 containers inside one another");
  for (const type of ["01c0", "02"]) {
    let value = "c0";
    for (let i = 0; i < 64; i++) value = extension(type, value);
    expect(read(value)).toBeObject();
    expect(() => read(extension(type, value))).toThrow("65 containers inside one another");
  }
  expect(skipValue(Uint8Array.fromHex(`${"91".repeat(1e5)}90`), 0)).toBe(1e5 + 1);
});

test("readValue() takes no memory for counts and lengths that the bytes cannot hold", () => {
  for (const tag of ["dd", "df", "db", "c6"]) {
    expect(() => read(`${tag}ffffffff`)).toThrow('"0 more bytes" at 5');
    expect(() => skipValue(Uint8Array.fromHex(`${tag}ffffffff`), 0)).toThrow('"0 more bytes" at 5');
  }
});

test("readValue() defines the key __proto__ and leaves the prototype alone", () => {
  const object = read("81a95f5f70726f746f5f5f80");
  expect(Object.getPrototypeOf(object)).toBe(Object.prototype);
  expect(Object.keys(Object(object))).toEqual(["__proto__"]);
});

test("readValue() gives a copy of bytes, also from a Buffer and from shared memory", () => {
  for (const source of [Buffer.alloc(4), new Uint8Array(new SharedArrayBuffer(4))]) {
    source.set([0xc4, 2, 5, 6]);
    const value = readValue(new ValueReader(source));
    source.fill(0);
    expect(value).toEqual(new Uint8Array([5, 6]));
    expect(Object.getPrototypeOf(value)).toBe(Uint8Array.prototype);
    // Asserted to be bytes above.
    expect((value as Uint8Array).buffer).toBeInstanceOf(ArrayBuffer);
  }
});

test("readValue() reads strings of every way from shared memory", () => {
  for (const text of ["ascii", "grün", "x".repeat(500), "ö".repeat(500)]) {
    const buffer = new ByteBuffer(0);
    writeValue(buffer, { [text]: text });
    const shared = new Uint8Array(new SharedArrayBuffer(buffer.length));
    shared.set(buffer.bytes.subarray(0, buffer.length));
    expect(readValue(new ValueReader(shared))).toEqual({ [text]: text });
  }
});

test("readValue() and skipValue() walk over values that lie one behind the other", () => {
  const values = ["a", 1, null, { k: [true] }, new Map([[1n, new Set([2])]]), 1.5];
  const buffer = new ByteBuffer(0);
  for (const value of values) writeValue(buffer, value);
  const reader = new ValueReader(buffer.bytes, 0, buffer.length);
  let skipped = 0;
  for (const value of values) {
    expect(readValue(reader)).toEqual(value);
    skipped = skipValue(buffer.bytes, skipped, buffer.length);
    expect(skipped).toBe(reader.at);
  }
  expect(reader.at).toBe(buffer.length);
});
