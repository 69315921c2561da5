/**
 * How many roots a spout may have open, from what became of those before: as
 * many as complete in a quarter of the time-out, so that bolts of any speed
 * are busy and nothing times out because it had to wait.
 */

import { RecentAcks } from "./recent_acks.ts";
import { OUTCOME } from "./slot_memory.ts";

/** What bounds the limit. */
export interface PendingLimitOptions {
  /** The limit at first. */
  readonly start: number;
  /** `topology.max.spout.pending`. */
  readonly ceiling: number;
  /** What latencies are measured by, also where nothing times out. */
  readonly timeoutMs: number;
}

/** Before anything was acked, silence raises the limit so far: bolts may hold tuples back. */
const BLIND_MAX = 128;
/** And so far when whole time-outs pass in silence. */
const SILENT_MAX = 1024;
/** After so many silent time-outs, bolts that acked before may have begun to hold tuples back. */
const SILENT_TIMEOUTS = 8;
/** So many times the usual time between two signs of work is silence. */
const GAPS_OF_SILENCE = 4;
/** A round of acks is as many as the limit, and at least so many. */
const ROUND_ACKS_MIN = 8;
/** A limit that was too high for slow bolts is not tried again for so many time-outs; then twice. */
const RETRY_TIMEOUTS = 8;
const RETRY_TIMEOUTS_MAX = 1024;
/** For so many time-outs it is counted whether more roots time out than are acked. */
const WINDOW_TIMEOUTS = 8;

/**
 * The limit of one spout task.
 *
 * - Raised only while it binds: by 1 per acked root while latencies are up to an eighth of the
 *   time-out, by 1 per `limit` acked roots up to a quarter; beyond, only where roots take as long
 *   without waiting.
 * - Lowered when a latency passes half the time-out, in proportion; once per round of roots.
 * - Roots that time out in a queue: no root is opened until bolts are silent, having worked the
 *   queue off, as late records tell; then it begins anew with one.
 * - Silence at the limit doubles it, up to what was enough before: a bolt that holds tuples back
 *   acks none until it has them all.
 * - Where more time out than are acked for long, it is too low for what bolts hold back: its floor
 *   doubles.
 */
export class PendingLimit {
  readonly #ceiling: number;
  readonly #timeoutMs: number;
  readonly #recent: RecentAcks;
  #limit: number;
  #openCount = 0;
  /** Open roots when one was opened last: so many were enough for what is acked since. */
  #reachedCount = 0;
  /** Acked roots that may still raise the limit: as many as it allows, each time it is reached. */
  #raises = 0;
  /** A round of acked roots: how many, and the sum of their latencies. */
  #roundAcks = 0;
  #roundSumMs = 0;
  /** What a root takes that does not wait for others, as far as is known. */
  #baseMs = Infinity;
  /** A limit that was too high, when, and for how many time-outs it is not tried again. */
  #badLimit = Infinity;
  #markedMs = -Infinity;
  #badTimeouts = 0;
  /** With so many open roots some were acked: silence does not raise the limit above it. */
  #enough: number;
  #hasLearntEnough = false;
  /** Time-outs that passed in silence, one after the other. */
  #silentTimeouts = 0;
  /** Nothing was acked since the limit began anew. */
  #isProbing = false;
  /** No root may be opened: bolts work on roots that have timed out. */
  #isHolding = false;
  /** The limit is never lower than this, while roots may be opened. */
  #floor = 1;
  /** Since when roots are counted, and how they ended. */
  #windowMs = 0;
  #windowAcked = 0;
  #windowTimedOut = 0;
  /** The latency of roots opened until then says nothing of the limit now. */
  #changedMs = -Infinity;
  /** Nor do their time-outs, of roots opened until then. */
  #restartedMs = -Infinity;
  /** When a root timed out last. */
  #timedOutMs = -Infinity;
  /** When a root was acked last, or heard of late, or the first one opened after none was. */
  #heardMs = -Infinity;
  /** The usual time between two signs of work, while there is work. */
  #gapMs = 0;
  /** Since when there is silence at the limit. */
  #quietSinceMs = 0;
  /** When `stalled` was called last. */
  #lookedMs = 0;
  #lateCount = 0;

  /** Begins at `start`. */
  constructor(options: PendingLimitOptions) {
    const { start, ceiling, timeoutMs } = options;
    this.#limit = Math.max(1, Math.min(start, ceiling));
    this.#ceiling = ceiling;
    this.#timeoutMs = timeoutMs;
    this.#recent = new RecentAcks(timeoutMs);
    this.#enough = Math.max(start, BLIND_MAX);
  }

  /** A spout with fewer open roots may be called; 0: not at all for now. */
  get limit(): number {
    return this.#isHolding ? 0 : Math.max(this.#limit, this.#floor);
  }

