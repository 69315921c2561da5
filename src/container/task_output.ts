/**
 * What the tasks of a submitted topology print, each in a file of its own: nobody sits before it. A full
 * disk stops no task; the next line that fits tells how many are missing.
 */

import type { Logger } from "../base/mod.ts";
import { OutputFile } from "../base/output_file.ts";

/** Each task has two files of that size at most. */
const FILE_BYTES_MAX = 16 * 1024 * 1024;

/** What one task prints. */
export class TaskOutput {
  readonly #file: OutputFile;
  readonly #logger: Logger;
  #last: Promise<void> = Promise.resolve();
  #lost = 0;

  /** No file is made before the first line. */
  constructor(path: string, logger: Logger) {
    this.#file = new OutputFile(path, FILE_BYTES_MAX);
    this.#logger = logger;
  }

  /** Appends lines; resolves when they are written, or lost. */
  append(lines: readonly string[]): Promise<void> {
    this.#last = this.#last.then(() => this.#append(lines));
    return this.#last;
  }

  /** Closes the file when all is written. */
  async close(): Promise<void> {
    await this.#last;
    await this.#file.close();
  }

  async #append(lines: readonly string[]): Promise<void> {
    const note = this.#lost === 0 ? "" : `[heron-bin: ${this.#lost} lines could not be written]\n`;
    try {
      await this.#file.append(note + lines.map((line) => `${line}\n`).join(""));
      this.#lost = 0;
    } catch (error) {
      if (this.#lost === 0) this.#logger.warn("output of a task lost", { error });
      this.#lost += lines.length;
    }
  }
}
