/**
 * Partial key grouping: each key has two tasks, and a tuple goes to the one
 * that got less, so that a frequent key does not fill one task alone.
 */

import type { OutChannel } from "./out_channel.ts";

/** Chooses among two candidates of each key by what it has sent them. */
export class PartialKey {
  readonly #channels: readonly OutChannel[];
  /** Tuples sent, by channel. */
  readonly #sent: Float64Array;

  /** Nothing is sent yet. */
  constructor(channels: readonly OutChannel[]) {
    this.#channels = channels;
    this.#sent = new Float64Array(channels.length);
  }

  /**
   * The channel for a key of this hash: its candidate with less, unless it lacks credit and the other
   * has more of it. Where both lack it, the one that had some when the call began so takes what the
   * call emits; the other would pass its credit further with each call.
   */
  choose(hash: number): OutChannel | undefined {
    const first = firstCandidate(hash, this.#channels.length);
    const second = secondCandidate(hash, this.#channels.length);
    const isSecondLess = this.#sentTo(second) < this.#sentTo(first);
    const less = isSecondLess ? second : first;
    const more = isSecondLess ? first : second;
    this.#sent[less] = this.#sentTo(less) + 1;
    const room = this.#roomOf(less);
    if (room > 0 || room >= this.#roomOf(more)) return this.#channels[less];
    // What the other missed counts all the same, or it would get all of it at once later.
    this.#sent[more] = this.#sentTo(more) + 1;
    return this.#channels[more];
  }

  #sentTo(index: number): number {
    return this.#sent[index] ?? 0;
  }

  #roomOf(index: number): number {
    return this.#channels[index]?.headroom() ?? 0;
  }
}

/** The first of the two places below `count` for a hash (uint32); the same in each source. */
export function firstCandidate(hash: number, count: number): number {
  return mixed(hash, 0x9e3779b1) % count;
}

/** The second one; another than the first unless `count` is 1. */
export function secondCandidate(hash: number, count: number): number {
  if (count < 2) return 0;
  const step = 1 + (mixed(hash, 0x7feb352d) % (count - 1));
  return (firstCandidate(hash, count) + step) % count;
}

/** Another uint32 for each seed. */
function mixed(hash: number, seed: number): number {
  let bits = Math.imul(hash ^ seed, 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 15), 0x2c1b3c6d);
  bits = Math.imul(bits ^ (bits >>> 12), 0x297a2d39);
  return (bits ^ (bits >>> 15)) >>> 0;
}
