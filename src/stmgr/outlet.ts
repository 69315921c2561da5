/**
 * Where frames for a local task or a peer stream manager go: straight to its
 * link, or, while there is none, into a queue that credit bounds. Acks that a link
 * is too slow for wait merged, and slots bound them.
 */

import { AckMerger } from "../tuples/mod.ts";

/** What the cores need of a connection; `wire.Connection` and the simulator's links are such. */
export interface Link {
  /** Queues whole frames; they are copied. */
  sendFrame(bytes: Uint8Array, start: number, end: number): void;
  /** Ends the link. */
  close(reason?: string): void;
  /** Bytes accepted and not yet taken by the other side. */
  readonly queuedBytes: number;
}

/** A frame inside received bytes: `start` at its length, `bodyStart` at the body of its oneof. */
export interface FrameView {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly bodyStart: number;
  readonly end: number;
}

/** A destination of frames. */
export class Outlet {
  readonly #ackQueueBytes: number;
  #link: Link | undefined;
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #acks: AckMerger | undefined;
  #packets = 0;
  #bytes = 0;

  /** @param ackQueueBytes with more in the link's queue, acks wait and are merged */
  constructor(ackQueueBytes: number) {
    this.#ackQueueBytes = ackQueueBytes;
  }

  /** Frames taken so far. */
  get packets(): number {
    return this.#packets;
  }

  /** Bytes taken so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Bytes that wait, for a link or in its queue. */
  get waitingBytes(): number {
    return this.heldBytes + (this.#link?.queuedBytes ?? 0);
  }

  /** The link in use. */
  get link(): Link | undefined {
    return this.#link;
  }

  /** Bytes that are held back: frames for a link that is down, and merged acks. */
  get heldBytes(): number {
    return this.#heldBytes + (this.#acks?.bytes ?? 0);
  }

  /** Sends a frame, or holds it. */
  send(bytes: Uint8Array, start: number, end: number): void {
    this.#packets++;
    this.#bytes += end - start;
    if (this.#link !== undefined) {
      this.#link.sendFrame(bytes, start, end);
      return;
    }
    this.#held.push(bytes.slice(start, end));
    this.#heldBytes += end - start;
  }

  /** Sends a control packet, in order with the frames; it is not held, nor counted. */
  tell(frame: Uint8Array): void {
    this.#link?.sendFrame(frame, 0, frame.length);
  }

  /** Sends a frame of acks, or merges it into those that wait. */
  sendAcks({ bytes, start, bodyStart, end }: FrameView): void {
    // What waits goes first: it has waited longer, and the link may be quicker now.
    this.drained();
    const isIdle = this.#acks === undefined || this.#acks.isEmpty;
    if (isIdle && this.#hasRoom) {
      this.send(bytes, start, end);
      return;
    }
    this.#packets++;
    this.#bytes += end - start;
    this.#acks ??= new AckMerger();
    this.#acks.takeBody(bytes, bodyStart, end);
  }

  get #hasRoom(): boolean {
    return this.#link !== undefined && this.#link.queuedBytes <= this.#ackQueueBytes;
  }

  /** The link has taken what waited for it: acks that were kept back go. */
  drained(): void {
    const link = this.#link;
    if (link === undefined || this.#acks === undefined || !this.#hasRoom) return;
    this.#acks.drain({ write: (bytes, start, end) => link.sendFrame(bytes, start, end) });
  }

  /** Uses `link` from now on; what was held goes first. */
  attach(link: Link): void {
    this.#link = link;
    for (const frame of this.#held) link.sendFrame(frame, 0, frame.length);
    this.#held = [];
    this.#heldBytes = 0;
    this.drained();
  }

  /** `link` has ended. False when it was not the one in use. */
  detach(link: Link): boolean {
    if (this.#link !== link) return false;
    this.#link = undefined;
    return true;
  }
}
