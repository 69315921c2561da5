import { expect, test } from "bun:test";
import { HeronError } from "../base/mod.ts";
import {
  VarintCursor,
  varintLength,
  writeFixed32,
  writeVarint,
  writeVarintBefore,
} from "./varint.ts";

const VALUES = [0, 1, 0x7f, 0x80, 0x3fff, 0x4000, 2 ** 21, 2 ** 28 - 1, 2 ** 28, 2 ** 31, 2 ** 32]
  .concat([2 ** 35 - 1, 2 ** 35, 2 ** 42, 2 ** 49 - 1, 2 ** 49, Number.MAX_SAFE_INTEGER]);

test("writeVarint() and VarintCursor agree at every length", () => {
  for (const value of VALUES) {
    const bytes = new Uint8Array(10);
    const end = writeVarint(bytes, 0, value);
    expect(end).toBe(varintLength(value));
    expect(new VarintCursor(bytes, 0, end).next()).toBe(value);
    const before = new Uint8Array(12);
    const start = writeVarintBefore(before, 11, value);
    expect(before.slice(start, 11)).toEqual(bytes.slice(0, end));
  }
});

test("VarintCursor refuses what is cut or larger than 2^53", () => {
  for (const value of VALUES) {
    const bytes = new Uint8Array(10);
    const end = writeVarint(bytes, 0, value);
    expect(() => new VarintCursor(bytes, 0, end - 1).next()).toThrow(HeronError);
  }
  const tooLarge = new Uint8Array(10).fill(0xff);
  expect(() => new VarintCursor(tooLarge, 0, 10).next()).toThrow(HeronError);
});

test("VarintCursor.nextLength() refuses a length past the end", () => {
  const bytes = new Uint8Array([3, 1, 2]);
  expect(() => new VarintCursor(bytes, 0, 3).nextLength()).toThrow("expected at most 2");
  expect(new VarintCursor(new Uint8Array([2, 1, 2]), 0, 3).nextLength()).toBe(2);
});

test("VarintCursor.skip() steps over each wire type and refuses groups", () => {
  const bytes = new Uint8Array([0x96, 1, 1, 2, 3, 4, 5, 6, 7, 8, 2, 9, 9, 1, 2, 3, 4]);
  const cursor = new VarintCursor(bytes, 0, bytes.length);
  for (const [type, at] of [[0, 2], [1, 10], [2, 13], [5, 17]] as const) {
    cursor.skip(type);
    expect(cursor.at).toBe(at);
  }
  expect(() => cursor.skip(3)).toThrow('wire type "3"');
  expect(() => cursor.skip(1)).toThrow("cut");
});

test("writeFixed32() and VarintCursor.nextFixed32() agree, and refuse what is cut", () => {
  for (const value of [0, 1, -1, 0x12345678, -0x80000000, 0x7fffffff]) {
    const bytes = new Uint8Array(6);
    expect(writeFixed32(bytes, 1, value)).toBe(5);
    const cursor = new VarintCursor(bytes, 1, 5);
    expect(cursor.nextFixed32()).toBe(value);
    expect(cursor.at).toBe(5);
    for (let end = 1; end < 5; end++) {
      expect(() => new VarintCursor(bytes, 1, end).nextFixed32()).toThrow("cut");
    }
  }
});
