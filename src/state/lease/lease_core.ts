/**
 * Holding and taking over a lease, without I/O: what was read, written and how late it is goes in, what to read
 * and write comes out. The holder counts from sending its last renewal that was confirmed; another takes
 * over only when it has seen the same record for the lease's duration and a margin, by its own clock, and by
 * compare-and-set. So no two hold it at once by the same time, whatever clocks say and messages take; but a
 * later life of the holder does not wait (`lease_life.ts` says why it may), and an earlier one never takes it.
 */

import type { Version } from "../state_manager.ts";
import { compareLives, type LeaseLife } from "./lease_life.ts";
import type { LeaseRecord } from "./lease_record.ts";

/** A lease record as it was read; `record` is undefined when it is none. */
export interface LeaseSight {
  readonly record: LeaseRecord | undefined;
  readonly version: Version;
}

/** What happened; each `read` and `write` that was asked for is answered by one of the first four. */
export type LeaseEvent =
  | { readonly type: "read"; readonly sight: LeaseSight | undefined }
  | { readonly type: "written"; readonly version: Version }
  /** The write was not made: the version was another. */
  | { readonly type: "refused" }
  /** It is not known whether the write was made, or the read failed. */
  | { readonly type: "failed" }
  /** The watch told a value, maybe an old one. */
  | { readonly type: "seen"; readonly sight: LeaseSight | undefined }
  /** The lease is to be given up, or not wanted any more. */
  | { readonly type: "release" }
  | { readonly type: "time" };

/** What to do. */
export type LeaseAction =
  | { readonly type: "read" }
  /** Set the record if it has version `expected`; create it if that is undefined. */
  | { readonly type: "write"; readonly record: LeaseRecord; readonly expected?: Version }
  | { readonly type: "acquired"; readonly epoch: number }
  | { readonly type: "lost"; readonly code: "fenced" | "corrupt"; readonly found: string }
  | { readonly type: "released" };

/** Who wants the lease and for how long. */
export interface LeaseTerms {
  readonly holder: string;
  readonly nonce: string;
  readonly durationMs: number;
  readonly marginMs: number;
  /** Which life wants it, where lives succeed each other at once. */
  readonly life?: LeaseLife;
}

type Phase =
  | { readonly type: "new" }
  /** Waiting for the record, which is as in `sight` since `sinceMs`, to become free. */
  | { readonly type: "waiting"; readonly sight: LeaseSight | undefined; readonly sinceMs: number }
  | {
    readonly type: "held";
    readonly record: LeaseRecord;
    readonly version: Version;
    readonly untilMs: number;
    readonly renewAtMs: number;
  }
  | { readonly type: "ended" };

type Pending =
  | { readonly type: "read" }
  | { readonly type: "write"; readonly record: LeaseRecord; readonly sentMs: number };

/** Of the duration: when to renew, and how soon to try again what failed. */
const RENEW_AFTER = 1 / 3;
const RETRY_AFTER = 1 / 10;

/** One attempt to get and hold a lease. */
export class LeaseCore {
  readonly #terms: LeaseTerms;
  #phase: Phase = { type: "new" };
  #pending: Pending | undefined;
  /** When to read the record before anything else is written. */
  #readAtMs: number | undefined;
  #epochSeen = 0;
  #isReleasing = false;
  #actions: LeaseAction[] = [];

  constructor(terms: LeaseTerms) {
    this.#terms = terms;
  }

  /** Whether the lease is held at `nowMs` of the clock that `handle` is given. */
  isHeld(nowMs: number): boolean {
    return this.#phase.type === "held" && !this.#isReleasing && nowMs < this.#phase.untilMs;
  }

  /** The lease of another that is waited for to become free. */
  get waitedFor(): LeaseRecord | undefined {
    const phase = this.#phase;
    if (phase.type !== "waiting" || this.#pending !== undefined) return undefined;
    const record = phase.sight?.record;
    return record === undefined || this.#isFree(record) ? undefined : record;
  }

  /** When `handle` wants to be called at the latest, if at all. */
  get wakeAtMs(): number | undefined {
    const phase = this.#phase;
    const ends = phase.type === "held" ? [phase.untilMs] : [];
    if (phase.type === "ended" || this.#pending !== undefined) return earliest(ends);
    if (this.#readAtMs !== undefined) return earliest([...ends, this.#readAtMs]);
    if (phase.type === "held") return earliest([...ends, phase.renewAtMs]);
    return phase.type === "waiting" ? this.#freeAtMs(phase) : undefined;
  }

  /** Takes what happened at `nowMs`, on a monotonic clock, and says what to do now. */
  handle(event: LeaseEvent, nowMs: number): readonly LeaseAction[] {
    this.#actions = [];
    this.#take(event, nowMs);
    this.#decide(nowMs);
    return this.#actions;
  }

  #take(event: LeaseEvent, nowMs: number): void {
    const pending = this.#pending;
    if (!["seen", "release", "time"].includes(event.type)) this.#pending = undefined;
    switch (event.type) {
      case "read":
        return this.#observe(event.sight, nowMs, true);
      case "seen":
        return this.#observe(event.sight, nowMs, false);
      case "written":
        return pending?.type === "write" ? this.#confirm(pending, event.version, nowMs) : undefined;
      case "refused":
        this.#readAtMs = nowMs;
        return;
      case "failed":
        this.#readAtMs = nowMs + this.#terms.durationMs * RETRY_AFTER;
        return;
      case "release":
        this.#isReleasing = true;
        return;
      case "time":
        return;
    }
  }

  #observe(sight: LeaseSight | undefined, nowMs: number, isFresh: boolean): void {
    const phase = this.#phase;
    this.#epochSeen = Math.max(this.#epochSeen, sight?.record?.epoch ?? 0);
    if (isFresh) this.#readAtMs = undefined;
    if (phase.type === "new" || phase.type === "waiting") {
      const isKnown = phase.type === "waiting" && phase.sight?.version === sight?.version;
      if (!isKnown) this.#phase = { type: "waiting", sight, sinceMs: nowMs };
    } else if (phase.type === "held") {
      this.#compare(phase, sight, { nowMs, isFresh });
    }
  }

  /** The holder compares what it saw with what it wrote. */
  #compare(
    held: Phase & { type: "held" },
    sight: LeaseSight | undefined,
    { nowMs, isFresh }: { nowMs: number; isFresh: boolean },
  ): void {
    const record = sight?.record;
    if (sight !== undefined && record !== undefined && this.#isMine(record)) {
      // A renewal of unknown outcome was made after all; what it is worth the next one tells.
      if (isFresh) this.#phase = { ...held, record, version: sight.version, renewAtMs: nowMs };
    } else if (isFresh || (record !== undefined && record.epoch > held.record.epoch)) {
      this.#lose("fenced", record === undefined ? "no lease" : `holder "${record.holder}"`);
    } else {
      // Maybe from before this lease was taken: a renewal finds out.
      this.#phase = { ...held, renewAtMs: nowMs };
    }
  }

