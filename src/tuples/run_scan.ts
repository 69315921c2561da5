/**
 * Looks ahead in a run: where the values of the tuples behind a tuple lie.
 * Whoever keeps state by key fetches what they will need while there is other
 * work to do. It only ever tells of less than there is, and throws nothing.
 */

import { TAG } from "./tags.ts";

/** A varint of more bytes is no length of a tuple worth looking at. */
const VARINT_BYTES_MAX = 4;

/**
 * Writes the ranges of the values of the tuples that start at `at` in `bytes`, in the same run:
 * start, end, start, end, … as far as `ranges` has room. Returns how many.
 */
export function scanTuples(bytes: Uint8Array, at: number, ranges: Int32Array): number {
  const room = ranges.length >> 1;
  const size = bytes.length;
  let count = 0;
  let next = at;
  while (count < room && next + 1 < size && bytes[next] === TAG.runTuples) {
    let start = next + 2;
    let length = bytes[next + 1]!;
    if (length >= 0x80) {
      const bodyAt = endOfVarint(bytes, next + 1);
      if (bodyAt < 0) break;
      length = varintBefore(bytes, next + 1, bodyAt);
      start = bodyAt;
    }
    const end = start + length;
    if (end > size) break;
    if (bytes[start] === TAG.tupleRoots) start = skipRoots(bytes, start);
    if (start < 0 || start + 1 >= end || bytes[start] !== TAG.tupleValues) break;
    const valuesAt = bytes[start + 1]! < 0x80 ? start + 2 : endOfVarint(bytes, start + 1);
    if (valuesAt < 0 || valuesAt + varintBefore(bytes, start + 1, valuesAt) !== end) break;
    ranges[2 * count] = valuesAt;
    ranges[2 * count + 1] = end;
    count++;
    next = end;
  }
  return count;
}

/** The position behind all roots at `at`; -1 when they cannot be read. */
function skipRoots(bytes: Uint8Array, at: number): number {
  let next = at;
  while (bytes[next] === TAG.tupleRoots) {
    const start = endOfVarint(bytes, next + 1);
    if (start < 0) return -1;
    next = start + varintBefore(bytes, next + 1, start);
  }
  return next;
}

/** The position behind the varint at `at`; -1 when it is too long. */
function endOfVarint(bytes: Uint8Array, at: number): number {
  for (let i = at; i < at + VARINT_BYTES_MAX; i++) {
    const byte = bytes[i];
    if (byte === undefined) return -1;
    if (byte < 0x80) return i + 1;
  }
  return -1;
}

/** The number of the varint from `at` to `end`. */
function varintBefore(bytes: Uint8Array, at: number, end: number): number {
  let value = 0;
  for (let i = end - 1; i >= at; i--) value = (value << 7) | (bytes[i]! & 0x7f);
  return value;
}
