/** Follows the traces of a task while they are written: what was handled since it was looked at last. */

import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { livesOf } from "../support/durable_files.ts";
import { TRACE_BYTES, type TraceEntry, traceEntry, tracePrefix } from "../support/durable_trace.ts";

/** A task of the durable topology. */
export interface TracedTask {
  readonly component: string;
  readonly index: number;
}

/** What was handled, and in which life. */
export interface HandledTuple extends TraceEntry {
  /** How many lives of the task had handled tuples before this one. */
  readonly life: number;
}

/** A watch on one task, from now on. */
export class TraceWatch {
  readonly #prefix: string;
  readonly #readBytes = new Map<number, number>();
  /** How many lives have handled tuples so far. */
  readonly livesBefore: number;

  constructor(folder: string, { component, index }: TracedTask) {
    this.#prefix = tracePrefix(folder, component, index);
    const lives = livesOf(this.#prefix);
    this.livesBefore = lives.length;
    for (const { path, life } of lives) this.#readBytes.set(life, sizeOf(path));
  }

  /** What was handled since the last call. */
  read(): HandledTuple[] {
    return livesOf(this.#prefix).flatMap(({ path, life }) => {
      const from = this.#readBytes.get(life) ?? 0;
      const entries = readEntries(path, from).map((entry) => ({ ...entry, life }));
      this.#readBytes.set(life, from + entries.length * TRACE_BYTES);
      return entries;
    });
  }
}

function sizeOf(path: string): number {
  return withFile(path, (descriptor) => {
    const { size } = fstatSync(descriptor);
    return size - size % TRACE_BYTES;
  });
}

function readEntries(path: string, from: number): TraceEntry[] {
  return withFile(path, (descriptor) => {
    const bytes = Buffer.alloc(Math.max(0, fstatSync(descriptor).size - from));
    const length = readSync(descriptor, bytes, { position: from, length: bytes.length });
    const count = Math.floor(length / TRACE_BYTES);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    return Array.from({ length: count }, (_, index) => traceEntry(view, index * TRACE_BYTES));
  });
}

function withFile<T>(path: string, use: (descriptor: number) => T): T {
  const descriptor = openSync(path, "r");
  try {
    return use(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
