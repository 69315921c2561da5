/**
 * Runs one sink: its queue, its filter, its flushes, and what it counts. A call
 * of the sink never overlaps another; a failure costs the records of that call,
 * is logged once until a call succeeds again, and stops nothing.
 */

import { type Clock, HeronError, type Logger, type Timer } from "../base/mod.ts";
import type { NamedValue } from "../metrics/mod.ts";
import { filterRecord, type MetricRecord } from "./metric_record.ts";
import { RecordQueue } from "./record_queue.ts";
import type { Sink } from "./sinks/sink.ts";

/** What a runner is made of. */
export interface SinkRunnerOptions {
  /** The sink's name in logs and in its own metrics. */
  readonly id: string;
  readonly sink: Sink;
  /** Beginnings of the names that pass. @default all pass */
  readonly prefixes?: readonly string[];
  /** Time between two flushes, in milliseconds. */
  readonly flushMs: number;
  /** How long a record may wait for others, in milliseconds: all go in one call. @default 0, one turn */
  readonly gatherMs?: number;
  /** About how many bytes of records may wait; beyond that the oldest go. */
  readonly queueBytesMax: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A running sink. */
export class SinkRunner {
  readonly #options: SinkRunnerOptions;
  readonly #queue: RecordQueue;
  readonly #timer: Timer;
  /** Ends the wait for other records; undefined while none waits. */
  #gathering: Timer | undefined;
  readonly #counts = { records: 0, metrics: 0, exceptions: 0, flushes: 0, lost: 0 };
  #droppedTold = 0;
  #isFailing = false;
  #isFlushDue = false;
  #running: Promise<void> | undefined;
  #closed: Promise<void> | undefined;

  /** A runner whose flushes begin to count now. */
  constructor(options: SinkRunnerOptions) {
    this.#options = options;
    this.#queue = new RecordQueue(options.queueBytesMax);
    this.#timer = options.clock.every(options.flushMs, () => this.flush());
  }

  /** Takes a record for the sink. */
  offer(record: MetricRecord): void {
    if (this.#closed !== undefined) return;
    const { prefixes, gatherMs = 0, queueBytesMax, clock } = this.#options;
    const passed = prefixes === undefined ? record : filterRecord(record, prefixes);
    if (passed.metrics.length === 0 && passed.exceptions.length === 0) return;
    this.#queue.offer(passed);
    if (gatherMs === 0 || this.#queue.bytes > queueBytesMax / 2) this.#wake();
    else this.#gathering ??= clock.after(gatherMs, () => this.#wake());
  }

  /** Has the sink flush behind what waits. */
  flush(): void {
    this.#tellDropped();
    this.#isFlushDue = true;
    this.#wake();
  }

  /** Writes what waits, flushes and closes the sink. Idempotent. */
  close(): Promise<void> {
    return this.#closed ??= this.#end();
  }

  /** What the runner counted since its start, by Heron's names, which grow. */
  totals(): readonly NamedValue[] {
    const { id } = this.#options;
    return [
      [`${id}/record-process-count`, this.#counts.records],
      [`${id}/metrics-count`, this.#counts.metrics],
      [`${id}/exceptions-count`, this.#counts.exceptions],
      [`${id}/flush-count`, this.#counts.flushes],
      [`${id}/dropped-count`, this.#queue.dropped + this.#counts.lost],
    ];
  }

  /** About how many bytes wait. */
  get queueBytes(): number {
    return this.#queue.bytes;
  }

  #wake(): void {
    this.#gathering?.cancel();
    this.#gathering = undefined;
    this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    // What comes in the same turn goes out in one write.
    await Promise.resolve();
    while (this.#queue.length > 0 || this.#isFlushDue) {
      if (this.#queue.length > 0) await this.#write(this.#queue.takeAll());
      else {
        this.#isFlushDue = false;
        await this.#attempt("sink flush failed", (sink) => sink.flush());
        this.#counts.flushes++;
      }
    }
    // In the same step as the last look at the queue, so that no record is overlooked.
    this.#running = undefined;
  }

  async #write(records: readonly MetricRecord[]): Promise<void> {
    const counts = this.#counts;
    const isWritten = await this.#attempt("sink write failed", (sink) => sink.write(records));
    if (!isWritten) {
      counts.lost += records.length;
      return;
    }
    counts.records += records.length;
    for (const { metrics, exceptions } of records) {
      counts.metrics += metrics.length;
      counts.exceptions += exceptions.length;
    }
  }

  async #attempt(event: string, call: (sink: Sink) => Promise<void>): Promise<boolean> {
    const { id, sink, logger } = this.#options;
    try {
      await call(sink);
      if (this.#isFailing) logger.info("sink works again", { sink: id });
      this.#isFailing = false;
      return true;
    } catch (thrown) {
      const error = HeronError.from(thrown);
      if (!this.#isFailing) logger.warn(event, { sink: id, error });
      this.#isFailing = true;
      return false;
    }
  }

  #tellDropped(): void {
    const dropped = this.#queue.dropped + this.#counts.lost;
    const records = dropped - this.#droppedTold;
    if (records > 0) {
      this.#options.logger.warn("records dropped", { sink: this.#options.id, records });
    }
    this.#droppedTold = dropped;
  }

  async #end(): Promise<void> {
    this.#timer.cancel();
    this.flush();
    await this.#running;
    await this.#attempt("sink close failed", (sink) => sink.close());
  }
}
