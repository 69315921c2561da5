import { expect, test } from "bun:test";
import { BinaryReader, BinaryWriter } from "@bufbuild/protobuf/wire";
import { seededRandom } from "../mod.ts";
import {
  packedSize,
  packedValue,
  readVarint,
  VARINT_INCOMPLETE,
  VARINT_MALFORMED,
  varintSize,
  writeVarint,
} from "./varint.ts";

function interestingValues(): number[] {
  const values = [0, 1, 2 ** 32 - 1];
  for (const bits of [7, 14, 21, 28, 31]) values.push(2 ** bits - 1, 2 ** bits, 2 ** bits + 1);
  const random = seededRandom(7);
  for (let i = 0; i < 500; i++) values.push(random.uint32() >>> random.below(32));
  return values;
}

test("writeVarint() and readVarint() agree with protobuf-es", () => {
  for (const value of interestingValues()) {
    const bytes = new Uint8Array(10);
    const end = writeVarint(bytes, 2, value);
    const written = bytes.subarray(2, end);
    expect(written).toEqual(new BinaryWriter().uint32(value).finish());
    expect(varintSize(value)).toBe(written.length);
    expect(new BinaryReader(written).uint32()).toBe(value);
    const packed = readVarint(bytes, 2, bytes.length);
    expect(packedValue(packed)).toBe(value);
    expect(packedSize(packed)).toBe(written.length);
  }
});

test("readVarint() says incomplete at every cut and looks at nothing behind the end", () => {
  for (const value of interestingValues()) {
    const bytes = new Uint8Array(5);
    const end = writeVarint(bytes, 0, value);
    for (let cut = 0; cut < end; cut++) expect(readVarint(bytes, 0, cut)).toBe(VARINT_INCOMPLETE);
  }
});

test("readVarint() takes a longer form and refuses more than 5 bytes or 32 bits", () => {
  const read = (...bytes: number[]): number => readVarint(new Uint8Array(bytes), 0, bytes.length);
  expect(packedValue(read(0x81, 0x80, 0x00))).toBe(1);
  expect(packedSize(read(0x81, 0x80, 0x00))).toBe(3);
  expect(read(0x80, 0x80, 0x80, 0x80, 0x10)).toBe(VARINT_MALFORMED);
  expect(read(0xff, 0xff, 0xff, 0xff, 0x8f, 0x00)).toBe(VARINT_MALFORMED);
  expect(read(0x80, 0x80, 0x80, 0x80)).toBe(VARINT_INCOMPLETE);
});
