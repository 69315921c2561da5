/**
 * The executor's side of a slot table: takes slots, opens roots in them, hears
 * how they ended and frees them. It alone frees, so a slot is not used anew
 * before its completion was taken.
 */

import {
  COMPLETION_WORD,
  completionCapacity,
  OUTCOME_BITS,
  SLOT_FIELD,
  SLOT_WORD,
  type SlotMemory,
} from "./slot_memory.ts";

/** Opens roots; for one thread only. */
export class SlotOpener {
  /** Slot and outcome of the completion taken last. */
  completedSlot = 0;
  completedOutcome = 0;
  readonly #words: Int32Array;
  readonly #ring: Int32Array;
  readonly #count: number;
  readonly #mask: number;
  readonly #generations: Int32Array;
  /**
   * Slots given back, in a ring: the first one is taken next, so slots are gone through in the
   * order of their memory. Those from `#used` on were never taken.
   */
  readonly #freed: Int32Array;
  #freedCount = 0;
  #freedAt = 0;
  #used = 0;
  #openCount = 0;
  #published = 0;
  #head = 0;

  /** All slots of `memory` must be free. */
  constructor(memory: SlotMemory) {
    this.#words = new Int32Array(memory.slots);
    this.#ring = new Int32Array(memory.completions);
    this.#count = memory.count;
    this.#mask = completionCapacity(memory.count) - 1;
    this.#generations = new Int32Array(memory.count);
    this.#freed = new Int32Array(memory.count);
  }

  /** Roots published and not yet freed. */
  get openCount(): number {
    return this.#openCount;
  }

  /** Slots that can be taken. */
  get freeCount(): number {
    return this.#freedCount + this.#count - this.#used;
  }

  /** The gateway says that the spout may not be called. */
  get isPaused(): boolean {
    return Atomics.load(this.#words, SLOT_WORD.paused) === 1;
  }

  /** Records that came for roots already closed: bolts still work on those. Wraps at 2^32. */
  get lateCount(): number {
    return Atomics.load(this.#words, SLOT_WORD.late) >>> 0;
  }

  /** A free slot in a new generation, not yet open; undefined: there is none. */
  take(): number | undefined {
    let slot: number;
    if (this.#freedCount > 0) slot = this.#takeFreed();
    else if (this.#used < this.#count) slot = this.#used++;
    else return undefined;
    this.#generations[slot] = (this.#generations[slot]! + 1) | 0 || 1;
    return slot;
  }

  #takeFreed(): number {
    const slot = this.#freed[this.#freedAt]!;
    this.#freedAt = this.#freedAt + 1 === this.#count ? 0 : this.#freedAt + 1;
    this.#freedCount--;
    return slot;
  }

  /** The generation of the root in `slot`, from `take` to the next one. */
  generationOf(slot: number): number {
    return this.#generations[slot]! >>> 0;
  }

  /**
   * Opens the root in a slot taken; before its first copy leaves. The halves are the XOR of the
   * keys of all copies.
   */
  publish(slot: number, xorLow: number, xorHigh: number): void {
    const words = this.#words;
    const at = SLOT_WORD.first + slot * SLOT_FIELD.words;
    words[at + SLOT_FIELD.xorLow] = xorLow;
    words[at + SLOT_FIELD.xorHigh] = xorHigh;
    // Plain: the gateway has it with the frame of the first copy, which is handed over by an atomic.
    words[at + SLOT_FIELD.open] = this.#generations[slot]!;
    // The gateway looks for open roots below.
    if (words[SLOT_WORD.used] !== this.#used) Atomics.store(words, SLOT_WORD.used, this.#used);
    words[SLOT_WORD.published] = this.#published = (this.#published + 1) | 0;
    this.#openCount++;
  }

  /** Whether the root in a slot taken was published and not freed. */
  isOpen(slot: number): boolean {
    return this.#words[SLOT_WORD.first + slot * SLOT_FIELD.words + SLOT_FIELD.open] !== 0;
  }

  /** A completion waits to be taken. */
  get hasCompletion(): boolean {
    return Atomics.load(this.#ring, COMPLETION_WORD.tail) !== this.#head;
  }

  /** Moves to the next completion; false: there is none now. */
  takeCompletion(): boolean {
    const ring = this.#ring;
    if (Atomics.load(ring, COMPLETION_WORD.tail) === this.#head) return false;
    const entry = ring[COMPLETION_WORD.first + (this.#head & this.#mask)]!;
    this.#head = (this.#head + 1) | 0;
    this.completedSlot = entry >>> OUTCOME_BITS;
    this.completedOutcome = entry & ((1 << OUTCOME_BITS) - 1);
    return true;
  }

  /** Gives back a slot whose completion was taken, or one that was taken and not published. */
  free(slot: number): void {
    const at = SLOT_WORD.first + slot * SLOT_FIELD.words + SLOT_FIELD.open;
    if (this.#words[at] !== 0) {
      // Plain: the gateway closed it, or never heard of it.
      this.#words[at] = 0;
      this.#openCount--;
    }
    const end = this.#freedAt + this.#freedCount++;
    this.#freed[end < this.#count ? end : end - this.#count] = slot;
  }
}
