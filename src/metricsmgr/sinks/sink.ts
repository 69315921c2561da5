/**
 * What a metrics sink is. Each one has a queue of its own in front of it, so a
 * slow or broken sink costs its own records and nobody else's.
 */

import type { MetricRecord } from "../metric_record.ts";

/**
 * A place that metrics go to. Its calls come one at a time. One that fails loses
 * the records it was given; the next call starts afresh.
 */
export interface Sink {
  /** Takes records, in order. */
  write(records: readonly MetricRecord[]): Promise<void>;
  /** What was written is whole and can be read. */
  flush(): Promise<void>;
  /** Ends the sink; what was written and not flushed may be lost. Idempotent. */
  close(): Promise<void>;
}

/** Settings of the sink "file". */
export interface FileSinkSettings {
  readonly type: "file";
  /** The files are `<path>.<k>`. */
  readonly path: string;
  /** Heron's `file-maximum`: how many files there are before the first is written again. */
  readonly filesMax: number;
  /** A file that is longer than this many bytes is ended before its flush is due. */
  readonly fileBytesMax: number;
}

/** Settings of a sink, by its type. */
export type SinkSettings = FileSinkSettings;
