/**
 * The memory of a spout's slots, shared by the two threads of its instance.
 * Each word has one writer. A root is open while its slot's OPEN word holds its
 * generation; the executor sets and clears it, the gateway closes by a
 * completion in the ring.
 */

/** The memory of a slot table; it can be posted to the other thread. */
export interface SlotMemory {
  /** Words of both threads, then four words a slot. */
  readonly slots: SharedArrayBuffer;
  /** Where the ring stands, then its entries. */
  readonly completions: SharedArrayBuffer;
  readonly count: number;
}

/** How a root ended, with its number in the completion ring. */
export const OUTCOME = Object.freeze({ acked: 1, failed: 2, timeout: 3, lost: 4 });

/** Words of `slots` before the first slot; each writer has cache lines of its own. */
export const SLOT_WORD = Object.freeze({
  /** By the executor: slots ever taken lie below it. */
  used: 0,
  /** By the executor: roots ever published, wrapping. */
  published: 1,
  /** By the gateway: 1 while the spout may not be called. */
  paused: 16,
  /** By the gateway: records that came for roots already closed, wrapping. */
  late: 17,
  first: 32,
});

/** Words of one slot, all by the executor. */
export const SLOT_FIELD = Object.freeze({
  /** Generation of the open root, as int32; 0: none. */
  open: 0,
  xorLow: 1,
  xorHigh: 2,
  words: 4,
});

/** Words of `completions`, by the gateway: how many were ever put, wrapping; then the entries. */
export const COMPLETION_WORD = Object.freeze({ tail: 0, first: 16 });

/** An entry is `slot << OUTCOME_BITS | outcome`. */
export const OUTCOME_BITS = 3;

/** Most slots of a spout; `topology.max.spout.pending` goes no higher. */
const SLOTS_MAX = 2 ** 24;

/** Entries of the ring of `count` slots: a power of two, so never full. */
export function completionCapacity(count: number): number {
  return 2 ** Math.ceil(Math.log2(count));
}

/**
 * Takes the memory of `count` slots, none of them open.
 * @throws RangeError unless `count` is an integer from 1 to 2^24
 */
export function allocateSlots(count: number): SlotMemory {
  if (!Number.isInteger(count) || count < 1 || count > SLOTS_MAX) {
    throw new RangeError(`Allocate slots: found "${count}", expected 1 to ${SLOTS_MAX}`);
  }
  const words = SLOT_WORD.first + count * SLOT_FIELD.words;
  const entries = COMPLETION_WORD.first + completionCapacity(count);
  return {
    slots: new SharedArrayBuffer(4 * words),
    completions: new SharedArrayBuffer(4 * entries),
    count,
  };
}
