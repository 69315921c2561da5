/**
 * Dates and bigints as MessagePack extensions: payloads in, payloads out.
 * The headers of extensions and the containers (Map, Set) are left to the
 * writer and the reader of values.
 */

import { HeronError } from "../base/mod.ts";
import type { ByteBuffer } from "./byte_buffer.ts";
import { ValueNotEncodable } from "./value_not_encodable.ts";
import {
  EXTENSION_BIGINT,
  EXTENSION_DATE,
  TAG,
  write8,
  writeByte,
  writeLength,
  writeRaw,
} from "./values_format.ts";

/** Longest magnitude of a bigint, in bytes (engines end near a million bits). */
const BIGINT_BYTES_MAX = 64 * 1024;
const DATE_PAYLOAD_BYTES = 12;
const INT64_BYTES = 8;
/** Farthest a Date can be from the epoch, in milliseconds. */
const DATE_MS_MAX = 8.64e15;

/**
 * Appends a Date.
 * @throws ValueNotEncodable when it is no point in time
 */
export function writeDate(buffer: ByteBuffer, value: Date): void {
  const ms = value.getTime();
  if (Number.isNaN(ms)) {
    throw new ValueNotEncodable("an invalid Date, expected a point in time");
  }
  const seconds = Math.floor(ms / 1000);
  writeLength(buffer, TAG.extension8, DATE_PAYLOAD_BYTES);
  writeByte(buffer, EXTENSION_DATE);
  buffer.ensure(DATE_PAYLOAD_BYTES);
  const view = viewOf(buffer.bytes, buffer.length, DATE_PAYLOAD_BYTES);
  view.setUint32(0, (ms - seconds * 1000) * 1e6);
  view.setBigInt64(4, BigInt(seconds));
  buffer.length += DATE_PAYLOAD_BYTES;
}

/**
 * The Date of an extension payload.
 * @throws HeronError "corrupt"
 */
export function readDate(bytes: Uint8Array, at: number, payloadBytes: number): Date {
  if (payloadBytes !== DATE_PAYLOAD_BYTES) {
    throw new HeronError(
      "corrupt",
      `Read a Date: "${payloadBytes}" B at ${at}, expected ${DATE_PAYLOAD_BYTES} B`,
    );
  }
  const view = viewOf(bytes, at, payloadBytes);
  const nanoseconds = view.getUint32(0);
  const ms = Number(view.getBigInt64(4)) * 1000 + nanoseconds / 1e6;
  if (nanoseconds >= 1e9 || !Number.isInteger(ms) || Math.abs(ms) > DATE_MS_MAX) {
    throw new HeronError("corrupt", `Read a Date: "${ms}" ms at ${at}, expected a point in time`);
  }
  return new Date(ms);
}

/**
 * Appends a bigint.
 * @throws ValueNotEncodable past 64 KiB of magnitude
 */
export function writeBigint(buffer: ByteBuffer, value: bigint): void {
  if (BigInt.asIntN(64, value) === value) {
    write8(buffer, TAG.fixExtension8, EXTENSION_BIGINT);
    buffer.ensure(INT64_BYTES);
    viewOf(buffer.bytes, buffer.length, INT64_BYTES).setBigInt64(0, value);
    buffer.length += INT64_BYTES;
    return;
  }
  const digits = (value < 0n ? -value : value).toString(16);
  const magnitude = Uint8Array.fromHex(digits.padStart(digits.length + (digits.length & 1), "0"));
  if (magnitude.length > BIGINT_BYTES_MAX) {
    throw new ValueNotEncodable(
      `a bigint of ${magnitude.length} bytes, expected at most ${BIGINT_BYTES_MAX}`,
    );
  }
  writeLength(buffer, TAG.extension8, 1 + magnitude.length);
  write8(buffer, EXTENSION_BIGINT, value < 0n ? 1 : 0);
  writeRaw(buffer, magnitude);
}

/**
 * The bigint of an extension payload.
 * @throws HeronError "corrupt"
 */
export function readBigint(bytes: Uint8Array, at: number, payloadBytes: number): bigint {
  if (payloadBytes === INT64_BYTES) return viewOf(bytes, at, payloadBytes).getBigInt64(0);
  const sign = bytes[at];
  if (payloadBytes < INT64_BYTES || payloadBytes > 1 + BIGINT_BYTES_MAX || (sign ?? 2) > 1) {
    throw new HeronError(
      "corrupt",
      `Read a bigint: "${payloadBytes}" B with sign "${sign}" at ${at}, expected a sign and a magnitude`,
    );
  }
  const magnitude = BigInt(`0x${bytes.slice(at + 1, at + payloadBytes).toHex()}`);
  return sign === 1 ? -magnitude : magnitude;
}

function viewOf(bytes: Uint8Array, at: number, length: number): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset + at, length);
}
