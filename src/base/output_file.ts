/**
 * What user code printed, in a file: far more than a screen or memory keeps. Two files of
 * 256 MiB at most, so that a disk is not filled; of more the oldest is lost. Needs node:fs, so the door of
 * base does not name it.
 */

import { type FileHandle, open, rename } from "node:fs/promises";
import { HeronError } from "./errors.ts";

const FILE_MODE = 0o600;
const BYTES_MAX = 256 * 1024 * 1024;

/** One file; a full one is renamed to `<path>.1` and what was there before is gone. */
export class OutputFile {
  readonly path: string;
  readonly #bytesMax: number;
  #handle: FileHandle | undefined;
  #bytes = 0;
  #hasLost = false;
  #hasOlder = false;

  /** No file is made before the first line. */
  constructor(path: string, bytesMax = BYTES_MAX) {
    this.path = path;
    this.#bytesMax = bytesMax;
  }

  /** Whether the oldest lines are no longer there. */
  get hasLost(): boolean {
    return this.#hasLost;
  }

  /**
   * Appends text; calls come one at a time.
   * @throws HeronError of the system error when it cannot be written
   */
  async append(text: string): Promise<void> {
    try {
      const handle = this.#handle ??= await this.#open();
      await handle.appendFile(text);
      this.#bytes += Buffer.byteLength(text);
      if (this.#bytes >= this.#bytesMax) await this.#turn(handle);
    } catch (thrown) {
      throw HeronError.from(thrown, `Keep what user code printed in "${this.path}"`);
    }
  }

  /** Closes the file. */
  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
  }

  async #open(): Promise<FileHandle> {
    const handle = await open(this.path, "a", FILE_MODE);
    // Of an earlier life.
    this.#bytes = (await handle.stat()).size;
    return handle;
  }

  async #turn(handle: FileHandle): Promise<void> {
    await handle.close();
    this.#handle = undefined;
    this.#bytes = 0;
    this.#hasLost ||= this.#hasOlder;
    this.#hasOlder = true;
    await rename(this.path, `${this.path}.1`);
  }
}
