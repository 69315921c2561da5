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
import { PartialKey } from "./partial_key.ts";
import { LocalFirst, Shuffle } from "./shuffle.ts";

/**
 * How many tasks of a consumer may lack credit while the source is called: those of which any will
 * do, all but one; with two candidates for each key, one; else none.
 */
function blockedMax(grouping: GroupingDefinition["type"], tasks: number): number {
  switch (grouping) {
    case "shuffle":
    case "localOrShuffle":
    case "none":
      return Math.max(0, tasks - 1);
    case "partialKey":
      return tasks > 1 ? 1 : 0;
    case "fields":
    case "global":
    case "all":
    case "direct":
    case "custom":
      return 0;
  }
}

/** What an edge is made of. */
export interface EdgeOptions {
  readonly grouping: GroupingDefinition["type"];
  /** To the consumer's tasks, by ascending task id. */
  readonly channels: readonly OutChannel[];
  /** Those of them that stay in the source's container. @default none */
  readonly local?: readonly OutChannel[];
  /** Places of the grouping fields among the stream's fields. */
  readonly fieldIndexes: readonly number[];
  readonly keyGroups: number;
  readonly random: Random;
  /** What to throw for `values` whose grouping fields cannot be hashed. @default what was thrown */
  refused?(thrown: unknown, values: readonly unknown[]): unknown;
  /** What a custom grouping chooses for `values`. @default nothing */
  custom?(values: readonly unknown[]): readonly OutChannel[];
}

/** One subscription to a stream. */
export class Edge {
  readonly grouping: GroupingDefinition["type"];
  /** Channels to the consumer's tasks, by ascending task id. */
  readonly channels: readonly OutChannel[];
  readonly #fieldIndexes: readonly number[];
  readonly #keyGroups: number;
  readonly #blockedMax: number;
  readonly #grouped: unknown[];
  readonly #shuffle: Shuffle;
  readonly #localFirst: LocalFirst | undefined;
  readonly #partialKey: PartialKey | undefined;
  readonly #custom: EdgeOptions["custom"];
  readonly #refused: EdgeOptions["refused"];
  #blockedChannels = 0;

  /** Nothing is sent yet, and all channels have credit. */
  constructor(options: EdgeOptions) {
    this.grouping = options.grouping;
    this.channels = options.channels;
    this.#fieldIndexes = options.fieldIndexes;
    this.#keyGroups = options.keyGroups;
    this.#blockedMax = blockedMax(this.grouping, this.channels.length);
    this.#grouped = new Array(options.fieldIndexes.length);
    this.#shuffle = new Shuffle(options.channels, options.random);
    if (this.grouping === "localOrShuffle") {
      const local = new Shuffle(options.local ?? [], options.random);
      this.#localFirst = new LocalFirst(local, this.#shuffle);
    }
    if (this.grouping === "partialKey") this.#partialKey = new PartialKey(options.channels);
    this.#custom = options.custom;
    this.#refused = options.refused;
  }

  /** Whether each tuple goes to one channel, so that `choose` tells it. */
  get choosesOne(): boolean {
    return this.grouping !== "all" && this.grouping !== "direct" && this.grouping !== "custom";
  }

  /** Adds all channels for `values` to `chosen`. */
  addChosen(values: readonly unknown[], chosen: OutChannel[]): void {
    if (this.grouping === "all") chosen.push(...this.channels);
    else if (this.grouping === "custom") chosen.push(...this.#custom?.(values) ?? []);
    else {
      const channel = this.choose(values);
      if (channel !== undefined) chosen.push(channel);
    }
  }

  /** The one channel for `values`; undefined for groupings that choose none or many. */
  choose(values: readonly unknown[]): OutChannel | undefined {
    switch (this.grouping) {
      case "shuffle":
      case "none":
        return this.#shuffle.choose();
      case "fields":
        return this.#byFields(values);
      case "global":
        return this.channels[0];
      case "localOrShuffle":
        return this.#localFirst?.choose();
      case "partialKey":
        return this.#partialKey?.choose(this.#hash(values));
      case "all":
      case "direct":
      case "custom":
        return undefined;
    }
  }

  #byFields(values: readonly unknown[]): OutChannel | undefined {
    const indexes = this.#fieldIndexes;
    // Where there is no choice, a string is not hashed; other values may be refused.
    if (this.channels.length === 1 && indexes.length === 1) {
      if (typeof values[indexes[0] ?? 0] === "string") return this.channels[0];
    }
    const group = keyGroupOf(this.#hash(values), this.#keyGroups);
    return this.channels[indexOfKeyGroup(group, this.#keyGroups, this.channels.length)];
  }

  #hash(values: readonly unknown[]): number {
    const indexes = this.#fieldIndexes;
    const grouped = this.#grouped;
    for (let index = 0; index < indexes.length; index++) {
      grouped[index] = values[indexes[index] ?? 0];
    }
    try {
      return hashValues(grouped);
    } catch (thrown) {
      throw this.#refused === undefined ? thrown : this.#refused(thrown, values);
    }
  }

  /** Whether a good part of the window of `channel` is free, or of another's that serves as well. */
  isServedBy(channel: OutChannel): boolean {
    if (isRoomy(channel)) return true;
    if (this.#blockedMax === 0) return false;
    let tight = 0;
    for (const other of this.channels) if (!isRoomy(other)) tight++;
    return tight <= this.#blockedMax;
  }

  /** Counts a channel of this edge that lost (+1) or regained (−1) its credit; true when the edge's state flips. */
  countBlocked(change: 1 | -1): boolean {
    const before = this.isStalled;
    this.#blockedChannels += change;
    return before !== this.isStalled;
  }

  /** No call is allowed that may need this edge. */
  get isStalled(): boolean {
    return this.#blockedChannels > this.#blockedMax;
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
