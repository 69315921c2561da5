/** What a large tuple carries, from its number: the same for who emits it and who checks it. */

import { createHash } from "node:crypto";

/** A text and bytes. */
export interface LargeContent {
  readonly text: string;
  readonly bytes: Uint8Array;
}

/** The content of tuple `number`: about `size` bytes, half of them text; each a little longer than the one before. */
export function largeContent(number: number, size: number): LargeContent {
  const bytes = new Uint8Array(Math.floor(size / 2) + number);
  let state = number + 1;
  for (let at = 0; at < bytes.length; at++) {
    state = Math.imul(state, 0x19660d) + 0x3c6ef35f | 0;
    bytes[at] = state >>> 24;
  }
  const hex = Buffer.from(bytes.subarray(0, bytes.length / 2)).toString("hex");
  return { text: `é${hex}`, bytes };
}

/** A hash of all of it. */
export function contentHash({ text, bytes }: LargeContent): string {
  return createHash("sha256").update(text).update("|").update(bytes).digest("hex");
}
