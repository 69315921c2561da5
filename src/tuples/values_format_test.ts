/** Headers of every width, at the counts where the width changes. */

import { expect, test } from "bun:test";
import { ByteBuffer } from "./byte_buffer.ts";
import { TAG, writeArrayHeader, writeLength, writeObjectHeader } from "./values_format.ts";

function written(write: (buffer: ByteBuffer) => void): string {
  const buffer = new ByteBuffer(0);
  write(buffer);
  return buffer.bytes.slice(0, buffer.length).toHex();
}

test("writeArrayHeader() and writeObjectHeader() take the narrowest width", () => {
  const widths: readonly (readonly [number, string, string])[] = [
    [0, "90", "80"],
    [15, "9f", "8f"],
    [16, "dc0010", "de0010"],
    [0xffff, "dcffff", "deffff"],
    [0x10000, "dd00010000", "df00010000"],
    [0xffffffff, "ddffffffff", "dfffffffff"],
  ];
  for (const [count, array, object] of widths) {
    expect(written((buffer) => writeArrayHeader(buffer, count))).toBe(array);
    expect(written((buffer) => writeObjectHeader(buffer, count))).toBe(object);
  }
});

test("writeLength() takes the narrowest of three siblings", () => {
  const widths: readonly (readonly [number, string])[] = [
    [0, "c400"],
    [0xff, "c4ff"],
    [0x100, "c50100"],
    [0xffff, "c5ffff"],
    [0x10000, "c600010000"],
    [0xffffffff, "c6ffffffff"],
  ];
  for (const [length, hex] of widths) {
    expect(written((buffer) => writeLength(buffer, TAG.bytes8, length))).toBe(hex);
  }
});
