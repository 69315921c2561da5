/**
 * What waits for one sink, bounded in bytes: when it is full the oldest goes,
 * since metrics are worth more the newer they are. Dropping is counted, not silent.
 */

import { type MetricRecord, sizeOf } from "./metric_record.ts";

/** Records that wait, oldest first. */
export class RecordQueue {
  readonly #bytesMax: number;
  #records: { readonly record: MetricRecord; readonly bytes: number }[] = [];
  #bytes = 0;
  #dropped = 0;

  /** @param bytesMax about how many bytes of memory records may take */
  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** About how many bytes wait. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Records that wait. */
  get length(): number {
    return this.#records.length;
  }

  /** Records dropped since the start. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Takes a record in; drops the oldest as long as it is over the limit. */
  offer(record: MetricRecord): void {
    const bytes = sizeOf(record);
    this.#records.push({ record, bytes });
    this.#bytes += bytes;
    let excess = 0;
    while (this.#bytes > this.#bytesMax) {
      this.#bytes -= this.#records[excess]?.bytes ?? 0;
      excess++;
    }
    if (excess === 0) return;
    this.#records.splice(0, excess);
    this.#dropped += excess;
  }

  /** Takes all that waits. */
  takeAll(): MetricRecord[] {
    const records = this.#records.map(({ record }) => record);
    this.#records = [];
    this.#bytes = 0;
    return records;
  }
}
