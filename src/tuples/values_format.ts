/**
 * The value format, its constants and headers: MessagePack, integers in their
 * shortest form, other numbers as float64, and the extension types below for
 * what plain MessagePack lacks. Map and Set keep their order; their payload has
 * no count, it ends where the extension ends.
 */

import type { ByteBuffer } from "./byte_buffer.ts";

/** Most containers inside one another; deeper values are refused on both sides. */
export const DEPTH_MAX = 64;

/** Date: MessagePack's timestamp 96 (uint32 nanoseconds, int64 seconds). */
export const EXTENSION_DATE = -1;
/** Map: key, value, key, value, … */
export const EXTENSION_MAP = 1;
/** Set: entry, entry, … */
export const EXTENSION_SET = 2;
/** bigint: int64 in 8 bytes, or past that a sign byte (1 = negative) and the magnitude. */
export const EXTENSION_BIGINT = 3;
/** Instance of a class of the user: its index, and what stands for it. */
export const EXTENSION_CLASS = 4;

/** First bytes of MessagePack values; of a kind with several widths, the narrowest. */
export const TAG = Object.freeze({
  fixMap: 0x80,
  fixArray: 0x90,
  fixString: 0xa0,
  nil: 0xc0,
  false: 0xc2,
  true: 0xc3,
  bytes8: 0xc4,
  extension8: 0xc7,
  extension32: 0xc9,
  float64: 0xcb,
  uint8: 0xcc,
  uint16: 0xcd,
  uint32: 0xce,
  uint64: 0xcf,
  int8: 0xd0,
  int16: 0xd1,
  int32: 0xd2,
  int64: 0xd3,
  fixExtension8: 0xd7,
  string8: 0xd9,
  array16: 0xdc,
  map16: 0xde,
});

/** Appends one byte. */
export function writeByte(buffer: ByteBuffer, byte: number): void {
  buffer.ensure(1);
  buffer.bytes[buffer.length++] = byte;
}

/** Appends `raw` as it is. */
export function writeRaw(buffer: ByteBuffer, raw: Uint8Array): void {
  buffer.ensure(raw.length);
  buffer.bytes.set(raw, buffer.length);
  buffer.length += raw.length;
}

/** Appends `tag` and the low 8 bits of `value`. */
export function write8(buffer: ByteBuffer, tag: number, value: number): void {
  buffer.ensure(2);
  const { bytes, length } = buffer;
  bytes[length] = tag;
  bytes[length + 1] = value;
  buffer.length = length + 2;
}

/** Appends `tag` and the low 16 bits of `value`, big-endian like all of MessagePack. */
export function write16(buffer: ByteBuffer, tag: number, value: number): void {
  buffer.ensure(3);
  const { bytes, length } = buffer;
  bytes[length] = tag;
  bytes[length + 1] = value >>> 8;
  bytes[length + 2] = value;
  buffer.length = length + 3;
}

/** Appends `tag` and the low 32 bits of `value`. */
export function write32(buffer: ByteBuffer, tag: number, value: number): void {
  buffer.ensure(5);
  const { bytes, length } = buffer;
  bytes[length] = tag;
  bytes[length + 1] = value >>> 24;
  bytes[length + 2] = value >>> 16;
  bytes[length + 3] = value >>> 8;
  bytes[length + 4] = value;
  buffer.length = length + 5;
}

/** Appends `tag8` or a wider sibling and the length of bytes, a long string or an extension. */
export function writeLength(buffer: ByteBuffer, tag8: number, lengthBytes: number): void {
  if (lengthBytes < 0x100) write8(buffer, tag8, lengthBytes);
  else if (lengthBytes < 0x10000) write16(buffer, tag8 + 1, lengthBytes);
  else write32(buffer, tag8 + 2, lengthBytes);
}

/** Appends the header of an array. */
export function writeArrayHeader(buffer: ByteBuffer, count: number): void {
  if (count < 0x10) writeByte(buffer, TAG.fixArray | count);
  else if (count < 0x10000) write16(buffer, TAG.array16, count);
  else write32(buffer, TAG.array16 + 1, count);
}

/** Appends the header of a plain object. */
export function writeObjectHeader(buffer: ByteBuffer, count: number): void {
  if (count < 0x10) writeByte(buffer, TAG.fixMap | count);
  else if (count < 0x10000) write16(buffer, TAG.map16, count);
  else write32(buffer, TAG.map16 + 1, count);
}
