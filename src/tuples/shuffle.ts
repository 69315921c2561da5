/** Shuffle and local-or-shuffle: any channel will do, so those with credit are preferred. */

import type { Random } from "../base/mod.ts";
import type { OutChannel } from "./out_channel.ts";

/** Two candidates of a shuffle differ in credit by at least this before order gives way, in bytes. */
const SHUFFLE_TOLERANCE_BYTES_MIN = 32 * 1024;

/** Deals tuples to channels in turn, past those without credit. */
export class Shuffle {
  readonly #channels: readonly OutChannel[];
  #cursor: number;

  /** Starts anywhere, so that many sources do not march in step. */
  constructor(channels: readonly OutChannel[], random: Random) {
    this.#channels = channels;
    this.#cursor = random.below(Math.max(1, channels.length));
  }

  /** The next channel; one without credit only if all are. */
  choose(): OutChannel | undefined {
    const channels = this.#channels;
    const first = this.#advance();
    if (channels.length < 2 || first === undefined) return first;
    const next = channels[this.#cursor] ?? first;
    const firstRoom = first.headroom();
    const nextRoom = next.headroom();
    // In turn, until one holds half a window more than the other.
    const toleranceBytes = Math.max(SHUFFLE_TOLERANCE_BYTES_MIN, first.windowBytes / 2);
    if (firstRoom > 0 && next.slack() - first.slack() <= toleranceBytes) return first;
    if (nextRoom > 0) return nextRoom > firstRoom ? next : first;
    return firstRoom > 0 ? first : this.#roomiest(first);
  }

  #advance(): OutChannel | undefined {
    const chosen = this.#channels[this.#cursor];
    this.#cursor = this.#cursor + 1 >= this.#channels.length ? 0 : this.#cursor + 1;
    return chosen;
  }

  #roomiest(fallback: OutChannel): OutChannel {
    let best = fallback;
    let bestRoom = fallback.headroom();
    for (const channel of this.#channels) {
      const room = channel.headroom();
      if (room > bestRoom) {
        best = channel;
        bestRoom = room;
      }
    }
    return best;
  }
}

/** Shuffles among the channels to the source's own container while one has credit, else among all. */
export class LocalFirst {
  readonly #local: Shuffle;
  readonly #all: Shuffle;

  /** There may be no local channel. */
  constructor(local: Shuffle, all: Shuffle) {
    this.#local = local;
    this.#all = all;
  }

  /** The next channel; one without credit only if all are. */
  choose(): OutChannel | undefined {
    const near = this.#local.choose();
    return near !== undefined && near.headroom() > 0 ? near : this.#all.choose();
  }
}
