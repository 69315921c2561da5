/**
 * `topology.debug`: the emits of a task as lines for its log, handed on once a
 * turn. Of more than it can write in a second the rest is counted.
 */

import { valuesText } from "../../api/mod.ts";
import type { PostedEmit } from "../bridge.ts";
import type { Emission } from "./emission.ts";

const WINDOW_MS = 1000;
/** Lines in a second. */
const LINES_MAX = 10_000;

/** The emits of one task that are to be logged. */
export class EmitLog {
  readonly #write: (emits: readonly PostedEmit[], leftOut: number) => void;
  #waiting: PostedEmit[] = [];
  #lines = 0;
  #leftOut = 0;
  #endMs: number | undefined;

  /** Hands lines to `write`. */
  constructor(write: (emits: readonly PostedEmit[], leftOut: number) => void) {
    this.#write = write;
  }

  /** A tuple was emitted. */
  take({ stream, values, tasks }: Emission): void {
    if (this.#lines >= LINES_MAX) {
      this.#leftOut++;
      return;
    }
    this.#lines++;
    this.#waiting.push({ stream, values: textOf(values), tasks: [...tasks] });
  }

  /** Hands on what waits; returns when to come again. */
  tend(nowMs: number): number | undefined {
    if (this.#lines === 0) return undefined;
    this.#endMs ??= nowMs + WINDOW_MS;
    if (nowMs >= this.#endMs) this.end();
    else if (this.#waiting.length > 0) this.#hand(0);
    return this.#endMs;
  }

  /** Hands on the rest. */
  end(): void {
    if (this.#waiting.length > 0 || this.#leftOut > 0) this.#hand(this.#leftOut);
    this.#leftOut = 0;
    this.#lines = 0;
    this.#endMs = undefined;
  }

  #hand(leftOut: number): void {
    this.#write(this.#waiting, leftOut);
    this.#waiting = [];
  }
}

/** Values that have been emitted may still have no text: an instance of a class may hold itself. */
function textOf(values: readonly unknown[]): string {
  try {
    return valuesText(values);
  } catch {
    // The tuple has left: its log is no reason to fail.
    return "values without a text";
  }
}
