/**
 * The gateway's side of a slot table: XORs ack records, and closes roots that
 * are acked, failed, too late or lost. It alone closes, and a closed root is
 * remembered until its slot is open in another generation, so each root
 * completes once.
 */

import { ACK_KIND, type AckRecord } from "./acks.ts";
import {
  COMPLETION_WORD,
  completionCapacity,
  OUTCOME,
  OUTCOME_BITS,
  SLOT_FIELD,
  SLOT_WORD,
  type SlotMemory,
} from "./slot_memory.ts";

/** Words of what is known of one slot, all in one cache line mostly. */
const KNOWN = Object.freeze({
  /** The generation seen last. */
  seen: 0,
  /** What was acked of it. */
  xorLow: 1,
  xorHigh: 2,
  /** The generation closed last. */
  closed: 3,
  /** Since when the one seen is known: whole ms, rounded up, wrapping. */
  sinceMs: 4,
  words: 5,
});

/** Closes roots; for one thread only. */
export class SlotCloser {
  readonly #words: Int32Array;
  readonly #ring: Int32Array;
  readonly #mask: number;
  readonly #count: number;
  readonly #timeoutMs: number | undefined;
  /** By slot, as `KNOWN` says. */
  readonly #known: Int32Array;
  #tail = 0;
  /** The tail that the executor sees. */
  #told = 0;
  #late = 0;

  /** Closes what is older than `timeoutMs`; undefined: nothing is ever too late. */
  constructor(memory: SlotMemory, options: { readonly timeoutMs: number | undefined }) {
    this.#words = new Int32Array(memory.slots);
    this.#ring = new Int32Array(memory.completions);
    this.#mask = completionCapacity(memory.count) - 1;
    this.#count = memory.count;
    this.#timeoutMs = options.timeoutMs;
    this.#known = new Int32Array(memory.count * KNOWN.words);
  }

