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

/** Closes roots; for one thread only. */
export class SlotCloser {
  readonly #words: Int32Array;
  readonly #ring: Int32Array;
  readonly #mask: number;
  readonly #count: number;
  readonly #timeoutMs: number | undefined;
  /** By slot: the generation seen last, what was acked of it, since when it is known. */
  readonly #seen: Int32Array;
  readonly #xorLows: Int32Array;
  readonly #xorHighs: Int32Array;
  readonly #sinceMs: Float64Array;
  /** By slot: the generation closed last. */
  readonly #closed: Int32Array;
  #tail = 0;
  #late = 0;

  /** Closes what is older than `timeoutMs`; undefined: nothing is ever too late. */
  constructor(memory: SlotMemory, options: { readonly timeoutMs: number | undefined }) {
    this.#words = new Int32Array(memory.slots);
    this.#ring = new Int32Array(memory.completions);
    this.#mask = completionCapacity(memory.count) - 1;
    this.#count = memory.count;
    this.#timeoutMs = options.timeoutMs;
    this.#seen = new Int32Array(memory.count);
    this.#xorLows = new Int32Array(memory.count);
    this.#xorHighs = new Int32Array(memory.count);
    this.#sinceMs = new Float64Array(memory.count);
    this.#closed = new Int32Array(memory.count);
  }

  /** Roots open now, about: published and not closed. */
  get openCount(): number {
    return Math.max(0, (Atomics.load(this.#words, SLOT_WORD.published) - this.#tail) | 0);
  }

  /** Records that came for roots already closed, or never open; they were ignored. */
  get stale(): number {
    return this.#late;
  }

  /** Takes one record of this spout's life; true when it closed a root. */
  apply(record: AckRecord, nowMs: number): boolean {
    const { slot } = record;
    if (!(slot < this.#count) || !this.#isOpen(slot, record.generation | 0)) {
      this.#late++;
      Atomics.store(this.#words, SLOT_WORD.late, this.#late | 0);
      return false;
    }
    if (this.#seen[slot] !== (record.generation | 0)) this.#see(slot, nowMs);
    switch (record.kind) {
      case ACK_KIND.ack:
        return this.#ack(record);
      case ACK_KIND.fail:
        this.#close(slot, OUTCOME.failed);
        return true;
      case ACK_KIND.resetTimeout:
        this.#sinceMs[slot] = nowMs;
        return false;
      default:
        return false;
    }
  }

  #isOpen(slot: number, generation: number): boolean {
    const open = Atomics.load(this.#words, SLOT_WORD.first + slot * SLOT_FIELD.words);
    return open === generation && open !== 0 && this.#closed[slot] !== open;
  }

  /** Begins to follow the root that is open in `slot`. */
  #see(slot: number, nowMs: number): void {
    this.#seen[slot] = this.#words[SLOT_WORD.first + slot * SLOT_FIELD.words]!;
    this.#xorLows[slot] = 0;
    this.#xorHighs[slot] = 0;
    this.#sinceMs[slot] = nowMs;
  }

  #ack({ slot, xorLow, xorHigh }: AckRecord): boolean {
    const at = SLOT_WORD.first + slot * SLOT_FIELD.words;
    const low = this.#xorLows[slot]! ^ xorLow;
    const high = this.#xorHighs[slot]! ^ xorHigh;
    this.#xorLows[slot] = low;
    this.#xorHighs[slot] = high;
    // Written before the root was published.
    if (low !== this.#words[at + SLOT_FIELD.xorLow]) return false;
    if (high !== this.#words[at + SLOT_FIELD.xorHigh]) return false;
    this.#close(slot, OUTCOME.acked);
    return true;
  }

  #close(slot: number, outcome: number): void {
    const open = this.#words[SLOT_WORD.first + slot * SLOT_FIELD.words]!;
    this.#closed[slot] = open;
    this.#seen[slot] = open;
    this.#ring[COMPLETION_WORD.first + (this.#tail & this.#mask)] = (slot << OUTCOME_BITS) |
      outcome;
    this.#tail = (this.#tail + 1) | 0;
    Atomics.store(this.#ring, COMPLETION_WORD.tail, this.#tail);
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
    const used = Atomics.load(words, SLOT_WORD.used);
    for (let slot = 0; slot < used; slot++) {
      const open = Atomics.load(words, SLOT_WORD.first + slot * SLOT_FIELD.words);
      if (open === 0 || this.#closed[slot] === open) continue;
      if (this.#seen[slot] !== open) this.#see(slot, nowMs);
      else if (nowMs - this.#sinceMs[slot]! >= timeoutMs) {
        this.#close(slot, OUTCOME.timeout);
        closed++;
      }
    }
    return closed;
  }

  /** Closes all roots published before the call and returns how many. */
  failAll(outcome: number): number {
    let closed = 0;
    const words = this.#words;
    const used = Atomics.load(words, SLOT_WORD.used);
    for (let slot = 0; slot < used; slot++) {
      const open = Atomics.load(words, SLOT_WORD.first + slot * SLOT_FIELD.words);
      if (open === 0 || this.#closed[slot] === open) continue;
      this.#close(slot, outcome);
      closed++;
    }
    return closed;
  }

  /** Says that the spout may not be called, or may again. */
  pause(isPaused: boolean): void {
    Atomics.store(this.#words, SLOT_WORD.paused, isPaused ? 1 : 0);
  }
}
