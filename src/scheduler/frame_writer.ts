/**
 * Writes packets as frames to a pipe, in order. Whoever writes waits while too much is on
 * its way, so a reader that stands still costs no memory.
 */

import { type Clock, HeronError, nextTurn } from "../base/mod.ts";
import { encodeFrame, type PacketInit } from "../base/wire/mod.ts";

/** The writing end of a pipe. */
export interface FrameSink {
  write(bytes: Uint8Array): unknown;
  /** Resolves when the kernel has all that was written; rejects when nobody reads any more. */
  flush(): unknown;
}

/** Options of `FrameWriter`. */
export interface FrameWriterOptions {
  readonly sink: FrameSink;
  /** Bytes on their way above which `write` waits. */
  readonly queueBytesMax: number;
  readonly clock: Clock;
  /** Nobody reads any more; called once. */
  onBroken(error: HeronError): void;
}

/** Writes to one pipe. */
export class FrameWriter {
  readonly #options: FrameWriterOptions;
  #frames: Uint8Array[] = [];
  #queuedBytes = 0;
  #room = Promise.withResolvers<void>();
  #running: Promise<void> | undefined;
  #movedMs: number;
  #broken = false;

  constructor(options: FrameWriterOptions) {
    this.#options = options;
    this.#movedMs = options.clock.nowMs();
  }

  /** Bytes that the kernel has not taken. */
  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /** Time in milliseconds for which nothing was on its way; 0 while something is. */
  get idleMs(): number {
    return this.#queuedBytes > 0 ? 0 : this.#options.clock.nowMs() - this.#movedMs;
  }

  /** Writes a packet; resolves when more may be written. What nobody reads is dropped. */
  async write(packet: PacketInit): Promise<void> {
    if (this.#broken) return;
    const frame = encodeFrame(packet);
    this.#frames.push(frame);
    this.#queuedBytes += frame.length;
    this.#running ??= this.#run();
    if (this.#queuedBytes > this.#options.queueBytesMax) await this.#room.promise;
  }

  /** Resolves when the kernel has all that was written, or nobody reads any more. */
  async flushed(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  async #run(): Promise<void> {
    const { sink, queueBytesMax, clock, onBroken } = this.#options;
    // What one turn brings leaves in one flush.
    await nextTurn();
    try {
      while (this.#frames.length > 0) {
        const frames = this.#frames;
        this.#frames = [];
        let bytes = 0;
        for (const frame of frames) {
          sink.write(frame);
          bytes += frame.length;
        }
        await sink.flush();
        this.#queuedBytes -= bytes;
        this.#movedMs = clock.nowMs();
        if (this.#queuedBytes <= queueBytesMax) this.#giveRoom();
      }
    } catch (thrown) {
      this.#broken = true;
      this.#frames = [];
      this.#queuedBytes = 0;
      this.#giveRoom();
      onBroken(HeronError.from(thrown, "Write to the command line's pipe"));
    }
    this.#running = undefined;
  }

  #giveRoom(): void {
    this.#room.resolve();
    this.#room = Promise.withResolvers();
  }
}
