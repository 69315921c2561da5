/**
 * A bolt that appends what comes to a file and acks it only when the file is synced: many
 * tuples a sync, as they come while the sync before is under way.
 */

import { fdatasync, writeSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { ConfigMap, IBolt, OutputCollector, TopologyContext, Tuple } from "heron-bin";
import { type LifeFile, livesOf, openLife, readRecords } from "./durable_files.ts";
import { Trace } from "./durable_trace.ts";
import { type Piece, pieceOf } from "./durable_tuple.ts";

const RECORD_BYTES = 40;

/** A record of the sink: a piece that came, and when. */
export interface SinkRecord extends Omit<Piece, "sentMs"> {
  readonly atMs: number;
}

interface Prepared {
  readonly collector: OutputCollector;
  readonly file: LifeFile;
  readonly trace: Trace;
}

const syncData: (descriptor: number) => Promise<void> = promisify(fdatasync);

/** The sink; each life of each task writes its own file. */
export class FileSink implements IBolt {
  readonly #folder: string;
  #prepared: Prepared | undefined;
  /** Came since the last commit began. */
  #waiting: Tuple[] = [];
  #committing: Promise<void> | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  prepare(_: ConfigMap, context: TopologyContext, collector: OutputCollector): void {
    const index = context.getThisTaskIndex();
    const trace = new Trace(this.#folder, context.getThisComponentId(), index);
    this.#prepared = { collector, trace, file: openLife(prefixOf(this.#folder, index)) };
  }

  execute(tuple: Tuple): void {
    this.#parts.trace.note(pieceOf(tuple).sentMs);
    this.#waiting.push(tuple);
    this.#committing ??= this.#commit();
  }

  async flush(): Promise<void> {
    await this.#committing;
  }

  async finish(): Promise<void> {
    await this.#committing;
  }

  async #commit(): Promise<void> {
    // What else comes in this turn goes into the same sync.
    await Promise.resolve();
    const { collector, file } = this.#parts;
    while (this.#waiting.length > 0) {
      const tuples = this.#waiting;
      this.#waiting = [];
      writeSync(file.descriptor, encode(tuples.map(pieceOf)));
      await syncData(file.descriptor);
      for (const tuple of tuples) collector.ack(tuple);
    }
    this.#committing = undefined;
  }

  get #parts(): Prepared {
    if (this.#prepared === undefined) throw new Error("Use the sink: it was not prepared");
    return this.#prepared;
  }
}

/** What the sink's task with that index has, of all its lives. */
export function readSink(folder: string, index: number): SinkRecord[] {
  return livesOf(prefixOf(folder, index)).flatMap(({ path }) =>
    readRecords(path, RECORD_BYTES).map(decode)
  );
}

function prefixOf(folder: string, index: number): string {
  return join(folder, `sink-${index}`);
}

function encode(pieces: readonly Piece[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(pieces.length * RECORD_BYTES));
  const atMs = Date.now();
  pieces.forEach((piece, index) => {
    const at = index * RECORD_BYTES;
    view.setFloat64(at, piece.offset);
    view.setUint32(at + 8, piece.key);
    view.setUint32(at + 12, piece.source);
    view.setUint32(at + 16, piece.life);
    view.setUint32(at + 20, piece.sequence);
    view.setUint16(at + 24, piece.child);
    view.setUint16(at + 26, piece.children);
    view.setFloat64(at + 32, atMs);
  });
  return new Uint8Array(view.buffer);
}

function decode(view: DataView): SinkRecord {
  return {
    offset: view.getFloat64(0),
    key: view.getUint32(8),
    source: view.getUint32(12),
    life: view.getUint32(16),
    sequence: view.getUint32(20),
    child: view.getUint16(24),
    children: view.getUint16(26),
    atMs: view.getFloat64(32),
  };
}
