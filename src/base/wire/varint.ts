/**
 * Varints of 32 bits, as protobuf has them: frame lengths, tags and ids.
 * Reading makes no object: value and size come back packed in one number.
 */

/** What `readVarint` returns when the bytes end inside the varint. */
export const VARINT_INCOMPLETE = 0;
/** What `readVarint` returns for more than 5 bytes or 32 bits. */
export const VARINT_MALFORMED = -1;

/** How many bytes the minimal varint of `value` takes; `value` is an integer in [0, 2^32). */
export function varintSize(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  if (value < 0x200000) return 3;
  return value < 0x10000000 ? 4 : 5;
}

/** Writes `value`, an integer in [0, 2^32), at `at` and returns the position behind it. */
export function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  let rest = value;
  while (rest >= 0x80) {
    bytes[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  bytes[at++] = rest;
  return at;
}

/**
 * Reads the varint at `at`, looking at no byte from `end` on. Returns its value and size packed
 * (take them apart with `packedValue`, `packedSize`), `VARINT_INCOMPLETE` or `VARINT_MALFORMED`.
 */
export function readVarint(bytes: Uint8Array, at: number, end: number): number {
  let value = 0;
  for (let size = 1; size <= 4; size++) {
    if (at >= end) return VARINT_INCOMPLETE;
    const byte = bytes[at++]!;
    value |= (byte & 0x7f) << (7 * (size - 1));
    if (byte < 0x80) return value * 8 + size;
  }
  if (at >= end) return VARINT_INCOMPLETE;
  const last = bytes[at]!;
  return last > 0x0f ? VARINT_MALFORMED : (value + last * 2 ** 28) * 8 + 5;
}

/** The value in what `readVarint` returned. */
export function packedValue(packed: number): number {
  return packed < 2 ** 31 ? packed >>> 3 : Math.floor(packed / 8);
}

/** The bytes the varint took, in what `readVarint` returned. */
export function packedSize(packed: number): number {
  return packed & 7;
}
