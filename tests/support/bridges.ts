/** Rings and doorbells as tests have use for them: records as arrays of bytes, sleeps as promises. */

import type { Doorbell } from "../../src/tuples/mod.ts";

/** What records are taken of. */
interface Reader {
  take(): boolean;
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

/** The next record, valid until it is released; undefined: there is none. */
export function takeRecord(reader: Reader): Uint8Array | undefined {
  return reader.take() ? reader.bytes.subarray(reader.start, reader.end) : undefined;
}

/** A sleep at `bell`; undefined: it does not wait. */
export function sleepAt(
  bell: Doorbell,
  ticket: number,
  timeoutMs?: number,
): Promise<void> | undefined {
  const { promise, resolve } = Promise.withResolvers<void>();
  return bell.sleep(ticket, resolve, timeoutMs) ? promise : undefined;
}
