/**
 * Routing at the source: which channels a tuple of a stream goes to, and
 * whether the source may be called at all. An edge is one subscription: all
 * tasks of one consumer, with the grouping that chooses among them.
 */

import type { Random } from "../base/mod.ts";
import type { GroupingDefinition } from "../api/mod.ts";
import { hashValues } from "./canonical_hash.ts";
import { indexOfKeyGroup, keyGroupOf } from "./key_groups.ts";
import type { OutChannel } from "./out_channel.ts";

/** Two candidates of a shuffle differ in credit by at least this before order gives way, in bytes. */
const SHUFFLE_TOLERANCE_BYTES_MIN = 32 * 1024;

/** Which tasks of a consumer must have credit before the source is called. */
type Need = "any" | "all";

/** One subscription to a stream. */
export class Edge {
  readonly grouping: GroupingDefinition["type"];
  /** Channels to the consumer's tasks, by ascending task id. */
  readonly channels: readonly OutChannel[];
  readonly #fieldIndexes: readonly number[];
  readonly #keyGroups: number;
  readonly #need: Need;
  readonly #grouped: unknown[];
  #cursor: number;
  #blockedChannels = 0;

  /** `fieldIndexes`: places of the grouping fields among the stream's fields. */
  constructor(options: {
    grouping: GroupingDefinition["type"];
    channels: readonly OutChannel[];
    fieldIndexes: readonly number[];
    keyGroups: number;
    random: Random;
  }) {
    this.grouping = options.grouping;
    this.channels = options.channels;
    this.#fieldIndexes = options.fieldIndexes;
    this.#keyGroups = options.keyGroups;
    this.#need = this.grouping === "shuffle" || this.grouping === "none" ? "any" : "all";
    this.#grouped = new Array(options.fieldIndexes.length);
    this.#cursor = options.random.below(Math.max(1, options.channels.length));
  }

  /** The one channel for `values`; undefined for groupings that choose none or many. */
  choose(values: readonly unknown[]): OutChannel | undefined {
    switch (this.grouping) {
      case "shuffle":
      case "none":
        return this.#shuffle();
      case "fields":
        return this.#byFields(values);
      case "global":
        return this.channels[0];
      case "all":
      case "direct":
        return undefined;
    }
  }

  #shuffle(): OutChannel | undefined {
    const channels = this.channels;
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
    const chosen = this.channels[this.#cursor];
    this.#cursor = this.#cursor + 1 >= this.channels.length ? 0 : this.#cursor + 1;
    return chosen;
  }

  #roomiest(fallback: OutChannel): OutChannel {
    let best = fallback;
    let bestRoom = fallback.headroom();
    for (const channel of this.channels) {
      const room = channel.headroom();
      if (room > bestRoom) {
        best = channel;
        bestRoom = room;
      }
    }
    return best;
  }

  #byFields(values: readonly unknown[]): OutChannel | undefined {
    const indexes = this.#fieldIndexes;
    // Where there is no choice, a string is not hashed; other values may be refused.
    if (this.channels.length === 1 && indexes.length === 1) {
      if (typeof values[indexes[0] ?? 0] === "string") return this.channels[0];
    }
    const grouped = this.#grouped;
    for (let index = 0; index < indexes.length; index++) {
      grouped[index] = values[indexes[index] ?? 0];
    }
    const group = keyGroupOf(hashValues(grouped), this.#keyGroups);
    return this.channels[indexOfKeyGroup(group, this.#keyGroups, this.channels.length)];
  }

  /** Whether a good part of the window of `channel` is free, or of another's that serves as well. */
  isServedBy(channel: OutChannel): boolean {
    return isRoomy(channel) || (this.#need === "any" && this.channels.some(isRoomy));
  }

  /** Counts a channel of this edge that lost (+1) or regained (−1) its credit; true when the edge's state flips. */
  countBlocked(change: 1 | -1): boolean {
    const before = this.isStalled;
    this.#blockedChannels += change;
    return before !== this.isStalled;
  }

  /** No call is allowed that may need this edge. */
  get isStalled(): boolean {
    if (this.#need === "all") return this.#blockedChannels > 0;
    return this.#blockedChannels > 0 && this.#blockedChannels === this.channels.length;
  }
}

/**
 * Grants come when a quarter of the window was handled: this is so after two of them, about when
 * half of it is free.
 */
function isRoomy(channel: OutChannel): boolean {
  return channel.headroom() >= channel.windowBytes * 3 / 8;
}

/** Keeps count of channels without credit and of the edges they stall. */
export class CreditGate {
  readonly #edgesOf: ReadonlyMap<OutChannel, readonly Edge[]>;
  readonly #blocked: OutChannel[] = [];
  #stalledEdges = 0;

  /** Watches all channels of `edges`. */
  constructor(edges: readonly Edge[]) {
    const edgesOf = new Map<OutChannel, Edge[]>();
    for (const edge of edges) {
      for (const channel of edge.channels) {
        const list = edgesOf.get(channel);
        if (list === undefined) edgesOf.set(channel, [edge]);
        else list.push(edge);
      }
    }
    this.#edgesOf = edgesOf;
  }

  /** To be called when a channel's headroom fell to 0 or less. */
  block(channel: OutChannel): void {
    if (channel.isBlocked) return;
    channel.isBlocked = true;
    this.#blocked.push(channel);
    for (const edge of this.#edgesOf.get(channel) ?? []) {
      if (edge.countBlocked(1)) this.#stalledEdges++;
    }
  }

  /** Whether the source may be called now; looks at the limits again. */
  hasCredit(): boolean {
    if (this.#blocked.length === 0) return true;
    let kept = 0;
    for (const channel of this.#blocked) {
      if (channel.headroom() > 0) this.#unblock(channel);
      else this.#blocked[kept++] = channel;
    }
    this.#blocked.length = kept;
    return this.#stalledEdges === 0;
  }

  /** Whether none of the edges of `channel` waits for credit, nor will soon. */
  isServed(channel: OutChannel): boolean {
    return this.#edgesOf.get(channel)?.every((edge) => edge.isServedBy(channel)) !== false;
  }

  /** The channels without credit for which the source may not be called. */
  stalledBy(): OutChannel[] {
    return this.#blocked.filter((channel) =>
      this.#edgesOf.get(channel)?.some((edge) => edge.isStalled) === true
    );
  }

  #unblock(channel: OutChannel): void {
    channel.isBlocked = false;
    for (const edge of this.#edgesOf.get(channel) ?? []) {
      if (edge.countBlocked(-1)) this.#stalledEdges--;
    }
  }
}
