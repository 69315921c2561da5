/**
 * A task's packets straight to the link of its gateway, in one thread. What the
 * link does not take waits here, in order, until the gateway fetches it; while
 * something waits, user code is not called.
 */

import { Fifo } from "../../base/mod.ts";
import type { Doorbell } from "../../tuples/mod.ts";
import type { RecordReader } from "../bridge.ts";
import type { DrainedSink } from "./executor.ts";

/** What a sink sends to. */
export interface LinkSinkOptions {
  /** Sends a frame at once; false: the link does not take it now. */
  send(bytes: Uint8Array, start: number, end: number): boolean;
  /** Rung when nothing waits any more. */
  readonly bell: Doorbell;
}

const NO_BYTES = new Uint8Array(0);

/** The sink of a task, and the gateway's way to what waits in it. */
export class LinkSink implements DrainedSink, RecordReader {
  bytes: Uint8Array = NO_BYTES;
  readonly start = 0;
  readonly #options: LinkSinkOptions;
  readonly #waiting = new Fifo<Uint8Array>();

  /** Nothing waits. */
  constructor(options: LinkSinkOptions) {
    this.#options = options;
  }

  write(bytes: Uint8Array, start: number, end: number): void {
    if (this.isEmpty && this.#options.send(bytes, start, end)) return;
    this.#waiting.push(bytes.slice(start, end));
  }

  hasRoom(): boolean {
    return this.isEmpty;
  }

  /** The gateway fetches what waits. */
  drain(): boolean {
    return this.isEmpty;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  take(): boolean {
    const frame = this.#waiting.first;
    if (frame === undefined) return false;
    this.bytes = frame;
    return true;
  }

  get end(): number {
    return this.bytes.length;
  }

  release(): void {
    this.#waiting.shift();
    if (this.#waiting.length > 0) return;
    this.bytes = NO_BYTES;
    this.#options.bell.ring();
  }
}
