/** Payloads of dates and bigints at their bounds, and payloads that nobody wrote. */

import { expect, test } from "bun:test";
import { ByteBuffer } from "./byte_buffer.ts";
import { readBigint, readDate, writeBigint, writeDate } from "./values_extension.ts";

/** What was written behind a header of `headerBytes`. */
function payloadOf(write: (buffer: ByteBuffer) => void, headerBytes: number): Uint8Array {
  const buffer = new ByteBuffer(0);
  write(buffer);
  return buffer.bytes.slice(headerBytes, buffer.length);
}

function readDateHex(hex: string): Date {
  return readDate(Uint8Array.fromHex(hex), 0, hex.length / 2);
}

function readBigintHex(hex: string): bigint {
  return readBigint(Uint8Array.fromHex(hex), 0, hex.length / 2);
}

test("readDate() gives back every point in time from the first to the last", () => {
  for (const ms of [-8.64e15, -1001, -1000, -1, 0, 1, 999, 1000, 2 ** 32 * 1000 + 7, 8.64e15]) {
    const payload = payloadOf((buffer) => writeDate(buffer, new Date(ms)), 3);
    expect(readDate(payload, 0, payload.length).getTime()).toBe(ms);
  }
});

test("readDate() refuses lengths and times that no Date has", () => {
  expect(() => readDateHex("00".repeat(11))).toThrow("expected 12 B");
  for (
    const hex of [
      "000000007fffffffffffffff", // past the last point in time
      "000000010000000000000000", // a nanosecond
      "3b9aca000000000000000000", // a second of nanoseconds
    ]
  ) expect(() => readDateHex(hex)).toThrow("expected a point in time");
});

test("readBigint() gives back bigints around 64 bits and at the bound", () => {
  for (const value of [0n, 1n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n, 2n ** 68n]) {
    for (const signed of [value, -value]) {
      const headerBytes = BigInt.asIntN(64, signed) === signed ? 2 : 3;
      const payload = payloadOf((buffer) => writeBigint(buffer, signed), headerBytes);
      expect(readBigint(payload, 0, payload.length)).toBe(signed);
    }
  }
  const largest = 2n ** (8n * 65536n) - 1n;
  const payload = payloadOf((buffer) => writeBigint(buffer, largest), 6);
  expect(payload.length).toBe(1 + 65536);
  expect(readBigint(payload, 0, payload.length)).toBe(largest);
  expect(() => writeBigint(new ByteBuffer(0), largest + 1n)).toThrow("expected at most 65536");
});

test("readBigint() refuses lengths and signs that nobody writes", () => {
  for (const hex of ["", "00ffff", `02${"80".repeat(8)}`, `00${"01".repeat(65537)}`]) {
    expect(() => readBigintHex(hex)).toThrow("expected a sign and a magnitude");
  }
});
