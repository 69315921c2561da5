/**
 * Compares what durable spouts had to emit with what the durable sink has: what is lost, what
 * came more than once and why, and whether there was more of it than the reasons allow.
 */

import { type Cause, historyOf, type SourceHistory } from "./durable_causes.ts";
import { readJournals } from "./durable_journal.ts";
import { readSink, type SinkRecord } from "./durable_sink.ts";
import { readSource, type SourceRecord } from "./durable_source.ts";

/** Faults and missing records are told up to this many. */
const TOLD_MAX = 20;

/** Where the files are, and of how many tasks. */
export interface DurableEnds {
  readonly folder: string;
  /** Tasks of the spout. */
  readonly sources: number;
  /** Tasks of the sink. */
  readonly sinks: number;
}

/** A cause, counted in records of the sink. */
export interface CountedCause extends Omit<Cause, "mayReplay" | "replayed"> {
  /** Records that came again because of it. */
  duplicates: number;
  /** Records that may: the children of the offsets that may be emitted again. */
  readonly bound: number;
  /** Distinct offsets that were emitted again, and that might have been. */
  readonly replayed: number;
  readonly mayReplay: number;
}

/** What the comparison found. */
export interface DurableOutcome {
  /** Records that the sink must have: the children of all records of all sources. */
  readonly expected: number;
  readonly lost: number;
  readonly duplicates: number;
  /** Records that came again though their tuple was emitted once, and causes above their bound. */
  readonly overBound: number;
  readonly causes: readonly CountedCause[];
  readonly openMax: number;
  /** Roots open at that time, of all sources. */
  openAt(atMs: number): number;
  /** What may not be, in words; some of it when there is much. */
  readonly faults: readonly string[];
}

/** Compares; the run must be over. */
export function checkDurable(ends: DurableEnds): DurableOutcome {
  const found = Array.from({ length: ends.sinks }, (_, index) => readSink(ends.folder, index))
    .flat();
  const bySource = Map.groupBy(found, ({ source }) => source);
  const outcomes = Array.from({ length: ends.sources }, (_, source) =>
    checkSource({
      source,
      records: readSource(ends.folder, source),
      history: historyOf(source, readJournals(ends.folder, source)),
      found: bySource.get(source) ?? [],
    }));
  const strangers = found.filter(({ source }) => source >= ends.sources).length;
  const sum = (read: (one: DurableOutcome) => number): number =>
    outcomes.reduce((total, one) => total + read(one), 0);
  const faults = outcomes.flatMap((one) => one.faults);
  if (strangers > 0) faults.push(`${strangers} records are of no source`);
  return {
    expected: sum((one) => one.expected),
    lost: sum((one) => one.lost),
    duplicates: sum((one) => one.duplicates),
    overBound: sum((one) => one.overBound),
    causes: outcomes.flatMap((one) => one.causes).sort((a, b) => a.atMs - b.atMs),
    openMax: Math.max(0, ...outcomes.map((one) => one.openMax)),
    openAt: (atMs) => sum((one) => one.openAt(atMs)),
    faults: faults.slice(0, TOLD_MAX),
  };
}

interface SourceCase {
  readonly source: number;
  readonly records: readonly SourceRecord[];
  readonly history: SourceHistory;
  readonly found: readonly SinkRecord[];
}

function checkSource({ source, records, history, found }: SourceCase): DurableOutcome {
  const faults = [...history.faults];
  const counted = new Map(history.causes.map((cause) => [cause, countCause(cause, records)]));
  const copies = new Map<string, SinkRecord[]>();
  for (const one of found) {
    const fault = pieceFault(one, records[one.offset], history);
    if (fault !== undefined) {
      faults.push(`source ${source}: ${fault}`);
      continue;
    }
    const name = `${one.offset}/${one.child}`;
    const before = copies.get(name);
    if (before === undefined) copies.set(name, [one]);
    else before.push(one);
  }
  let repeated = 0;
  let duplicates = 0;
  for (const [name, same] of copies) {
    same.sort((a, b) => a.life - b.life || a.sequence - b.sequence);
    for (const [index, { life, sequence }] of same.entries()) {
      const before = same[index - 1];
      if (before === undefined) continue;
      duplicates++;
      const cause = history.causeOf(life, sequence);
      const isRepeated = before.life === life && before.sequence === sequence;
      const counts = cause === undefined || isRepeated ? undefined : counted.get(cause);
      if (counts !== undefined) counts.duplicates++;
      else {
        repeated++;
        faults.push(`source ${source}: ${name} came twice of emit ${life}/${sequence}`);
      }
    }
  }
  const expected = records.reduce((sum, { children }) => sum + children, 0);
  const causes = [...counted.values()];
  const above = causes.filter((one) => one.duplicates > one.bound || one.replayed > one.mayReplay);
  for (const one of above) faults.push(`source ${source}: ${JSON.stringify(one)}`);
  faults.push(...missing(source, records, copies));
  return {
    expected,
    lost: expected - copies.size,
    duplicates,
    overBound: repeated + above.length,
    causes,
    openMax: history.openMax,
    openAt: (atMs) => history.openAt(atMs),
    faults,
  };
}

function countCause(cause: Cause, records: readonly SourceRecord[]): CountedCause {
  const { kind, source, atMs, mayReplay, replayed } = cause;
  let bound = 0;
  for (const offset of mayReplay) bound += records[offset]?.children ?? 0;
  return {
    kind,
    source,
    atMs,
    duplicates: 0,
    bound,
    replayed: replayed.size,
    mayReplay: mayReplay.size,
  };
}

function pieceFault(
  one: SinkRecord,
  record: SourceRecord | undefined,
  history: SourceHistory,
): string | undefined {
  const name = `${one.offset}/${one.child}`;
  if (record === undefined) return `${name} is of no record`;
  if (record.key !== one.key) return `${name} has key ${one.key}, expected ${record.key}`;
  if (record.children !== one.children || one.child >= record.children) {
    return `${name} is one of ${one.children}, expected of ${record.children}`;
  }
  if (!history.isEmitted(one.life, one.sequence, one.offset)) {
    return `${name} is of emit ${one.life}/${one.sequence}, which was none`;
  }
  return undefined;
}

function missing(
  source: number,
  records: readonly SourceRecord[],
  copies: ReadonlyMap<string, unknown>,
): string[] {
  const faults: string[] = [];
  for (const { offset, children } of records) {
    for (let child = 0; child < children && faults.length < TOLD_MAX; child++) {
      const name = `${offset}/${child}`;
      if (!copies.has(name)) faults.push(`source ${source}: ${name} is lost`);
    }
  }
  return faults;
}
