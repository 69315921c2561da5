/**
 * Writes values as MessagePack, the simple types by hand. What cannot come out
 * as it went in is refused. After a refusal the buffer holds a partial value
 * behind its old length: setting `length` back undoes it.
 */

import type { ByteBuffer } from "./byte_buffer.ts";
import { locate, propertyStep, ValueNotEncodable } from "./value_not_encodable.ts";
import { writeBigint, writeDate } from "./values_extension.ts";
import {
  DEPTH_MAX,
  EXTENSION_CLASS,
  EXTENSION_MAP,
  EXTENSION_SET,
  TAG,
  write16,
  write32,
  write8,
  writeArrayHeader,
  writeByte,
  writeLength,
  writeObjectHeader,
  writeRaw,
} from "./values_format.ts";

/** Up to here (UTF-16 units) a loop beats a native call; below 32, so it fits the shortest header. */
const LOOP_UNITS_MAX = 24;
/** Up to here (UTF-16 units) room for the worst case is taken instead of measuring first. */
const UNMEASURED_UNITS_MAX = 4096;
const NAN_HIGH_BITS = 0x7ff80000;
const EXTENSION32_HEADER_BYTES = 6;

/** 64 bits seen three ways (little-endian, as every host of Bun is): filled and read at once. */
const float64Slot = new Float64Array(1);
const uint32Slot = new Uint32Array(float64Slot.buffer);
const byteSlot = new Uint8Array(float64Slot.buffer);

/** Writes UTF-8 at `at`, at most `bytesMax`, and tells how many bytes it wrote. */
type Utf8Write = (this: Uint8Array, text: string, at: number, bytesMax: number) => number;
// Typed by hand: Bun's types leave this method of Node's Buffer out. It works on any Uint8Array,
// and needs no view of the rest of the buffer as TextEncoder does.
const utf8Write = (Buffer.prototype as unknown as { utf8Write: Utf8Write }).utf8Write;

/**
 * Appends `value`; `depth` counts the containers around it.
 *
 * Carried: null, boolean, number, bigint, string, Uint8Array (also Buffer), Date, Map, Set, arrays
 * and plain objects (own enumerable string keys, in order). Named properties of an array and symbol
 * keys are not.
 * @throws ValueNotEncodable for anything else
 * @throws RangeError past the bound of the buffer
 */
export function writeValue(buffer: ByteBuffer, value: unknown, depth = 0): void {
  switch (typeof value) {
    case "string":
      return writeString(buffer, value);
    case "number":
      return writeNumber(buffer, value);
    case "object":
      if (value === null) return writeByte(buffer, TAG.nil);
      return writeObject(buffer, value, depth);
    case "boolean":
      return writeByte(buffer, value ? TAG.true : TAG.false);
    case "bigint":
      return writeBigint(buffer, value);
    case "undefined":
      throw new ValueNotEncodable("undefined, expected null or a value");
    default:
      throw new ValueNotEncodable(`a ${typeof value}, expected data`);
  }
}

/**
 * Appends a string as UTF-8.
 * @throws ValueNotEncodable for a lone surrogate
 */
function writeString(buffer: ByteBuffer, text: string): void {
  const units = text.length;
  if (units <= LOOP_UNITS_MAX) {
    buffer.ensure(1 + units);
    const { bytes, length } = buffer;
    let seen = 0;
    for (let i = 0; i < units; i++) {
      const unit = text.charCodeAt(i);
      seen |= unit;
      bytes[length + 1 + i] = unit;
    }
    if (seen < 0x80) {
      bytes[length] = TAG.fixString | units;
      buffer.length = length + 1 + units;
      return;
    }
  } else if (units <= UNMEASURED_UNITS_MAX) {
    const start = buffer.length;
    buffer.ensure(5 + 3 * units);
    writeStringHeader(buffer, units);
    // As many bytes as units: all of it is ASCII, and the header was right.
    if (utf8Write.call(buffer.bytes, text, buffer.length, 3 * units) === units) {
      buffer.length += units;
      return;
    }
    buffer.length = start;
  }
  writeMeasuredString(buffer, text);
}

function writeMeasuredString(buffer: ByteBuffer, text: string): void {
  if (!text.isWellFormed()) {
    throw new ValueNotEncodable("a string with a lone surrogate, expected well-formed Unicode");
  }
  const byteLength = Buffer.byteLength(text);
  buffer.ensure(5 + byteLength);
  writeStringHeader(buffer, byteLength);
  utf8Write.call(buffer.bytes, text, buffer.length, byteLength);
  buffer.length += byteLength;
}

function writeStringHeader(buffer: ByteBuffer, byteLength: number): void {
  if (byteLength < 0x20) writeByte(buffer, TAG.fixString | byteLength);
  else writeLength(buffer, TAG.string8, byteLength);
}

/** Appends a number: safe integers but -0 in their shortest form, others as float64. */
export function writeNumber(buffer: ByteBuffer, value: number): void {
  if ((value | 0) !== value || Object.is(value, -0)) writeWideNumber(buffer, value);
  else if (value >= -0x20 && value < 0x80) writeByte(buffer, value);
  else if (value >= 0) {
    if (value < 0x100) write8(buffer, TAG.uint8, value);
    else if (value < 0x10000) write16(buffer, TAG.uint16, value);
    else write32(buffer, TAG.uint32, value);
  } else if (value >= -0x80) write8(buffer, TAG.int8, value);
  else if (value >= -0x8000) write16(buffer, TAG.int16, value);
  else write32(buffer, TAG.int32, value);
}

