/**
 * A spout over a file that forgets nothing: it stores the lowest offset that is not done yet,
 * begins there when it is started again, and emits again what failed.
 */

import { join } from "node:path";
import type {
  ConfigMap,
  FailReason,
  ISpout,
  OutputFieldsDeclarer,
  SpoutOutputCollector,
  TopologyContext,
} from "heron-bin";
import { readPosition, storePosition } from "./durable_files.ts";
import { Journal } from "./durable_journal.ts";
import { SourceReader } from "./durable_source.ts";
import { Trace } from "./durable_trace.ts";
import { PIECE_FIELDS, valuesOf } from "./durable_tuple.ts";

/** How old a stored position may be while tuples are acked, in milliseconds. */
const STORE_MS = 100;

interface Opened {
  readonly index: number;
  readonly collector: SpoutOutputCollector;
  readonly source: SourceReader;
  readonly journal: Journal;
  readonly trace: Trace;
}

/** The file in which the spout with that index stores its position. */
export function positionFile(folder: string, index: number): string {
  return join(folder, `position-${index}`);
}

/** The spout; each task reads the source of its index. */
export class FileSpout implements ISpout {
  readonly #folder: string;
  #opened: Opened | undefined;
  /** The next offset that was not emitted in this life. */
  #next = 0;
  /** All offsets below it are done. */
  #lowest = 0;
  /** Done offsets above it. */
  readonly #done = new Set<number>();
  #stored = 0;
  #storedMs = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  open(_: ConfigMap, context: TopologyContext, collector: SpoutOutputCollector): void {
    const [folder, index] = [this.#folder, context.getThisTaskIndex()];
    const source = new SourceReader(folder, index);
    const journal = new Journal(folder, index);
    const trace = new Trace(folder, context.getThisComponentId(), index);
    this.#opened = { index, collector, source, journal, trace };
    this.#stored = readPosition(positionFile(folder, index));
    this.#lowest = this.#stored;
    this.#next = this.#stored;
    journal.write("start", this.#stored);
  }

  nextTuple(): void {
    const { collector, source } = this.#parts;
    if (Date.now() - this.#storedMs >= STORE_MS) this.#store();
    if (this.#emit(this.#next)) this.#next++;
    else if (source.isEnd(this.#next)) collector.end();
  }

  ack(messageId: unknown): void {
    const { journal } = this.#parts;
    const offset = Number(messageId);
    journal.write("ack", offset);
    this.#done.add(offset);
    while (this.#done.delete(this.#lowest)) this.#lowest++;
    // After the end there is no further call that would.
    if (this.#lowest === this.#next || Date.now() - this.#storedMs >= STORE_MS) this.#store();
  }

  fail(messageId: unknown, reason: FailReason): void {
    const offset = Number(messageId);
    this.#parts.journal.write(reason, offset);
    this.#emit(offset);
  }

  close(): void {
    this.#store();
  }

  declareOutputFields(declarer: OutputFieldsDeclarer): void {
    declarer.declare([...PIECE_FIELDS]);
  }

  #emit(offset: number): boolean {
    const { collector, index, journal, source, trace } = this.#parts;
    const record = source.at(offset);
    if (record === undefined) return false;
    const sequence = journal.write("emit", offset);
    trace.note(Date.now());
    const { key, children } = record;
    const piece = { source: index, offset, life: journal.life, sequence, child: 0, children, key };
    collector.emit(valuesOf(piece), offset);
    return true;
  }

  #store(): void {
    this.#storedMs = Date.now();
    if (this.#stored === this.#lowest) return;
    this.#stored = this.#lowest;
    storePosition(positionFile(this.#folder, this.#parts.index), this.#stored);
  }

  get #parts(): Opened {
    if (this.#opened === undefined) throw new Error("Use the spout: it was not opened");
    return this.#opened;
  }
}
