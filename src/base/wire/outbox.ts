/**
 * What waits to be written to one socket. What is sent in one event-loop turn leaves in one
 * write at its end, or at once when `flushBytes` wait; what the kernel did not take waits for
 * `drain`. How much may wait is the sender's to bound, by `queuedBytes`.
 */

import { ByteQueue } from "./byte_queue.ts";

/** The writing end of a socket. */
export interface OutboxTarget {
  /** Gives bytes to the kernel; returns how many it took, less than 0 when the socket is closed. */
  write(bytes: Uint8Array, offset: number, length: number): number;
}

/** How an outbox writes. */
export interface OutboxOptions {
  readonly target: OutboxTarget;
  /** Bytes that are written at once, without waiting for the end of the turn. */
  readonly flushBytes: number;
  /** Has `run` called at the end of this turn. */
  atTurnEnd(run: () => void): void;
}

/** The bytes that wait for one socket. */
export class Outbox {
  readonly #queue = new ByteQueue();
  readonly #options: OutboxOptions;
  readonly #flushAtTurnEnd = (): void => {
    this.#scheduled = false;
    this.flush();
  };
  #scheduled = false;
  #corked = false;
  #blocked = false;
  #closed = false;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /** Bytes taken and not yet given to the kernel. */
  get queuedBytes(): number {
    return this.#queue.length;
  }

  /** Bytes of memory it takes. */
  get roomBytes(): number {
    return this.#queue.roomBytes;
  }

  /** If the kernel's buffer is full: nothing is written until `drained`. */
  get blocked(): boolean {
    return this.#blocked;
  }

  /** Takes `bytes[start, end)`; after `close` they are dropped. */
  append(bytes: Uint8Array, start: number, end: number): void {
    if (this.#closed) return;
    const { flushBytes, target } = this.#options;
    if (end - start >= flushBytes && this.#queue.length === 0 && !this.#blocked) {
      start += this.#took(target.write(bytes, start, end - start), end - start);
      if (start === end || this.#closed) return;
    }
    this.#queue.append(bytes, start, end);
    if (this.#blocked) return;
    if (this.#queue.length >= flushBytes) this.flush();
    else if (!this.#scheduled && !this.#corked) {
      this.#scheduled = true;
      this.#options.atTurnEnd(this.#flushAtTurnEnd);
    }
  }

  /** What comes until `uncork` does not ask for the end of the turn. */
  cork(): void {
    this.#corked = true;
  }

  /** Writes what waits, unless the kernel's buffer is full. */
  uncork(): void {
    this.#corked = false;
    this.flush();
  }

  /** Writes what waits, unless the kernel's buffer is full. */
  flush(): void {
    const queue = this.#queue;
    if (this.#blocked || queue.length === 0) return;
    const count = this.#options.target.write(queue.bytes, queue.head, queue.length);
    const taken = this.#took(count, queue.length);
    if (!this.#closed) queue.drop(taken);
  }

  /** The kernel has room again. Returns true when all that waited has left. */
  drained(): boolean {
    this.#blocked = false;
    this.flush();
    return !this.#blocked;
  }

  /** Drops what waits; nothing is taken any more. */
  close(): void {
    this.#closed = true;
    this.#queue.clear();
  }

  /** Gives memory back after a burst. */
  trim(): void {
    this.#queue.trim();
  }

  #took(count: number, offered: number): number {
    if (count < 0) this.close();
    else if (count < offered) this.#blocked = true;
    return Math.max(0, count);
  }
}