  #confirm(pending: Pending & { type: "write" }, version: Version, nowMs: number): void {
    if (this.#phase.type === "ended") return;
    const { record, sentMs } = pending;
    if (record.released) return this.#end({ type: "released" });
    this.#epochSeen = Math.max(this.#epochSeen, record.epoch);
    const isTaken = this.#phase.type !== "held";
    const untilMs = sentMs + this.#terms.durationMs;
    if (isTaken && nowMs >= untilMs) {
      // Over before it began. The record is this attempt's own, so it can be taken again at once.
      this.#phase = { type: "waiting", sight: { record, version }, sinceMs: nowMs };
      return;
    }
    const renewAtMs = sentMs + this.#terms.durationMs * RENEW_AFTER;
    this.#phase = { type: "held", record, version, untilMs, renewAtMs };
    if (isTaken && !this.#isReleasing) {
      this.#actions.push({ type: "acquired", epoch: record.epoch });
    }
  }

  #decide(nowMs: number): void {
    const phase = this.#phase;
    if (phase.type === "ended") return;
    if (phase.type === "held" && nowMs >= phase.untilMs) {
      return this.#lose("fenced", `no renewal within "${this.#terms.durationMs}" ms`);
    }
    if (this.#pending !== undefined) return;
    if (this.#isReleasing && phase.type !== "held") return this.#end({ type: "released" });
    if (this.#readAtMs !== undefined) {
      if (nowMs >= this.#readAtMs) this.#read();
    } else if (phase.type === "held") {
      const { record, version } = phase;
      const renewed = { ...record, renewal: record.renewal + 1, released: this.#isReleasing };
      if (this.#isReleasing || nowMs >= phase.renewAtMs) this.#write(renewed, version, nowMs);
    } else if (phase.type === "waiting") {
      this.#tryTake(phase, nowMs);
    }
  }

  #tryTake(waiting: Phase & { type: "waiting" }, nowMs: number): void {
    const { sight } = waiting;
    if (sight !== undefined && sight.record === undefined) {
      return this.#lose("corrupt", "a record that is no lease");
    }
    const { holder, nonce, durationMs, life } = this.#terms;
    if ((compareLives(sight?.record?.life, life) ?? 0) > 0) {
      return this.#lose("fenced", `holder "${sight?.record?.holder}", a later life of it`);
    }
    if (nowMs < this.#freeAtMs(waiting)) return;
    const epoch = this.#epochSeen + 1;
    const record = { holder, nonce, epoch, renewal: 0, durationMs, released: false };
    this.#write(life === undefined ? record : { ...record, life }, sight?.version, nowMs);
  }

  /** When the record that is waited for may be taken. */
  #freeAtMs({ sight, sinceMs }: Phase & { type: "waiting" }): number {
    const record = sight?.record;
    if (record === undefined || this.#isFree(record)) return sinceMs;
    return sinceMs + record.durationMs + this.#terms.marginMs;
  }

  /** Whether it may be taken at once. */
  #isFree(record: LeaseRecord): boolean {
    const isOlderLife = (compareLives(record.life, this.#terms.life) ?? 0) < 0;
    return record.released || this.#isMine(record) || isOlderLife;
  }

  #isMine(record: LeaseRecord): boolean {
    return record.holder === this.#terms.holder && record.nonce === this.#terms.nonce;
  }

  #read(): void {
    this.#readAtMs = undefined;
    this.#pending = { type: "read" };
    this.#actions.push({ type: "read" });
  }

  #write(record: LeaseRecord, expected: Version | undefined, nowMs: number): void {
    this.#pending = { type: "write", record, sentMs: nowMs };
    this.#actions.push(
      expected === undefined ? { type: "write", record } : { type: "write", record, expected },
    );
  }

  #lose(code: "fenced" | "corrupt", found: string): void {
    this.#end(this.#isReleasing ? { type: "released" } : { type: "lost", code, found });
  }

  #end(action: LeaseAction): void {
    this.#phase = { type: "ended" };
    this.#actions.push(action);
  }
}

function earliest(times: readonly number[]): number | undefined {
  return times.length === 0 ? undefined : Math.min(...times);
}