/** A number that is no int32. */
function writeWideNumber(buffer: ByteBuffer, value: number): void {
  if (!Number.isSafeInteger(value) || value === 0) {
    float64Slot[0] = value;
    // Hosts differ in the bits of NaN; one form keeps hashes and stored keys equal.
    if (Number.isNaN(value)) {
      uint32Slot[1] = NAN_HIGH_BITS;
      uint32Slot[0] = 0;
    }
    writeSlot(buffer, TAG.float64);
  } else if (value > 0 && value <= 0xffffffff) {
    write32(buffer, TAG.uint32, value);
  } else {
    const high = Math.floor(value / 2 ** 32);
    uint32Slot[1] = high;
    uint32Slot[0] = value - high * 2 ** 32;
    writeSlot(buffer, value < 0 ? TAG.int64 : TAG.uint64);
  }
}

function writeSlot(buffer: ByteBuffer, tag: number): void {
  buffer.ensure(9);
  const { bytes, length } = buffer;
  bytes[length] = tag;
  for (let i = 0; i < 8; i++) bytes[length + 1 + i] = byteSlot[7 - i]!;
  buffer.length = length + 9;
}

/** Appends bytes. */
export function writeBytes(buffer: ByteBuffer, value: Uint8Array): void {
  writeLength(buffer, TAG.bytes8, value.length);
  writeRaw(buffer, value);
}

// Subclasses are refused: they would come out as their base class.
function writeObject(buffer: ByteBuffer, value: object, depth: number): void {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Uint8Array.prototype || prototype === Buffer.prototype) {
    if (value instanceof Uint8Array) return writeBytes(buffer, value);
  }
  if (value instanceof Date && prototype === Date.prototype) return writeDate(buffer, value);
  if (depth >= DEPTH_MAX) {
    const reason = `more than ${DEPTH_MAX} containers inside one another, expected fewer`;
    throw new ValueNotEncodable(reason, "", value);
  }
  if (prototype === Object.prototype || prototype === null) {
    return writePlainObject(buffer, value, depth);
  }
  if (Array.isArray(value) && prototype === Array.prototype) {
    return writeArray(buffer, value, depth);
  }
  if (value instanceof Map && prototype === Map.prototype) return writeMap(buffer, value, depth);
  if (value instanceof Set && prototype === Set.prototype) return writeSet(buffer, value, depth);
  if (writeInstance(buffer, { value, prototype }, depth)) return;
  throw new ValueNotEncodable(
    `an instance of class "${className(prototype)}", expected plain data or a registered class`,
  );
}

/** Writes an instance of a class of the user; false: it is none that is registered. */
function writeInstance(
  buffer: ByteBuffer,
  { value, prototype }: { readonly value: object; readonly prototype: unknown },
  depth: number,
): boolean {
  const { classes } = buffer;
  const index = classes?.indexOf(prototype);
  const codec = classes?.at(index);
  if (index === undefined || codec === undefined) return false;
  const standIn = codec.serialize(value);
  const start = openExtension(buffer, EXTENSION_CLASS);
  writeNumber(buffer, index);
  try {
    writeValue(buffer, standIn, depth + 1);
  } catch (error) {
    throw locate(error, `<serialized as "${codec.name}">`, value);
  }
  closeExtension(buffer, start);
  return true;
}

function className(prototype: unknown): string {
  const constructor: unknown = Object(prototype).constructor;
  return typeof constructor === "function" && constructor.name !== "" ? constructor.name : "?";
}

function writeArray(buffer: ByteBuffer, array: readonly unknown[], depth: number): void {
  const count = array.length;
  writeArrayHeader(buffer, count);
  let index = 0;
  try {
    for (; index < count; index++) writeValue(buffer, array[index], depth + 1);
  } catch (error) {
    throw locate(error, `[${index}]`, array);
  }
}

function writePlainObject(buffer: ByteBuffer, object: object, depth: number): void {
  const keys = Object.keys(object);
  writeObjectHeader(buffer, keys.length);
  // Only keys that it has are read from it.
  const properties = object as Readonly<Record<string, unknown>>;
  for (const key of keys) {
    try {
      writeString(buffer, key);
      writeValue(buffer, properties[key], depth + 1);
    } catch (error) {
      throw locate(error, propertyStep(key), object);
    }
  }
}

function writeMap(buffer: ByteBuffer, map: ReadonlyMap<unknown, unknown>, depth: number): void {
  const start = openExtension(buffer, EXTENSION_MAP);
  let entry = 0;
  let part = "key";
  try {
    for (const [key, value] of map) {
      part = "key";
      writeValue(buffer, key, depth + 1);
      part = "value";
      writeValue(buffer, value, depth + 1);
      entry++;
    }
  } catch (error) {
    throw locate(error, `<${part} ${entry}>`, map);
  }
  closeExtension(buffer, start);
}

function writeSet(buffer: ByteBuffer, set: ReadonlySet<unknown>, depth: number): void {
  const start = openExtension(buffer, EXTENSION_SET);
  let entry = 0;
  try {
    for (const value of set) {
      writeValue(buffer, value, depth + 1);
      entry++;
    }
  } catch (error) {
    throw locate(error, `<entry ${entry}>`, set);
  }
  closeExtension(buffer, start);
}

/** Appends the header of an extension whose length is not known yet; returns where its payload starts. */
function openExtension(buffer: ByteBuffer, type: number): number {
  write32(buffer, TAG.extension32, 0);
  writeByte(buffer, type);
  return buffer.length;
}

function closeExtension(buffer: ByteBuffer, start: number): void {
  const end = buffer.length;
  buffer.length = start - EXTENSION32_HEADER_BYTES;
  write32(buffer, TAG.extension32, end - start);
  buffer.length = end;
}