  /** When `stalled` is to be called though nothing happens, while the limit forbids a call. */
  get dueMs(): number {
    // Late records ring nobody: they are looked for now and then.
    if (this.#isHolding) return this.#lookedMs + this.#timeoutMs / 64;
    return this.#quietSinceMs + this.#silenceMs();
  }

  /** A root was opened; there are `openCount` of them now. */
  opened(openCount: number, nowMs: number): void {
    if (openCount === 1) this.#heardMs = nowMs;
    this.#openCount = this.#reachedCount = openCount;
    if (openCount < this.#limit) return;
    this.#raises = this.#limit;
    this.#quietSinceMs = nowMs;
  }

  /** A root ended with `outcome`, `latencyMs` after it was opened; this or `acked` is called for every root. */
  completed(outcome: number, latencyMs: number, nowMs: number): void {
    if (outcome === OUTCOME.acked) return this.acked(1, latencyMs, nowMs);
    if (outcome === OUTCOME.timeout) this.#timedOut(nowMs - latencyMs, nowMs);
    this.#openCount--;
  }

  /**
   * The limit forbids a call; called in each such turn, and at `dueMs`.
   * @param lateCount `lateCount` of the SlotOpener
   */
  stalled(openCount: number, nowMs: number, lateCount: number): void {
    this.#lookedMs = nowMs;
    this.#openCount = openCount;
    if (lateCount !== this.#lateCount) {
      this.#lateCount = lateCount;
      this.#heard(nowMs);
    }
    const quietMs = nowMs - this.#quietSinceMs;
    if (this.#isHolding) {
      if (quietMs >= Math.min(this.#silenceMs(), this.#timeoutMs)) this.#restart(nowMs);
    } else if (openCount >= this.#limit) {
      this.#raises = this.#limit;
      if (quietMs >= this.#silenceMs()) this.#raiseInSilence(nowMs);
      const sinceMs = Math.max(this.#heardMs, this.#restartedMs);
      // Nothing times out here, or roots would have by now.
      if (nowMs - sinceMs >= 1.25 * this.#timeoutMs) this.#passSilentTimeout(nowMs);
    }
  }

  /** Counts how roots end, for the floor. */
  #count(acked: number, timedOut: number, nowMs: number): void {
    this.#windowAcked += acked;
    this.#windowTimedOut += timedOut;
    if (nowMs - this.#windowMs < WINDOW_TIMEOUTS * this.#timeoutMs) return;
    if (this.#windowTimedOut > this.#windowAcked) {
      this.#floor = Math.min(2 * this.#floor, SILENT_MAX, this.#ceiling);
    }
    this.#windowMs = nowMs;
    this.#windowAcked = this.#windowTimedOut = 0;
  }

  /** So many roots were acked one after the other, each `latencyMs` after it was opened. */
  acked(count: number, latencyMs: number, nowMs: number): void {
    this.#openCount -= count;
    this.#count(count, 0, nowMs);
    this.#heard(nowMs);
    this.#recent.advance(nowMs);
    this.#recent.add(count);
    this.#isProbing = false;
    this.#silentTimeouts = 0;
    if (nowMs - this.#timedOutMs > this.#timeoutMs) {
      // No root that timed out has helped to fill what a bolt holds back.
      this.#enough = Math.min(this.#enough, this.#reachedCount);
      this.#hasLearntEnough = true;
    }
    const isOfNow = nowMs - latencyMs > this.#changedMs;
    if (isOfNow && this.#isTooLong(count, latencyMs)) this.#lower(latencyMs, nowMs);
    else this.#raiseByAcks(count, latencyMs, nowMs);
  }

  /** Learns from the latency of `count` roots. */
  #isTooLong(count: number, latencyMs: number): boolean {
    this.#recent.note(latencyMs);
    this.#roundAcks += count;
    this.#roundSumMs += count * latencyMs;
    return latencyMs > Math.max(this.#timeoutMs / 2, 1.75 * this.#baseMs);
  }

  #raiseByAcks(count: number, latencyMs: number, nowMs: number): void {
    const worstMs = Math.max(this.#recent.worstMs, latencyMs);
    if (worstMs <= this.#timeoutMs / 8 && this.#raises > 0) {
      const raises = Math.min(count, this.#raises);
      this.#raises -= raises;
      this.#raise(raises, this.#ceiling);
    }
    if (this.#roundAcks < Math.max(this.#limit, ROUND_ACKS_MIN)) return;
    const meanMs = this.#roundSumMs / this.#roundAcks;
    this.#roundAcks = this.#roundSumMs = 0;
    this.#baseMs = this.#limit === 1 ? meanMs : Math.min(this.#baseMs, meanMs);
    if (this.#raises === 0) return;
    if (worstMs <= this.#timeoutMs / 4 || this.#mayTry(meanMs, nowMs)) {
      this.#raise(1, this.#ceiling);
    }
  }

  /** Roots take long: but do they wait? More bolts may be idle. */
  #mayTry(meanMs: number, nowMs: number): boolean {
    if (meanMs > 1.25 * this.#baseMs) return false;
    const isOver = nowMs - this.#markedMs > this.#badTimeouts * this.#timeoutMs;
    return this.#limit + 1 < this.#badLimit || isOver;
  }

  #timedOut(openedMs: number, nowMs: number): void {
    this.#count(0, 1, nowMs);
    this.#timedOutMs = nowMs;
    if (this.#isHolding || openedMs <= this.#restartedMs) return;
    this.#recent.advance(nowMs);
    // Nothing was heard in its whole life: bolts hold more back, or are away.
    if (openedMs >= this.#heardMs) this.#passSilentTimeout(nowMs);
    else if (this.#isProbing || this.#recent.count < this.#openCount) this.#hold(nowMs);
    else if (this.#baseMs > this.#timeoutMs / 4 && openedMs - this.#changedMs > this.#timeoutMs) {
      // With bolts so slow it is enough to wait for one other; or for one that has timed out
      // itself, for as long as that takes.
      this.#markBad(nowMs);
      this.#limit = Math.max(1, this.#limit - 1);
      this.#changed(nowMs);
    }
    // Else it is one of few: bolts keep up, and have forgotten it.
  }

  /** A queue: whatever is opened behind it now would be too late as well. */
  #hold(nowMs: number): void {
    this.#markBad(nowMs);
    this.#isHolding = true;
    this.#quietSinceMs = this.#lookedMs = nowMs;
  }

  /** The queue is gone. */
  #restart(nowMs: number): void {
    this.#isHolding = false;
    this.#isProbing = true;
    this.#limit = 1;
    this.#recent.clear();
    this.#changed(nowMs);
    this.#restartedMs = this.#quietSinceMs = nowMs;
  }

  #passSilentTimeout(nowMs: number): void {
    this.#silentTimeouts++;
    if (!this.#hasLearntEnough && this.#enough < SILENT_MAX) {
      this.#enough = Math.min(2 * this.#enough, SILENT_MAX);
    }
    this.#limit = Math.min(this.#limit, this.#silentMax());
    this.#gapMs = 0;
    this.#changed(nowMs);
    this.#restartedMs = nowMs;
  }

  #raiseInSilence(nowMs: number): void {
    this.#quietSinceMs = nowMs;
    if (this.#limit >= this.#silentMax()) return;
    this.#raise(this.#limit, this.#silentMax());
    // Those that waited for more to come did not wait in a queue.
    this.#changedMs = nowMs;
  }

  #silentMax(): number {
    const isLongSilent = this.#silentTimeouts > 0 && this.#silentTimeouts % SILENT_TIMEOUTS === 0;
    return isLongSilent ? Math.max(this.#enough, BLIND_MAX) : this.#enough;
  }

  #raise(by: number, max: number): void {
    this.#limit = Math.max(this.#limit, Math.min(this.#limit + by, max, this.#ceiling));
  }

  /** To what would have taken a quarter of the time-out, or as long as it takes without waiting. */
  #lower(latencyMs: number, nowMs: number): void {
    this.#markBad(nowMs);
    const goodMs = Math.max(this.#timeoutMs / 4, 1.25 * this.#baseMs);
    const limit = Math.floor((this.#limit * goodMs) / latencyMs);
    // Fewer than were ever enough may be too few for a bolt that holds tuples back.
    const floor = this.#hasLearntEnough ? Math.min(this.#enough, this.#limit) : 1;
    this.#limit = Math.max(1, floor, limit);
    this.#recent.forgetLatencies();
    this.#changed(nowMs);
  }

  #changed(nowMs: number): void {
    this.#changedMs = nowMs;
    this.#raises = this.#roundAcks = this.#roundSumMs = 0;
  }

  #markBad(nowMs: number): void {
    // What follows at once is of the same mistake, at a limit that is lower already.
    if (nowMs - this.#markedMs < 4 * this.#timeoutMs) return;
    const timeouts = Math.max(RETRY_TIMEOUTS, 2 * this.#badTimeouts);
    this.#badTimeouts = Math.min(timeouts, RETRY_TIMEOUTS_MAX);
    this.#badLimit = this.#limit;
    this.#markedMs = nowMs;
  }

  /** Bolts are at work. */
  #heard(nowMs: number): void {
    if (nowMs > this.#heardMs) {
      this.#gapMs = Math.max(nowMs - this.#heardMs, this.#gapMs * 0.75);
    }
    this.#heardMs = this.#quietSinceMs = nowMs;
  }

  #silenceMs(): number {
    return Math.max(this.#timeoutMs / 16, GAPS_OF_SILENCE * this.#gapMs);
  }
}
