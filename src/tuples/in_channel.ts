/**
 * The receiving end of a channel: what came, what was handled, what was lost
 * on the way, and the limit to grant. Offsets are absolute, so a grant that is
 * lost, repeated or late does no harm.
 */

import type { TaskLife } from "./channel_header.ts";

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

  /** The source's word on its offset: the next grant is due at once. */
  sync(offset: number): void {
    this.arrive(offset);
    this.#isSynced = true;
  }

  /** The limit to grant now, or undefined while too little has changed to say so. */
  nextLimit(isAsked: boolean): number | undefined {
    if (!this.#isSynced) return undefined;
    const limit = this.#handledBytes + Math.max(0, this.#windowBytes - this.#inheritedBytes());
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
