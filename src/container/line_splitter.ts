/**
 * Cuts a stream of bytes into lines, however it comes in chunks. A line that is too long is
 * cut in pieces, between two characters. What is no UTF-8 becomes U+FFFD.
 */

const NEWLINE = 0x0a;

/** Longest line, in bytes. */
export const LINE_BYTES_MAX = 64 * 1024;

/** Cuts one stream. */
export class LineSplitter {
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  // Begins with the line that has not ended yet; shorter than a whole line.
  #rest: Uint8Array = new Uint8Array(0);

  /** Takes the next bytes; returns the lines that ended, without their ends. */
  take(chunk: Uint8Array): string[] {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const lines: string[] = [];
    let start = 0;
    for (;;) {
      const newline = bytes.indexOf(NEWLINE, start);
      const end = newline < 0 ? bytes.length : newline;
      while (end - start > LINE_BYTES_MAX) {
        const cut = cutBefore(bytes, start + LINE_BYTES_MAX);
        lines.push(this.#decode(bytes, start, cut));
        start = cut;
      }
      if (newline < 0) break;
      lines.push(this.#decode(bytes, start, end));
      start = end + 1;
    }
    // A copy: a view would keep the whole chunk in memory.
    this.#rest = bytes.slice(start);
    return lines;
  }

  /** The stream has ended: returns the last line if it has no end of its own. */
  end(): string[] {
    const rest = this.#rest;
    this.#rest = new Uint8Array(0);
    return rest.length === 0 ? [] : [this.#decode(rest, 0, rest.length)];
  }

  #decode(bytes: Uint8Array, start: number, end: number): string {
    return this.#decoder.decode(bytes.subarray(start, end));
  }
}

/** The last place up to `limit` where a character begins. */
function cutBefore(bytes: Uint8Array, limit: number): number {
  for (let at = limit; at > limit - 4; at--) {
    if (((bytes[at] ?? 0) & 0xc0) !== 0x80) return at;
  }
  // No UTF-8: it is as good here as anywhere.
  return limit;
}
