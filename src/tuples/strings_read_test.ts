/** Tests of decoding strings and of the cache of keys. */

import { expect, test } from "bun:test";
import { HeronError } from "../base/mod.ts";
import { decodeString, KeyCache } from "./strings_read.ts";

test("decodeString() decodes ASCII, UTF-8 and byte order marks at every length", () => {
  for (const unit of ["a", "\0", "\x7f", "é", "€", "😀", "\ufeff"]) {
    for (const count of [0, 1, 31, 32, 127, 128, 129, 1000]) {
      const text = unit.repeat(count);
      const bytes = new TextEncoder().encode(`<${text}>`);
      expect(decodeString(bytes, 1, bytes.length - 1)).toBe(text);
    }
  }
});

test("decodeString() refuses bytes that are not UTF-8", () => {
  for (const prefix of ["", "a".repeat(200)]) {
    const bytes = new Uint8Array([...new TextEncoder().encode(prefix), 0xe9]);
    expect(() => decodeString(bytes, 0, bytes.length)).toThrow(HeronError);
  }
});

test("KeyCache.decode() gives every key back, many more than it keeps", () => {
  const cache = new KeyCache();
  for (let i = 0; i < 5000; i++) {
    const key = `key ${i % 1000}${i % 3 === 0 ? "é" : ""}`;
    const bytes = new TextEncoder().encode(key);
    expect(cache.decode(bytes, 0, bytes.length)).toBe(key);
  }
});

test("KeyCache.decode() takes no malformed bytes for a kept key", () => {
  const cache = new KeyCache();
  // Of so many pairs some share a slot with the bytes that equal their units.
  for (let unit = 0x80; unit < 0x100; unit++) {
    for (let ascii = 0; ascii < 0x80; ascii++) {
      const key = new TextEncoder().encode(String.fromCharCode(unit, ascii));
      cache.decode(key, 0, key.length);
      const malformed = new Uint8Array([unit, ascii]);
      expect(() => cache.decode(malformed, 0, 2)).toThrow(HeronError);
    }
  }
});
