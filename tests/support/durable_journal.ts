/**
 * What a durable spout did, as it happened: a file a life, an entry a start, emit, ack and fail.
 * It is written before the deed, so no tuple is under way that it does not know.
 */

import { writeSync } from "node:fs";
import { join } from "node:path";
import { type LifeFile, livesOf, openLife, readRecords } from "./durable_files.ts";

const ENTRY_BYTES = 24;

/** The kinds of entries, by the number that stands in the file. */
const KINDS = ["start", "emit", "ack", "failed", "timeout", "lost"] as const;

/** What happened. */
export type JournalKind = (typeof KINDS)[number];

/** One entry. */
export interface JournalEntry {
  readonly kind: JournalKind;
  /** Of an emit: which of this life it is. */
  readonly sequence: number;
  /** Of a start: the stored position. */
  readonly offset: number;
  readonly atMs: number;
}

/** One life of a spout, in order. */
export interface JournalLife {
  readonly life: number;
  readonly entries: readonly JournalEntry[];
}

/** Writes the journal of one life. */
export class Journal {
  readonly #file: LifeFile;
  readonly #entry = new DataView(new ArrayBuffer(ENTRY_BYTES));
  #sequence = 0;

  /** A new life of the spout with that index. */
  constructor(folder: string, index: number) {
    this.#file = openLife(prefixOf(folder, index));
  }

  /** The number of this life. */
  get life(): number {
    return this.#file.life;
  }

  /** Writes an entry; gives the number of the emit that it belongs to. */
  write(kind: JournalKind, offset: number): number {
    if (kind === "emit") this.#sequence++;
    this.#entry.setUint32(0, KINDS.indexOf(kind));
    this.#entry.setUint32(4, this.#sequence);
    this.#entry.setFloat64(8, offset);
    this.#entry.setFloat64(16, Date.now());
    writeSync(this.#file.descriptor, this.#entry);
    return this.#sequence;
  }
}

/** The journals of all lives of the spout with that index. */
export function readJournals(folder: string, index: number): JournalLife[] {
  return livesOf(prefixOf(folder, index)).map(({ path, life }) => ({
    life,
    entries: readRecords(path, ENTRY_BYTES).map(decode),
  }));
}

function prefixOf(folder: string, index: number): string {
  return join(folder, `journal-${index}`);
}

function decode(view: DataView): JournalEntry {
  const kind = KINDS[view.getUint32(0)];
  if (kind === undefined) throw new Error(`Read a journal: found kind ${view.getUint32(0)}`);
  return {
    kind,
    sequence: view.getUint32(4),
    offset: view.getFloat64(8),
    atMs: view.getFloat64(16),
  };
}
