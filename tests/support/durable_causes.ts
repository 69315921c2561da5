/**
 * Why a durable spout emitted records again, read from its journals: a notice of a loss, a
 * restart of the spout, a tuple that a bolt failed or that came too late.
 */

import type { JournalEntry, JournalLife } from "./durable_journal.ts";

/** Why records were emitted again, and how many of them might be for that reason. */
export interface Cause {
  /** `notice`: roots failed as lost, all that one notice failed. `restart`: the spout's. */
  readonly kind: "notice" | "restart" | "failed" | "timeout";
  readonly source: number;
  readonly atMs: number;
  /**
   * Offsets that may be emitted again: of a notice, the roots open when the first of them failed,
   * as the spout itself counted them; of a restart, all from the stored position to the last that
   * was emitted, so those of open roots and those done since the position was stored.
   */
  readonly mayReplay: ReadonlySet<number>;
  /** Distinct offsets that were. */
  readonly replayed: Set<number>;
}

/** What the journals of one source say. */
export interface SourceHistory {
  readonly causes: readonly Cause[];
  /** Why an emit was one again; undefined for the first of its offset. */
  causeOf(life: number, sequence: number): Cause | undefined;
  /** Whether there was that emit. */
  isEmitted(life: number, sequence: number, offset: number): boolean;
  /** The most roots that ever were open. */
  readonly openMax: number;
  /** Roots open at that time. */
  openAt(atMs: number): number;
  /** What may not be: a root that ended twice, or one that never was open. */
  readonly faults: readonly string[];
}

/** Reads the journals of a source, first life first. */
export function historyOf(source: number, lives: readonly JournalLife[]): SourceHistory {
  const reader = new HistoryReader(source);
  for (const life of lives) reader.read(life);
  return reader;
}

class HistoryReader implements SourceHistory {
  readonly causes: Cause[] = [];
  readonly faults: string[] = [];
  openMax = 0;
  readonly #source: number;
  readonly #emits = new Map<
    string,
    { readonly offset: number; readonly cause: Cause | undefined }
  >();
  /** Roots open after each entry. */
  readonly #opens: { readonly atMs: number; readonly open: number }[] = [];
  /** The offset above all that were ever emitted. */
  #end = 0;

  constructor(source: number) {
    this.#source = source;
  }

  causeOf(life: number, sequence: number): Cause | undefined {
    return this.#emits.get(`${life}/${sequence}`)?.cause;
  }

  isEmitted(life: number, sequence: number, offset: number): boolean {
    return this.#emits.get(`${life}/${sequence}`)?.offset === offset;
  }

  openAt(atMs: number): number {
    return this.#opens.findLast((one) => one.atMs <= atMs)?.open ?? 0;
  }

  read({ life, entries }: JournalLife): void {
    const reading = new LifeReading();
    for (const entry of entries) {
      if (entry.kind === "start") this.#start(reading, entry);
      else if (entry.kind === "emit") this.#emit(reading, entry, life);
      else this.#endRoot(reading, entry, life);
      this.#opens.push({ atMs: entry.atMs, open: reading.open.size });
    }
  }

  #start(reading: LifeReading, { offset, atMs }: JournalEntry): void {
    if (this.#end <= offset) return;
    const offsets = Array.from({ length: this.#end - offset }, (_, index) => offset + index);
    reading.restart = this.#addCause("restart", atMs, offsets);
    reading.restartEnd = this.#end;
  }

  #emit(reading: LifeReading, { offset, sequence }: JournalEntry, life: number): void {
    const failed = reading.failed.get(offset);
    const cause = failed ?? (offset < reading.restartEnd ? reading.restart : undefined);
    cause?.replayed.add(offset);
    if (reading.open.has(offset)) this.faults.push(`offset ${offset} was emitted while open`);
    reading.failed.delete(offset);
    reading.open.set(offset, sequence);
    reading.sequence = sequence;
    this.openMax = Math.max(this.openMax, reading.open.size);
    this.#emits.set(`${life}/${sequence}`, { offset, cause });
    this.#end = Math.max(this.#end, offset + 1);
  }

  #endRoot(reading: LifeReading, { kind, offset, atMs }: JournalEntry, life: number): void {
    const sequence = reading.open.get(offset);
    if (sequence === undefined) {
      this.faults.push(`offset ${offset} ended (${kind}) in life ${life} without being open`);
      return;
    }
    if (kind === "lost") reading.failed.set(offset, this.#noticeOf(reading, sequence, atMs));
    if (kind === "failed" || kind === "timeout") {
      reading.failed.set(offset, this.#addCause(kind, atMs, [offset]));
    }
    reading.open.delete(offset);
  }

  /** A root that was emitted after a notice had failed its first was failed by a later notice. */
  #noticeOf(reading: LifeReading, sequence: number, atMs: number): Cause {
    if (reading.notice === undefined || sequence > reading.noticeEnd) {
      reading.notice = this.#addCause("notice", atMs, [...reading.open.keys()]);
      reading.noticeEnd = reading.sequence;
    }
    return reading.notice;
  }

  #addCause(kind: Cause["kind"], atMs: number, offsets: readonly number[]): Cause {
    const cause = {
      kind,
      source: this.#source,
      atMs,
      mayReplay: new Set(offsets),
      replayed: new Set<number>(),
    };
    this.causes.push(cause);
    return cause;
  }
}

/** Where the reading of one life stands. */
class LifeReading {
  /** The emit of each open root, by offset. */
  readonly open = new Map<number, number>();
  /** Why an offset is to be emitted again. */
  readonly failed = new Map<number, Cause>();
  sequence = 0;
  restart: Cause | undefined;
  restartEnd = 0;
  notice: Cause | undefined;
  /** The last emit before the notice. */
  noticeEnd = 0;
}
