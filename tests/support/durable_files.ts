/**
 * The files behind the durable ends of tests: numbered files, one a life of a task, of records of
 * fixed size; and the position of a source, which is stored whole or not at all.
 */

import {
  closeSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";

const LIVES_MAX = 1_000_000;

/** A file that one life of a task appends to. */
export interface LifeFile {
  readonly path: string;
  /** How many lives wrote such a file before. */
  readonly life: number;
  readonly descriptor: number;
}

/** Opens the next of the files `PREFIX-0`, `PREFIX-1`, …: each life has one of its own. */
export function openLife(prefix: string): LifeFile {
  for (let life = 0; life < LIVES_MAX; life++) {
    const path = `${prefix}-${life}`;
    try {
      return { path, life, descriptor: openSync(path, "ax") };
    } catch (thrown) {
      if (codeOf(thrown) !== "EEXIST") throw thrown;
    }
  }
  throw new Error(`Open a file ${prefix}-N: there are ${LIVES_MAX} already`);
}

/** The files of all lives that began with `prefix` so far, first life first. */
export function livesOf(prefix: string): { readonly path: string; readonly life: number }[] {
  const folder = dirname(prefix);
  const names = readdirSync(folder);
  const found = names.flatMap((name) => {
    const path = join(folder, name);
    const [, life] =
      /^(?:-)(\d+)$/.exec(path.startsWith(prefix) ? path.slice(prefix.length) : "") ??
        [];
    return life === undefined ? [] : [{ path, life: Number(life) }];
  });
  return found.sort((a, b) => a.life - b.life);
}

/** The whole records in a file; a process that was killed may have left a part of one at its end. */
export function readRecords(path: string, recordBytes: number): DataView[] {
  const bytes = readFileSync(path);
  const count = Math.floor(bytes.length / recordBytes);
  return Array.from(
    { length: count },
    (_, index) => new DataView(bytes.buffer, bytes.byteOffset + index * recordBytes, recordBytes),
  );
}

/** Stores a position so that after any death the file holds it or the one before, whole. */
export function storePosition(path: string, position: number): void {
  const temporary = `${path}.tmp`;
  const descriptor = openSync(temporary, "w");
  try {
    writeSync(descriptor, `${position}\n`);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(temporary, path);
  const folder = openSync(dirname(path), "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** The stored position; 0 when none was ever stored. */
export function readPosition(path: string): number {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (thrown) {
    if (codeOf(thrown) === "ENOENT") return 0;
    throw thrown;
  }
  if (!/^\d+\n$/.test(text)) throw new Error(`Read position "${path}": found "${text}"`);
  return Number(text);
}

/** The code of a system error. */
export function codeOf(thrown: unknown): string | undefined {
  const code = thrown instanceof Error && "code" in thrown ? thrown.code : undefined;
  return typeof code === "string" ? code : undefined;
}
