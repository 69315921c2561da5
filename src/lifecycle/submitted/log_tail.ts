/**
 * Reads the end of a log file, and what is appended to it later, whole lines at a time. A file that was
 * renamed when it was full goes on as a new one: what the old one had left is read first.
 */

import { type FileHandle, open, stat } from "node:fs/promises";
import { HeronError } from "../../base/mod.ts";

const CHUNK_BYTES = 64 * 1024;
const NEWLINE = 0x0a;
/** A line without an end that is longer is given in pieces. */
const LINE_BYTES_MAX = 1024 * 1024;

/** The end of one file. */
export class LogTail {
  readonly #path: string;
  #handle: FileHandle | undefined;
  #at = 0;
  /** Bytes that no line end has come for. */
  #rest: Buffer = Buffer.alloc(0);

  /** Nothing is opened yet. */
  constructor(path: string) {
    this.#path = path;
  }

  /** The last `lines` lines; none when there is no such file. @throws HeronError when it cannot be read */
  async last(lines: number): Promise<readonly string[]> {
    return await this.#attempt(async () => {
      if (!await this.#open()) return [];
      this.#at = await this.#startOfLast(lines);
      return await this.#readOn();
    });
  }

  /** The lines that have come since. @throws HeronError when it cannot be read */
  async next(): Promise<readonly string[]> {
    return await this.#attempt(async () => {
      if (this.#handle === undefined) return await this.#open() ? await this.#readOn() : [];
      const found = await this.#readOn();
      if (!await this.#isReplaced()) return found;
      // Between the look and the rename it may have grown.
      const last = await this.#readOn();
      await this.close();
      const more = await this.#open() ? await this.#readOn() : [];
      return [...found, ...last, ...more];
    });
  }

  /** Closes the file. */
  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    this.#at = 0;
    this.#rest = Buffer.alloc(0);
    await handle?.close();
  }

  async #attempt<T>(run: () => Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (thrown) {
      await this.close();
      throw HeronError.from(thrown, `Read log "${this.#path}"`);
    }
  }

  async #open(): Promise<boolean> {
    try {
      this.#handle = await open(this.#path, "r");
      return true;
    } catch (thrown) {
      const error = HeronError.from(thrown);
      if (error.code === "not_found") return false;
      throw error;
    }
  }

  async #isReplaced(): Promise<boolean> {
    const [now, opened] = await Promise.all([
      stat(this.#path).catch(() => undefined),
      this.#handle?.stat(),
    ]);
    if (now === undefined || opened === undefined) return false;
    return now.ino !== opened.ino || now.size < this.#at;
  }

  async #startOfLast(lines: number): Promise<number> {
    const size = (await this.#handle?.stat())?.size ?? 0;
    let ends = 0;
    for (let end = size; end > 0;) {
      const start = Math.max(0, end - CHUNK_BYTES);
      const chunk = await this.#read(start, end - start);
      for (let at = chunk.length - 1; at >= 0; at--) {
        // The end of the very last line ends nothing before it.
        if (chunk[at] === NEWLINE && start + at < size - 1 && ++ends === lines) {
          return start + at + 1;
        }
      }
      end = start;
    }
    return lines === 0 ? size : 0;
  }

  async #readOn(): Promise<readonly string[]> {
    const lines: string[] = [];
    for (;;) {
      const chunk = await this.#read(this.#at, CHUNK_BYTES);
      if (chunk.length === 0) return lines;
      this.#at += chunk.length;
      lines.push(...this.#takeLines(chunk));
    }
  }

  #takeLines(chunk: Buffer): readonly string[] {
    const bytes = Buffer.concat([this.#rest, chunk]);
    const end = bytes.length > LINE_BYTES_MAX ? bytes.length : bytes.lastIndexOf(NEWLINE) + 1;
    this.#rest = Buffer.from(bytes.subarray(end));
    if (end === 0) return [];
    return bytes.subarray(0, end).toString("utf8").replace(/\n$/, "").split("\n");
  }

  async #read(at: number, length: number): Promise<Buffer> {
    const buffer = Buffer.alloc(length);
    const { bytesRead = 0 } = await this.#handle?.read(buffer, 0, length, at) ?? {};
    return buffer.subarray(0, bytesRead);
  }
}
