/**
 * Reads values that `writeValue` wrote. What comes from the network is trusted
 * in nothing: lengths are checked against the end before they are used, and a
 * fault is a HeronError "corrupt".
 */

import { HeronError } from "../base/mod.ts";
import type { ClassCodecs } from "./class_codecs.ts";
import { decodeString, KeyCache } from "./strings_read.ts";
import { readBigint, readDate } from "./values_extension.ts";
import {
  DEPTH_MAX,
  EXTENSION_BIGINT,
  EXTENSION_CLASS,
  EXTENSION_DATE,
  EXTENSION_MAP,
  EXTENSION_SET,
  TAG,
} from "./values_format.ts";

/** 64 bits seen two ways (little-endian, as every host of Bun is): filled and read at once. */
const float64Slot = new Float64Array(1);
const byteSlot = new Uint8Array(float64Slot.buffer);

/** A position in bytes; `readValue` moves it. Kept for long it knows the keys of the stream. */
export class ValueReader {
  /** What is read from. */
  bytes: Uint8Array;
  /** Where the next value starts. */
  at: number;
  /** Nothing is read from here on. */
  end: number;
  /** The user's own classes that may be read; absent: none. */
  classes: ClassCodecs | undefined;
  #keys: KeyCache | undefined;

  constructor(bytes: Uint8Array, at = 0, end: number = bytes.length) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  /** The keys of objects seen so far. */
  get keys(): KeyCache {
    return (this.#keys ??= new KeyCache());
  }
}

/**
 * Reads the value at the reader's position and moves behind it. Nothing of it shares memory with
 * the bytes read.
 * @throws HeronError "corrupt"
 */
export function readValue(reader: ValueReader): unknown {
  return readNested(reader, 0);
}

/**
 * The position behind the value at `at`, found without decoding it: what is inside strings and
 * extensions is not checked.
 * @throws HeronError "corrupt"
 */
export function skipValue(bytes: Uint8Array, at: number, end: number = bytes.length): number {
  const reader = new ValueReader(bytes, at, end);
  let pending = 1;
  while (pending > 0) {
    pending--;
    const tag = bytes[take(reader, 1)]!;
    if (tag < 0x80 || tag >= 0xe0) continue;
    if (tag < TAG.fixArray) pending += 2 * (tag & 0x0f);
    else if (tag < TAG.fixString) pending += tag & 0x0f;
    else if (tag < TAG.nil) take(reader, tag & 0x1f);
    else pending += skipWide(reader, tag);
  }
  return reader.at;
}

/** Skips what follows a tag from 0xc0 to 0xdf; returns how many values still follow. */
function skipWide(reader: ValueReader, tag: number): number {
  switch (tag) {
    case TAG.nil:
    case TAG.false:
    case TAG.true:
      return 0;
    case TAG.uint8:
    case TAG.int8:
      take(reader, 1);
      return 0;
    case TAG.uint16:
    case TAG.int16:
      take(reader, 2);
      return 0;
    case TAG.uint32:
    case TAG.int32:
      take(reader, 4);
      return 0;
    case TAG.uint64:
    case TAG.int64:
    case TAG.float64:
      take(reader, 8);
      return 0;
    case TAG.fixExtension8:
      take(reader, 9);
      return 0;
    case TAG.array16:
    case TAG.array16 + 1:
      return readUint(reader, 2 << (tag - TAG.array16));
    case TAG.map16:
    case TAG.map16 + 1:
      return 2 * readUint(reader, 2 << (tag - TAG.map16));
    case TAG.extension8:
    case TAG.extension8 + 1:
    case TAG.extension8 + 2:
      take(reader, 1 + readUint(reader, 1 << (tag - TAG.extension8)));
      return 0;
    case TAG.bytes8:
    case TAG.bytes8 + 1:
    case TAG.bytes8 + 2:
      take(reader, readUint(reader, 1 << (tag - TAG.bytes8)));
      return 0;
    case TAG.string8:
    case TAG.string8 + 1:
    case TAG.string8 + 2:
      take(reader, readUint(reader, 1 << (tag - TAG.string8)));
      return 0;
    default:
      throw unexpectedTag(reader, tag);
  }
}

function readNested(reader: ValueReader, depth: number): unknown {
  const tag = reader.bytes[take(reader, 1)]!;
  if (tag < 0x80) return tag;
  if (tag >= 0xe0) return tag - 0x100;
  if (tag < TAG.fixArray) return readObject(reader, tag & 0x0f, depth);
  if (tag < TAG.fixString) return readArray(reader, tag & 0x0f, depth);
  if (tag < TAG.nil) return readString(reader, tag & 0x1f);
  return readWide(reader, tag, depth);
}

/** What follows a tag from 0xc0 to 0xdf. */
function readWide(reader: ValueReader, tag: number, depth: number): unknown {
  switch (tag) {
    case TAG.nil:
      return null;
    case TAG.false:
      return false;
    case TAG.true:
      return true;
    case TAG.float64:
      return readFloat64(reader);
    case TAG.uint8:
      return readUint(reader, 1);
    case TAG.uint16:
      return readUint(reader, 2);
    case TAG.uint32:
      return readUint(reader, 4);
    case TAG.int8:
      return (readUint(reader, 1) << 24) >> 24;
    case TAG.int16:
      return (readUint(reader, 2) << 16) >> 16;
    case TAG.int32:
      return readUint(reader, 4) | 0;
    case TAG.uint64:
      return readInteger64(reader, readUint(reader, 4));
    case TAG.int64:
      return readInteger64(reader, readUint(reader, 4) | 0);
    case TAG.string8:
    case TAG.string8 + 1:
    case TAG.string8 + 2:
      return readString(reader, readUint(reader, 1 << (tag - TAG.string8)));
    case TAG.bytes8:
    case TAG.bytes8 + 1:
    case TAG.bytes8 + 2:
      return readBytes(reader, readUint(reader, 1 << (tag - TAG.bytes8)));
    case TAG.array16:
    case TAG.array16 + 1:
      return readArray(reader, readUint(reader, 2 << (tag - TAG.array16)), depth);
    case TAG.map16:
    case TAG.map16 + 1:
      return readObject(reader, readUint(reader, 2 << (tag - TAG.map16)), depth);
    case TAG.fixExtension8:
      return readExtension(reader, 8, depth);
    case TAG.extension8:
    case TAG.extension8 + 1:
    case TAG.extension8 + 2:
      return readExtension(reader, readUint(reader, 1 << (tag - TAG.extension8)), depth);
    default:
      throw unexpectedTag(reader, tag);
  }
}

/** Moves the reader over `count` bytes and returns where they start. */
function take(reader: ValueReader, count: number): number {
  const { at, end } = reader;
  if (count > end - at) {
    throw corrupt(at, `${Math.max(0, end - at)} more bytes`, `at least ${count}`);
  }
  reader.at = at + count;
  return at;
}

/** A big-endian unsigned integer of 1, 2 or 4 bytes. */
function readUint(reader: ValueReader, widthBytes: number): number {
  const start = take(reader, widthBytes);
  const { bytes } = reader;
  let value = bytes[start]!;
  for (let i = 1; i < widthBytes; i++) value = (value << 8) | bytes[start + i]!;
  return value >>> 0;
}

function readInteger64(reader: ValueReader, high: number): number {
  const value = high * 2 ** 32 + readUint(reader, 4);
  if (!Number.isSafeInteger(value)) {
    throw corrupt(reader.at - 8, `integer ${value}`, "a safe integer");
  }
  return value;
}

function readFloat64(reader: ValueReader): number {
  const start = take(reader, 8);
  const { bytes } = reader;
  for (let i = 0; i < 8; i++) byteSlot[7 - i] = bytes[start + i]!;
  return float64Slot[0]!;
}

function readString(reader: ValueReader, byteLength: number): string {
  const start = take(reader, byteLength);
  return decodeString(reader.bytes, start, start + byteLength);
}

function readBytes(reader: ValueReader, byteLength: number): Uint8Array {
  const start = take(reader, byteLength);
  // Not slice(): that of a Buffer is a view.
  return new Uint8Array(reader.bytes.subarray(start, reader.at));
}

function readArray(reader: ValueReader, count: number, depth: number): unknown[] {
  checkDepth(reader, depth);
  // Grown as it is read: a count from outside takes no memory.
  const array: unknown[] = [];
  for (let i = 0; i < count; i++) array.push(readNested(reader, depth + 1));
  return array;
}

function readObject(reader: ValueReader, count: number, depth: number): Record<string, unknown> {
  checkDepth(reader, depth);
  const object: Record<string, unknown> = {};
  for (let i = 0; i < count; i++) {
    const key = readKey(reader);
    const value = readNested(reader, depth + 1);
    if (key === "__proto__") {
      // Assigned, it would set the prototype.
      Object.defineProperty(object, key, {
        value,
        writable: true,
        enumerable: true,
        configurable: true,
      });
    } else {
      object[key] = value;
    }
  }
  return object;
}

function readKey(reader: ValueReader): string {
  const at = take(reader, 1);
  const tag = reader.bytes[at]!;
  if (tag >= TAG.fixString && tag < TAG.nil) {
    const start = take(reader, tag & 0x1f);
    return reader.keys.decode(reader.bytes, start, reader.at);
  }
  if (tag < TAG.string8 || tag > TAG.string8 + 2) throw corrupt(at, "no string", "a key");
  return readString(reader, readUint(reader, 1 << (tag - TAG.string8)));
}

function readExtension(reader: ValueReader, payloadBytes: number, depth: number): unknown {
  const type = (reader.bytes[take(reader, 1)]! << 24) >> 24;
  const start = take(reader, payloadBytes);
  const end = reader.at;
  switch (type) {
    case EXTENSION_DATE:
      return readDate(reader.bytes, start, payloadBytes);
    case EXTENSION_BIGINT:
      return readBigint(reader.bytes, start, payloadBytes);
    case EXTENSION_MAP:
      reader.at = start;
      return readMap(reader, end, depth);
    case EXTENSION_SET:
      reader.at = start;
      return readSet(reader, end, depth);
    case EXTENSION_CLASS:
      reader.at = start;
      return readInstance(reader, end, depth);
    default:
      throw corrupt(start - 1, `extension ${type}`, "one that heron-bin writes");
  }
}

function readMap(reader: ValueReader, end: number, depth: number): Map<unknown, unknown> {
  checkDepth(reader, depth);
  const map = new Map<unknown, unknown>();
  while (reader.at < end) {
    const key = readNested(reader, depth + 1);
    map.set(key, readNested(reader, depth + 1));
  }
  checkExtensionEnd(reader, end);
  return map;
}

function readSet(reader: ValueReader, end: number, depth: number): Set<unknown> {
  checkDepth(reader, depth);
  const set = new Set<unknown>();
  while (reader.at < end) set.add(readNested(reader, depth + 1));
  checkExtensionEnd(reader, end);
  return set;
}

function readInstance(reader: ValueReader, end: number, depth: number): unknown {
  checkDepth(reader, depth);
  const { bytes, at, end: readerEnd } = reader;
  const index = readNested(reader, depth + 1);
  const standIn = readNested(reader, depth + 1);
  checkExtensionEnd(reader, end);
  const codec = reader.classes?.at(index);
  if (codec === undefined) {
    throw corrupt(at, `an instance of class ${String(index)}`, "one with a serializer");
  }
  const value: unknown = codec.deserialize(standIn);
  // User code may have read another tuple by the same reader.
  reader.bytes = bytes;
  reader.at = end;
  reader.end = readerEnd;
  return value;
}

function checkDepth(reader: ValueReader, depth: number): void {
  if (depth >= DEPTH_MAX) {
    throw corrupt(reader.at, `${depth + 1} containers inside one another`, `at most ${DEPTH_MAX}`);
  }
}

function checkExtensionEnd(reader: ValueReader, end: number): void {
  if (reader.at !== end) throw corrupt(reader.at, "a value across its end", `the end at ${end}`);
}

function unexpectedTag(reader: ValueReader, tag: number): HeronError {
  return corrupt(reader.at - 1, `byte 0x${tag.toString(16)}`, "the start of a value");
}

function corrupt(at: number, found: string, expected: string): HeronError {
  return new HeronError("corrupt", `Read a value: "${found}" at ${at}, expected ${expected}`);
}
