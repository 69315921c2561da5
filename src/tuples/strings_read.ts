/**
 * Strings from UTF-8: a fast way for short ASCII, and a cache for the keys of
 * objects, of which a stream has few that come again and again.
 */

import { HeronError } from "../base/mod.ts";

/** Up to here (bytes) a string is tried as ASCII first; a longer one is decoded as UTF-8 at once. */
const ASCII_BYTES_MAX = 128;
/** Keys kept, a power of two; a key whose slot is taken replaces the older one. */
const KEY_SLOTS = 256;
/** Longer keys (bytes) are not kept. */
const KEY_BYTES_MAX = 31;

// A byte order mark is part of the string.
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The string of the bytes from `start` to `end`, one unit a byte. */
type Latin1Slice = (this: Uint8Array, start: number, end: number) => string;
// Typed by hand: Bun's types leave this method of Node's Buffer out. It works on any Uint8Array.
const latin1Slice = (Buffer.prototype as unknown as { latin1Slice: Latin1Slice }).latin1Slice;

/**
 * The string of the bytes from `start` to `end`.
 * @throws HeronError "corrupt" when they are not UTF-8
 */
export function decodeString(bytes: Uint8Array, start: number, end: number): string {
  if (end - start <= ASCII_BYTES_MAX) {
    let seen = 0;
    for (let i = start; i < end; i++) seen |= bytes[i]!;
    if (seen < 0x80) return latin1Slice.call(bytes, start, end);
  }
  try {
    return utf8.decode(bytes.subarray(start, end));
  } catch (cause) {
    const message = `Read a value: a string of "${end - start}" B at ${start}, expected UTF-8`;
    throw new HeronError("corrupt", message, { cause });
  }
}

/** Decodes keys and gives the same string for the same key: engines are several times faster then. */
export class KeyCache {
  readonly #keys: (string | undefined)[] = new Array(KEY_SLOTS).fill(undefined);

  /**
   * The key of the bytes from `start` to `end`.
   * @throws HeronError "corrupt" when they are not UTF-8
   */
  decode(bytes: Uint8Array, start: number, end: number): string {
    const length = end - start;
    if (length > KEY_BYTES_MAX) return decodeString(bytes, start, end);
    let mixed = length;
    for (let i = start; i < end; i++) mixed = Math.imul(mixed ^ bytes[i]!, 0x01000193);
    const slot = (mixed ^ (mixed >>> 15)) & (KEY_SLOTS - 1);
    const kept = this.#keys[slot];
    if (kept !== undefined && kept.length === length && isAt(bytes, start, kept)) return kept;
    const key = decodeString(bytes, start, end);
    // As many units as bytes: it is ASCII, and units can be compared with bytes.
    if (key.length === length) this.#keys[slot] = key;
    return key;
  }
}

function isAt(bytes: Uint8Array, start: number, ascii: string): boolean {
  for (let i = 0; i < ascii.length; i++) {
    if (ascii.charCodeAt(i) !== bytes[start + i]) return false;
  }
  return true;
}
