/**
 * A task's frames straight from its gateway, in one thread: they come between
 * calls of user code, and the task core takes them at once.
 */

import type { RecordWriter } from "../bridge.ts";
import type { Executor } from "./executor.ts";

/** Hands frames to an executor. */
export class DirectIntake implements RecordWriter {
  #executor: Executor | undefined;

  /** The executor takes frames from now on; what came before is to be put again. */
  open(executor: Executor): void {
    this.#executor = executor;
  }

  put(bytes: Uint8Array, start: number, end: number): boolean {
    this.#executor?.takeFrame(bytes, start, end);
    return this.#executor !== undefined;
  }
}