  /** Roots open now, about: published and not closed. */
  get openCount(): number {
    return Math.max(0, (Atomics.load(this.#words, SLOT_WORD.published) - this.#tail) | 0);
  }

  /** Records that came for roots already closed, or never open; they were ignored. */
  get stale(): number {
    return this.#late;
  }

  /** Takes one record of this spout's life; `tellClosed` is to follow those of a frame. */
  apply(record: AckRecord, nowMs: number): void {
    const { slot } = record;
    const generation = record.generation | 0;
    if (!(slot < this.#count) || !this.#isOpen(slot, generation)) {
      this.#late++;
      Atomics.store(this.#words, SLOT_WORD.late, this.#late | 0);
      return;
    }
    if (this.#isWhole(record)) {
      this.#close(slot, OUTCOME.acked);
      return;
    }
    if (this.#known[slot * KNOWN.words + KNOWN.seen] !== generation) this.#see(slot, nowMs);
    switch (record.kind) {
      case ACK_KIND.ack:
      case ACK_KIND.ackSole:
        this.#ack(record);
        return;
      case ACK_KIND.fail:
        this.#close(slot, OUTCOME.failed);
        return;
      case ACK_KIND.resetTimeout:
        this.#known[slot * KNOWN.words + KNOWN.sinceMs] = Math.ceil(nowMs);
        return;
    }
  }

  /** Lets the executor see what was closed since the last call; false: nothing was. */
  tellClosed(): boolean {
    if (this.#told === this.#tail) return false;
    this.#told = this.#tail;
    Atomics.store(this.#ring, COMPLETION_WORD.tail, this.#tail);
    return true;
  }

  /** One record acks all of an open root, as where a tuple is all of its tree. */
  #isWhole({ slot, kind, xorLow, xorHigh }: AckRecord): boolean {
    if (kind === ACK_KIND.ackSole) return xorLow === 0 && xorHigh === 0;
    if (kind !== ACK_KIND.ack) return false;
    const words = this.#words;
    const at = SLOT_WORD.first + slot * SLOT_FIELD.words;
    return words[at + SLOT_FIELD.xorLow] === xorLow && words[at + SLOT_FIELD.xorHigh] === xorHigh;
  }

  #isOpen(slot: number, generation: number): boolean {
    const open = Atomics.load(this.#words, SLOT_WORD.first + slot * SLOT_FIELD.words);
    return open === generation && open !== 0 && !this.#isClosed(slot, open);
  }

  #isClosed(slot: number, generation: number): boolean {
    return this.#known[slot * KNOWN.words + KNOWN.closed] === generation;
  }

  /** Begins to follow the root that is open in `slot`. */
  #see(slot: number, nowMs: number): void {
    const known = this.#known;
    const at = slot * KNOWN.words;
    known[at + KNOWN.seen] = this.#words[SLOT_WORD.first + slot * SLOT_FIELD.words]!;
    known[at + KNOWN.xorLow] = 0;
    known[at + KNOWN.xorHigh] = 0;
    known[at + KNOWN.sinceMs] = Math.ceil(nowMs);
  }

  #ack({ slot, kind, xorLow, xorHigh }: AckRecord): void {
    // Written before the root was published; the key of a sole copy is all of it.
    const at = SLOT_WORD.first + slot * SLOT_FIELD.words;
    const allLow = this.#words[at + SLOT_FIELD.xorLow]!;
    const allHigh = this.#words[at + SLOT_FIELD.xorHigh]!;
    const isSole = kind === ACK_KIND.ackSole;
    const known = this.#known;
    const knownAt = slot * KNOWN.words;
    const low = known[knownAt + KNOWN.xorLow]! ^ xorLow ^ (isSole ? allLow : 0);
    const high = known[knownAt + KNOWN.xorHigh]! ^ xorHigh ^ (isSole ? allHigh : 0);
    known[knownAt + KNOWN.xorLow] = low;
    known[knownAt + KNOWN.xorHigh] = high;
    if (low === allLow && high === allHigh) this.#close(slot, OUTCOME.acked);
  }

  #close(slot: number, outcome: number): void {
    const open = this.#words[SLOT_WORD.first + slot * SLOT_FIELD.words]!;
    this.#known[slot * KNOWN.words + KNOWN.closed] = open;
    this.#known[slot * KNOWN.words + KNOWN.seen] = open;
    this.#ring[COMPLETION_WORD.first + (this.#tail & this.#mask)] = (slot << OUTCOME_BITS) |
      outcome;
    this.#tail = (this.#tail + 1) | 0;
  }

  /**
   * Closes what is too late and returns how many; to be called about every twentieth of the
   * time-out. A root's age counts from the first `expire` or `apply` that saw it.
   */
  expire(nowMs: number): number {
    const timeoutMs = this.#timeoutMs;
    if (timeoutMs === undefined) return 0;
    let closed = 0;
    const words = this.#words;
    const known = this.#known;
    const used = Atomics.load(words, SLOT_WORD.used);
    for (let slot = 0; slot < used; slot++) {
      const open = Atomics.load(words, SLOT_WORD.first + slot * SLOT_FIELD.words);
      if (open === 0 || this.#isClosed(slot, open)) continue;
      const at = slot * KNOWN.words;
      if (known[at + KNOWN.seen] !== open) this.#see(slot, nowMs);
      else if (((Math.floor(nowMs) - known[at + KNOWN.sinceMs]!) | 0) >= timeoutMs) {
        this.#close(slot, OUTCOME.timeout);
        closed++;
      }
    }
    this.tellClosed();
    return closed;
  }

  /** Closes all roots published before the call and returns how many. */
  failAll(outcome: number): number {
    let closed = 0;
    const words = this.#words;
    const used = Atomics.load(words, SLOT_WORD.used);
    for (let slot = 0; slot < used; slot++) {
      const open = Atomics.load(words, SLOT_WORD.first + slot * SLOT_FIELD.words);
      if (open === 0 || this.#isClosed(slot, open)) continue;
      this.#close(slot, outcome);
      closed++;
    }
    this.tellClosed();
    return closed;
  }

  /** Says that the spout may not be called, or may again. */
  pause(isPaused: boolean): void {
    Atomics.store(this.#words, SLOT_WORD.paused, isPaused ? 1 : 0);
  }
}
