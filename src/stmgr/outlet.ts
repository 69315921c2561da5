/**
 * Where frames for a local task or a peer stream manager go: straight to its
 * link, or, while there is none, into a queue that credit bounds.
 */

/** What the cores need of a connection; `wire.Connection` and the simulator's links are such. */
export interface Link {
  /** Queues whole frames; they are copied. */
  sendFrame(bytes: Uint8Array, start: number, end: number): void;
  /** Ends the link. */
  close(reason?: string): void;
  /** Bytes accepted and not yet taken by the other side. */
  readonly queuedBytes: number;
}

/** A destination of frames. */
export class Outlet {
  #link: Link | undefined;
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #packets = 0;
  #bytes = 0;

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
    return this.#heldBytes + (this.#link?.queuedBytes ?? 0);
  }

  /** The link in use. */
  get link(): Link | undefined {
    return this.#link;
  }

  /** Bytes that wait for a link. */
  get heldBytes(): number {
    return this.#heldBytes;
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

  /** Uses `link` from now on; what was held goes first. An older link is closed. */
  attach(link: Link): void {
    const older = this.#link;
    this.#link = link;
    if (older !== undefined && older !== link) older.close("Replaced by a newer connection");
    for (const frame of this.#held) link.sendFrame(frame, 0, frame.length);
    this.#held = [];
    this.#heldBytes = 0;
  }

  /** `link` has ended. False when it was not the one in use. */
  detach(link: Link): boolean {
    if (this.#link !== link) return false;
    this.#link = undefined;
    return true;
  }
}
