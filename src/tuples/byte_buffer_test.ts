/** Tests of the growing byte array. */

import { expect, test } from "bun:test";
import { ByteBuffer } from "./byte_buffer.ts";

test("ensure() keeps what was written and doubles", () => {
  const buffer = new ByteBuffer(100);
  buffer.bytes.fill(7);
  buffer.length = 100;
  buffer.ensure(1);
  expect(buffer.bytes.length).toBe(200);
  expect(buffer.length).toBe(100);
  expect([...buffer.bytes.subarray(0, 101)]).toEqual([...Array(100).fill(7), 0]);
});

test("ensure() leaves the storage alone while there is room", () => {
  const buffer = new ByteBuffer(100);
  const { bytes } = buffer;
  buffer.length = 40;
  buffer.ensure(60);
  expect(buffer.bytes).toBe(bytes);
});

test("ensure() takes more than double when more is needed, from zero as well", () => {
  const buffer = new ByteBuffer(0);
  buffer.ensure(1);
  expect(buffer.bytes.length).toBe(64);
  buffer.ensure(1000);
  expect(buffer.bytes.length).toBe(1000);
});

test("ensure() grows up to the bound and refuses past it without change", () => {
  const buffer = new ByteBuffer(8, 100);
  buffer.ensure(100);
  expect(buffer.bytes.length).toBe(100);
  buffer.length = 90;
  const { bytes } = buffer;
  expect(() => buffer.ensure(11)).toThrow(
    'Grow a byte buffer: "101" B needed, expected at most 100 B',
  );
  expect(() => buffer.ensure(11)).toThrow(RangeError);
  expect(buffer.bytes).toBe(bytes);
  expect(buffer.length).toBe(90);
});

test("constructor refuses a capacity that is no size or past the bound", () => {
  expect(() => new ByteBuffer(-1)).toThrow(RangeError);
  expect(() => new ByteBuffer(NaN)).toThrow(RangeError);
  expect(() => new ByteBuffer(11, 10)).toThrow(RangeError);
});
