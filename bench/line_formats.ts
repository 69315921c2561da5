/**
 * What the tasks of a bench topology print and the runner reads: one line each for a count, a first
 * tuple, a latency histogram and a trace. Both sides take the format from here. Pure.
 */

/** How many tuples a task had handled at a time. */
export interface Count {
  readonly tuples: number;
  /** Milliseconds since the epoch, with their fraction. */
  readonly atMs: number;
}

/** The latencies of the tuples that came in an interval, as a histogram's buckets. */
export interface Latencies {
  readonly fromMs: number;
  readonly toMs: number;
  readonly buckets: readonly Bucket[];
}

/** A bucket of a `Histogram` and how many values it has. */
export type Bucket = readonly [index: number, count: number];

/** Tuples that a task handled in one of its lives. */
export interface Trace {
  /** When that life began, in milliseconds since the epoch: tells lives apart. */
  readonly lifeMs: number;
  readonly tuples: readonly TracedTuple[];
}

/** When a tuple was emitted by the spout, and when it was handled, in milliseconds since the epoch. */
export interface TracedTuple {
  readonly sentMs: number;
  readonly handledMs: number;
}

/** `count 7 at 1700000000000.125`. */
export function formatCount({ tuples, atMs }: Count): string {
  return `count ${tuples} at ${roundMs(atMs)}`;
}

/** The count in a line, if it is one. */
export function parseCount(line: string): Count | undefined {
  const [, tuples, atMs] = /^count (\d+) at ([\d.]+)$/.exec(line) ?? [];
  return tuples === undefined ? undefined : { tuples: Number(tuples), atMs: Number(atMs) };
}

/** `first at 1700000000000.125`. */
export function formatFirst(atMs: number): string {
  return `first at ${roundMs(atMs)}`;
}

/** When the first tuple was handled, in milliseconds since the epoch, if the line says so. */
export function parseFirst(line: string): number | undefined {
  const [, atMs] = /^first at ([\d.]+)$/.exec(line) ?? [];
  return atMs === undefined ? undefined : Number(atMs);
}

/** `latency FROM TO INDEX:COUNT INDEX:COUNT ...`. */
export function formatLatencies({ fromMs, toMs, buckets }: Latencies): string {
  const pairs = buckets.map(([index, count]) => `${index}:${count}`);
  return ["latency", roundMs(fromMs), roundMs(toMs), ...pairs].join(" ");
}

/** The latencies in a line, if it is such a line. */
export function parseLatencies(line: string): Latencies | undefined {
  const [word, fromMs, toMs, ...pairs] = line.split(" ");
  if (word !== "latency" || toMs === undefined) return undefined;
  return { fromMs: Number(fromMs), toMs: Number(toMs), buckets: pairs.map(readPair) };
}

/** `trace LIFE SENT:HANDLED SENT:HANDLED ...`, the times of tuples from the life's beginning on. */
export function formatTrace({ lifeMs, tuples }: Trace): string {
  const pairs = tuples.map(({ sentMs, handledMs }) =>
    `${roundMs(sentMs - lifeMs)}:${roundMs(handledMs - lifeMs)}`
  );
  return ["trace", roundMs(lifeMs), ...pairs].join(" ");
}

/** The trace in a line, if it is one. */
export function parseTrace(line: string): Trace | undefined {
  const [word, life, ...pairs] = line.split(" ");
  if (word !== "trace" || life === undefined) return undefined;
  const lifeMs = Number(life);
  const tuples = pairs.map(readPair).map(([sent, handled]) => ({
    sentMs: lifeMs + sent,
    handledMs: lifeMs + handled,
  }));
  return { lifeMs, tuples };
}

function readPair(text: string): Bucket {
  const cut = text.indexOf(":");
  return [Number(text.slice(0, cut)), Number(text.slice(cut + 1))];
}

/** To the microsecond. */
function roundMs(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
