/**
 * The receiving end of a channel: what came, what was handled, what was lost
 * on the way, and the limit to grant. Offsets are absolute, so a grant that is
 * lost, repeated or late does no harm.
 */

import type { BatchReader } from "./batch_reader.ts";
import type { TaskLife } from "./channel_header.ts";
import { PartialTuple } from "./partial_tuple.ts";

/** What a channel did with an offset that a batch or marker names. */
export type OffsetVerdict = "next" | "gap" | "repeated";

/** What both ends know of a channel from the plan, and whose place it takes. */
export interface InChannelOptions {
  /** How far past the handled offset the source is granted. */
  readonly windowBytes: number;
  /** The limit before any grant. */
  readonly initialBytes: number;
  /** The channel from an earlier life of the source: what it holds counts against this one's window. */
  readonly predecessor?: InChannel | undefined;
}

/** One source task as its destination sees it. */
export class InChannel {
  readonly sourceTask: number;
  readonly life: TaskLife;
  readonly #windowBytes: number;
  #predecessor: InChannel | undefined;
  #receivedBytes = 0;
  #handledBytes = 0;
  #goneBytes = 0;
  #skippedBytes = 0;
  #hasStarted = false;
  #grantedLimit: number;
  #isSynced = false;
  /** `end` came, or a `sync` that says so. */
  hasEnded = false;
  /** The last thing handled was `flush`: nothing came behind it. */
  isFlushed = false;
  /** What was handled has grown since the last look at whether a grant is due. */
  isTouched = false;
  /** The source is granted what a tuple in parts needs, however large. */
  isFavoured = false;
  #partial: PartialTuple | undefined;

  /** A channel of which nothing came yet. */
  constructor(source: { task: number; life: TaskLife }, options: InChannelOptions) {
    this.sourceTask = source.task;
    this.life = source.life;
    this.#windowBytes = options.windowBytes;
    this.#grantedLimit = options.initialBytes;
    this.#predecessor = options.predecessor;
  }

  /** Bytes received and not yet handled. */
  get heldBytes(): number {
    return this.#receivedBytes - this.#handledBytes;
  }

  /** Bytes that came, and those that never will. */
  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  /** Bytes that were sent and never came. */
  get goneBytes(): number {
    return this.#goneBytes;
  }

  /** Bytes that were sent before this task began to listen: to an earlier life of it, or into nothing. */
  get skippedBytes(): number {
    return this.#skippedBytes;
  }

  /** The newest limit that the source may have been told. */
  get grantedLimit(): number {
    return this.#grantedLimit;
  }

  /** The source said where it stands; before that a reborn receiver grants nothing. */
  get isSynced(): boolean {
    return this.#isSynced;
  }

  /** Compares `offset`, the bytes sent before, with what came; counts a gap as gone. */
  arrive(offset: number): OffsetVerdict {
    const isFirst = !this.#hasStarted;
    this.#hasStarted = true;
    if (offset === this.#receivedBytes) return "next";
    if (offset < this.#receivedBytes) return "repeated";
    const gone = offset - this.#receivedBytes;
    if (isFirst) this.#skippedBytes += gone;
    else this.#goneBytes += gone;
    this.#receivedBytes = offset;
    // What never comes is never handled: its credit is free at once.
    this.#handledBytes += gone;
    return "gap";
  }

  /** Counts what arrived: the runs of a batch and its cost. */
  receive(bytes: number): void {
    this.#receivedBytes += bytes;
  }

  /** Counts the same as handled. */
  handle(bytes: number): void {
    this.#handledBytes += bytes;
  }

  /** The tuple that comes in parts just now. */
  get partial(): PartialTuple | undefined {
    return this.#partial;
  }

  /** Of a tuple in parts some came, and nothing else of this channel waits to be handled. */
  get isStarvedByPartial(): boolean {
    return this.#partial !== undefined && this.#partial.creditBytes === this.heldBytes;
  }

  /**
   * Takes the part in `reader`, which must have been counted as received. Gives its tuple when that
   * is whole; "stray": the beginning of its tuple was lost.
   * @throws HeronError "protocol" when it does not fit its tuple
   */
  addPart(reader: BatchReader): PartialTuple | "more" | "stray" {
    if (reader.offset === reader.tupleOffset) this.#partial = new PartialTuple(reader);
    const partial = this.#partial;
    if (partial === undefined || !partial.isContinuedBy(reader)) return "stray";
    if (!partial.add(reader)) return "more";
    this.#partial = undefined;
    return partial;
  }

  /** Forgets the tuple that comes in parts: something of it was lost. Gives what it held of credit. */
  cutPartial(): number {
    const bytes = this.#partial?.creditBytes ?? 0;
    this.#partial = undefined;
    this.handle(bytes);
    return bytes;
  }

  /** The source's word on its offset: the next grant is due at once. */
  sync(offset: number): OffsetVerdict {
    this.#isSynced = true;
    return this.arrive(offset);
  }

  /** The limit to grant now, or undefined while too little has changed to say so. */
  nextLimit(isAsked: boolean): number | undefined {
    if (!this.#isSynced) return undefined;
    // A tuple larger than the window would never be whole if its parts counted until it is handled.
    const base = this.isFavoured && this.isStarvedByPartial
      ? this.#receivedBytes
      : this.#handledBytes;
    const limit = base + Math.max(0, this.#windowBytes - this.#inheritedBytes());
    const isDue = limit - this.#grantedLimit >= this.#windowBytes / 4;
    if (!isAsked && !isDue) return undefined;
    this.#grantedLimit = Math.max(limit, this.#grantedLimit);
    return this.#grantedLimit;
  }

  /** What earlier lives of the source have left to be handled. */
  #inheritedBytes(): number {
    const predecessor = this.#predecessor;
    if (predecessor === undefined) return 0;
    const bytes = predecessor.heldBytes + predecessor.#inheritedBytes();
    if (bytes === 0) this.#predecessor = undefined;
    return bytes;
  }
}
