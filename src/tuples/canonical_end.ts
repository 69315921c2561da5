/**
 * Tells where an encoded value ends whose bytes are already in the canonical
 * form of grouping. What may not be is left to who decodes it and writes it
 * anew.
 */

/** The greatest upper half of a safe integer. */
const SAFE_HIGH_MAX = 0x1fffff;

/**
 * The position behind the encoded value at `at`, when it ends at or before `end` and its bytes are
 * known to be canonical; else -1. Strings, bytes, null, booleans and integers are, in their shortest
 * form; other numbers, bigints and arrays are not known to be.
 */
export function canonicalEnd(bytes: Uint8Array, at: number, end: number): number {
  if (at >= end) return -1;
  const tag = bytes[at]!;
  let next: number;
  if (tag >= 0xa0 && tag < 0xc0) next = at + 1 + (tag & 0x1f);
  else if (tag < 0x80 || tag >= 0xe0) next = at + 1;
  else next = wideEnd(bytes, at, tag);
  return next <= end ? next : -1;
}

function wideEnd(bytes: Uint8Array, at: number, tag: number): number {
  switch (tag) {
    case 0xc0: // nil
    case 0xc2: // false
    case 0xc3: // true
      return at + 1;
    case 0xcc: // uint8
      return bytes[at + 1]! >= 0x80 ? at + 2 : -1;
    case 0xcd: // uint16
      return uint16(bytes, at + 1) >= 0x100 ? at + 3 : -1;
    case 0xce: // uint32
      return uint32(bytes, at + 1) >= 0x10000 ? at + 5 : -1;
    case 0xcf: { // uint64
      const high = uint32(bytes, at + 1);
      return high > 0 && high <= SAFE_HIGH_MAX ? at + 9 : -1;
    }
    case 0xd0: // int8
      return (bytes[at + 1]! << 24) >> 24 < -0x20 ? at + 2 : -1;
    case 0xd1: // int16
      return (uint16(bytes, at + 1) << 16) >> 16 < -0x80 ? at + 3 : -1;
    case 0xd2: // int32
      return (uint32(bytes, at + 1) | 0) < -0x8000 ? at + 5 : -1;
    case 0xd9: // string8: shorter ones have their length in the tag
      return bytes[at + 1]! >= 0x20 ? at + 2 + bytes[at + 1]! : -1;
    case 0xc4: // bytes8
      return at + 2 + bytes[at + 1]!;
    case 0xda: // string16
    case 0xc5: { // bytes16
      const length = uint16(bytes, at + 1);
      return length >= 0x100 ? at + 3 + length : -1;
    }
    case 0xdb: // string32
    case 0xc6: { // bytes32
      const length = uint32(bytes, at + 1);
      return length >= 0x10000 ? at + 5 + length : -1;
    }
    default:
      return -1;
  }
}

function uint16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
}

function uint32(bytes: Uint8Array, at: number): number {
  return (uint16(bytes, at) * 0x10000) + uint16(bytes, at + 2);
}
