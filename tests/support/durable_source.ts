/**
 * A generated file of records, read by their number, the offset. It may grow while it is read;
 * once the folder says so it is complete.
 */

import {
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  readSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { seededRandom } from "../../src/base/mod.ts";

/** `kkkkkkkk c\n`: the key and the number of children as text, so that people can read it. */
const RECORD_BYTES = 11;
const CHUNK_RECORDS = 1024;
const CHILDREN_MAX = 4;

/** One record: a splitter makes `children` tuples of it. */
export interface SourceRecord {
  readonly offset: number;
  readonly key: number;
  /** 1 to 4. */
  readonly children: number;
}

/** The file of the source with that index in `folder`. */
export function sourceFile(folder: string, index: number): string {
  return join(folder, `source-${index}`);
}

/** Says that no source in `folder` grows any more. */
export function completeSources(folder: string): void {
  writeFileSync(join(folder, "complete"), "");
}

/** Appends records of random keys; the same seed gives the same file. */
export class SourceWriter implements Disposable {
  readonly #descriptor: number;
  readonly #random;
  #count = 0;

  /** A new source in `folder`. */
  constructor(folder: string, index: number, seed: number) {
    this.#descriptor = openSync(sourceFile(folder, index), "ax");
    this.#random = seededRandom(seed * 31 + index);
  }

  /** Records so far. */
  get count(): number {
    return this.#count;
  }

  /** Appends `count` records. */
  append(count: number): void {
    let text = "";
    for (let index = 0; index < count; index++) {
      const key = this.#random.uint32().toString(16).padStart(8, "0");
      text += `${key} ${1 + this.#random.below(CHILDREN_MAX)}\n`;
    }
    writeSync(this.#descriptor, text);
    this.#count += count;
  }

  [Symbol.dispose](): void {
    closeSync(this.#descriptor);
  }
}

/** Reads a source in order, from any offset. */
export class SourceReader implements Disposable {
  readonly #folder: string;
  readonly #descriptor: number;
  readonly #chunk = Buffer.alloc(CHUNK_RECORDS * RECORD_BYTES);
  #chunkStart = 0;
  #chunkRecords = 0;

  constructor(folder: string, index: number) {
    this.#folder = folder;
    this.#descriptor = openSync(sourceFile(folder, index), "r");
  }

  /** The record at `offset`; undefined when it is not there yet. */
  at(offset: number): SourceRecord | undefined {
    const inChunk = offset >= this.#chunkStart && offset < this.#chunkStart + this.#chunkRecords;
    if (!inChunk) this.#load(offset);
    const at = offset - this.#chunkStart;
    if (at >= this.#chunkRecords) return undefined;
    const text = this.#chunk.toString("latin1", at * RECORD_BYTES, (at + 1) * RECORD_BYTES);
    return parse(text, offset);
  }

  /** Whether there will never be a record at `offset`. */
  isEnd(offset: number): boolean {
    // First the word, then the file: what was appended before the word was given is seen.
    if (!existsSync(join(this.#folder, "complete"))) return false;
    this.#chunkRecords = 0;
    return this.at(offset) === undefined;
  }

  #load(offset: number): void {
    const bytes = readSync(this.#descriptor, this.#chunk, {
      position: offset * RECORD_BYTES,
      length: this.#chunk.length,
    });
    this.#chunkStart = offset;
    this.#chunkRecords = Math.floor(bytes / RECORD_BYTES);
  }

  [Symbol.dispose](): void {
    closeSync(this.#descriptor);
  }
}

/** All records of a source so far. */
export function readSource(folder: string, index: number): SourceRecord[] {
  const lines = readFileSync(sourceFile(folder, index), "latin1").split("\n");
  return lines.slice(0, -1).map((line, offset) => parse(`${line}\n`, offset));
}

function parse(text: string, offset: number): SourceRecord {
  const match = /^([0-9a-f]{8}) ([1-9])\n$/.exec(text);
  if (match === null) throw new Error(`Read record ${offset}: found "${text}"`);
  return { offset, key: parseInt(match[1] ?? "", 16), children: Number(match[2]) };
}
