/**
 * The hash of grouping values. It decides in which task equal keys meet and
 * where their state lies, so it must never change. It is defined over canonical
 * bytes: values as `writeValue` writes them, except that integers of both types
 * are written alike (1 = 1n = 1.0, -0 = 0) and all NaN are one.
 */

import { ByteBuffer } from "./byte_buffer.ts";
import { locate, ValueNotEncodable } from "./value_not_encodable.ts";
import { writeBigint } from "./values_extension.ts";
import { DEPTH_MAX, TAG, writeArrayHeader } from "./values_format.ts";
import { writeBytes, writeNumber, writeValue } from "./values_write.ts";

const SEED = 0x811c9dc5 | 0;
const FACTOR = 0x9e3779b1 | 0;
/** Strings up to here (UTF-16 units) are hashed in place if they are ASCII: their header is one byte. */
const IN_PLACE_UNITS_MAX = 31;
/** A scratch that grew past this (bytes) is not kept. */
const SCRATCH_BYTES_MAX = 64 * 1024;

/** Holds canonical bytes while they are hashed; nothing stays in it. */
const scratch = new ByteBuffer(256);

/**
 * The uint32 hash of grouping values: null, boolean, number, bigint, string, Uint8Array and arrays
 * of these. Equal values in equal order hash alike.
 * @throws ValueNotEncodable for other values, with the index in its path
 */
export function hashValues(values: readonly unknown[]): number {
  const [value] = values;
  if (values.length === 1 && typeof value === "string" && value.length <= IN_PLACE_UNITS_MAX) {
    const hash = hashAscii(value);
    if (hash !== undefined) return hash;
  }
  // From the end on, so that a key whose getter hashes a key finds its bytes untouched.
  const start = scratch.length;
  let index = 0;
  try {
    for (; index < values.length; index++) writeCanonical(scratch, values[index]);
    return hashCanonicalBytes(scratch.bytes, start, scratch.length);
  } catch (error) {
    throw locate(error, `[${index}]`, values);
  } finally {
    scratch.length = start;
    if (start === 0 && scratch.bytes.length > SCRATCH_BYTES_MAX) {
      scratch.bytes = new Uint8Array(256);
    }
  }
}

/**
 * The same hash, from the canonical bytes of all values between `start` and `end`. It goes by
 * words of four bytes, little-endian, the last one filled up with zeros.
 */
export function hashCanonicalBytes(bytes: Uint8Array, start = 0, end = bytes.length): number {
  let state = SEED ^ (end - start);
  let at = start;
  for (const last = end - 3; at < last; at += 4) {
    const word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) |
      (bytes[at + 3]! << 24);
    state = mix(state, word);
  }
  if (at < end) {
    let word = bytes[at]!;
    if (at + 1 < end) word |= bytes[at + 1]! << 8;
    if (at + 2 < end) word |= bytes[at + 2]! << 16;
    state = mix(state, word);
  }
  return finish(state);
}

/** The same, where many are hashed of one memory: words are read as words. */
export function hashCanonicalView(view: DataView, start: number, end: number): number {
  let state = SEED ^ (end - start);
  let at = start;
  for (const last = end - 3; at < last; at += 4) state = mix(state, view.getInt32(at, true));
  if (at < end) {
    let word = view.getUint8(at);
    if (at + 1 < end) word |= view.getUint8(at + 1) << 8;
    if (at + 2 < end) word |= view.getUint8(at + 2) << 16;
    state = mix(state, word);
  }
  return finish(state);
}

/**
 * Appends the canonical form of one grouping value; `depth` counts the arrays around it.
 * @throws ValueNotEncodable for a value that `hashValues` refuses
 */
export function writeCanonical(buffer: ByteBuffer, value: unknown, depth = 0): void {
  switch (typeof value) {
    case "number":
      return writeCanonicalNumber(buffer, value);
    case "bigint":
      return writeCanonicalBigint(buffer, value);
    case "object":
      if (value instanceof Uint8Array) return writeBytes(buffer, value);
      if (Array.isArray(value)) return writeCanonicalArray(buffer, value, depth);
      if (value !== null) {
        throw new ValueNotEncodable(
          "an object, expected null, boolean, number, bigint, string, bytes or an array of these to group by",
        );
      }
  }
  writeValue(buffer, value);
}

function writeCanonicalNumber(buffer: ByteBuffer, value: number): void {
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) writeBigint(buffer, BigInt(value));
  else writeNumber(buffer, value === 0 ? 0 : value);
}

function writeCanonicalBigint(buffer: ByteBuffer, value: bigint): void {
  const number = Number(value);
  if (Number.isSafeInteger(number)) writeNumber(buffer, number);
  else writeBigint(buffer, value);
}

function writeCanonicalArray(buffer: ByteBuffer, array: readonly unknown[], depth: number): void {
  if (depth >= DEPTH_MAX) {
    const reason = `more than ${DEPTH_MAX} arrays inside one another, expected fewer`;
    throw new ValueNotEncodable(reason, "", array);
  }
  writeArrayHeader(buffer, array.length);
  for (let i = 0; i < array.length; i++) {
    try {
      writeCanonical(buffer, array[i], depth + 1);
    } catch (error) {
      throw locate(error, `[${i}]`, array);
    }
  }
}

/** The hash of an ASCII string without writing its bytes; undefined when it is none. */
function hashAscii(text: string): number | undefined {
  const units = text.length;
  let state = SEED ^ (units + 1);
  let seen = 0;
  // Behind the header's byte.
  let word: number = TAG.fixString | units;
  let shift = 8;
  for (let i = 0; i < units; i++) {
    const unit = text.charCodeAt(i);
    seen |= unit;
    word |= unit << shift;
    shift += 8;
    if (shift === 32) {
      state = mix(state, word);
      word = shift = 0;
    }
  }
  if (seen >= 0x80) return undefined;
  return finish(shift === 0 ? state : mix(state, word));
}

/** One step: the word, spread over the state, and its high bits brought down. */
function mix(state: number, word: number): number {
  const mixed = Math.imul(state ^ word, FACTOR);
  return mixed ^ (mixed >>> 15);
}

/** The finalizer of MurmurHash3: every bit of the state changes half the bits of the result. */
function finish(state: number): number {
  let mixed = state ^ (state >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
