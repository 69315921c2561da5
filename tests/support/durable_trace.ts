/**
 * When a task handled tuples and when these had been sent: a file a life, at most an entry each
 * few milliseconds. From it one sees how soon a killed process, or a way through one, works again.
 */

import { writeSync } from "node:fs";
import { join } from "node:path";
import { type LifeFile, livesOf, openLife, readRecords } from "./durable_files.ts";

/** Bytes of an entry. */
export const TRACE_BYTES = 16;
const STEP_MS = 2;

/** A tuple that was handled. */
export interface TraceEntry {
  readonly sentMs: number;
  readonly handledMs: number;
}

/** Writes the trace of one life of a task; the file begins with its first tuple. */
export class Trace {
  readonly #prefix: string;
  readonly #entry = new DataView(new ArrayBuffer(TRACE_BYTES));
  #file: LifeFile | undefined;
  #lastMs = 0;

  /** `index` is that of the task in its component. */
  constructor(folder: string, component: string, index: number) {
    this.#prefix = tracePrefix(folder, component, index);
  }

  /** A tuple is handled now. */
  note(sentMs: number): void {
    const handledMs = Date.now();
    if (handledMs - this.#lastMs < STEP_MS) return;
    this.#lastMs = handledMs;
    this.#file ??= openLife(this.#prefix);
    this.#entry.setFloat64(0, sentMs);
    this.#entry.setFloat64(8, handledMs);
    writeSync(this.#file.descriptor, this.#entry);
  }
}

/** The entries of all lives of a task; read when they are still written, the last may be missing. */
export function readTraces(folder: string, component: string, index: number): TraceEntry[][] {
  return livesOf(tracePrefix(folder, component, index)).map(({ path }) =>
    readRecords(path, TRACE_BYTES).map((view) => traceEntry(view, 0))
  );
}

/** The entry at `at`. */
export function traceEntry(view: DataView, at: number): TraceEntry {
  return { sentMs: view.getFloat64(at), handledMs: view.getFloat64(at + 8) };
}

/** How the names of a task's traces begin. */
export function tracePrefix(folder: string, component: string, index: number): string {
  return join(folder, `trace-${component}-${index}`);
}
