/**
 * A simulated connection: frames go each way in order, after some time, while
 * the other side's kernel has room; the rest waits in the sender's queue. A
 * cut loses what is on the way, and each side hears of it in its own time.
 */

import type { SendLater } from "./interposer.ts";
import type { VirtualProcess } from "./virtual_process.ts";
import type { VirtualWorld } from "./virtual_world.ts";

/** Frames handed over in one go, at most. */
const FRAMES_MAX = 8;
/** How long a side may take to hear of an opened or ended link. */
const NEWS_DELAY_MAX_MS = 20;

/** Who is told what a link brings. */
export interface LinkHandlers {
  opened(end: LinkEnd): void;
  frame(end: LinkEnd, bytes: Uint8Array): void;
  drained?(end: LinkEnd): void;
  closed(end: LinkEnd): void;
}

/** A side of a link. */
export interface LinkSide {
  readonly process: VirtualProcess;
  readonly handlers: LinkHandlers;
}

/** How good a link is. */
export interface LinkQuality {
  readonly latencyMaxMs: number;
  readonly bytesPerMs: number;
  /** What is on the way or unread by the other side before the sender's queue grows. */
  readonly kernelBytes: number;
}

/** What a link is made of. */
export interface LinkOptions {
  readonly world: VirtualWorld;
  readonly first: LinkSide;
  readonly second: LinkSide;
  readonly quality: LinkQuality;
  /** Sees a frame before it is sent; gives what is sent in its place. */
  readonly interpose?: (end: LinkEnd, bytes: Uint8Array, later: SendLater) => readonly Uint8Array[];
  /** A frame will never arrive. */
  readonly lost: (bytes: Uint8Array) => void;
}

interface WireFrame {
  readonly bytes: Uint8Array;
  readonly arrivalMs: number;
}

/** One end of a link: sends, and receives for its process. */
export class LinkEnd {
  readonly #options: LinkOptions;
  readonly #side: LinkSide;
  #other: LinkEnd | undefined;
  #outbox: Uint8Array[] = [];
  #queuedBytes = 0;
  #queuedBytesMax = 0;
  #wire: WireFrame[] = [];
  #wireBytes = 0;
  #arrived: Uint8Array[] = [];
  #lastArrivalMs = 0;
  #isArrivalScheduled = false;
  #isDeliveryPosted = false;
  #isCut = false;
  #isClosed = false;

  /** The end for `side`; `join` must follow. */
  constructor(options: LinkOptions, side: LinkSide) {
    this.#options = options;
    this.#side = side;
  }

  /** Ties two ends together and opens the link. */
  static join(first: LinkEnd, second: LinkEnd): void {
    first.#other = second;
    second.#other = first;
    first.#open();
    second.#open();
  }

  #open(): void {
    const { world } = this.#options;
    const openMs = world.nowMs() + world.delayMs(NEWS_DELAY_MAX_MS);
    // What the other end sends arrives after this end knows of the link.
    if (this.#other !== undefined) this.#other.#lastArrivalMs = openMs;
    world.at(openMs, () => {
      this.#side.process.post(() => {
        if (!this.#isClosed) this.#side.handlers.opened(this);
      });
    });
  }

  /** Who has this end. */
  get process(): VirtualProcess {
    return this.#side.process;
  }

  /** Bytes accepted and not yet taken by the kernel. */
  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /** The most `queuedBytes` has been. */
  get queuedBytesMax(): number {
    return this.#queuedBytesMax;
  }

  /** The link was cut or this end closed it. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Queues whole frames; they are copied. */
  sendFrame(bytes: Uint8Array, start: number, end: number): void {
    const frame = bytes.slice(start, end);
    const { interpose } = this.#options;
    if (interpose === undefined) this.#queue(frame);
    else for (const one of interpose(this, frame, this.#later)) this.#queue(one);
  }

  readonly #later = (bytes: Uint8Array): void => {
    const { world } = this.#options;
    world.at(world.nowMs(), () => this.#queue(bytes));
  };

  /** Sends `frame` as it is. */
  #queue(frame: Uint8Array): void {
    if (this.#isCut || this.#isClosed) {
      this.#options.lost(frame);
      return;
    }
    this.#outbox.push(frame);
    this.#queuedBytes += frame.length;
    this.#depart();
    this.#queuedBytesMax = Math.max(this.#queuedBytesMax, this.#queuedBytes);
  }

  #depart(): void {
    const { world, quality } = this.#options;
    let departed = 0;
    for (const bytes of this.#outbox) {
      if (this.#wireBytes > 0 && this.#wireBytes + bytes.length > quality.kernelBytes) break;
      departed++;
      this.#queuedBytes -= bytes.length;
      this.#wireBytes += bytes.length;
      const takesMs = bytes.length / quality.bytesPerMs + world.delayMs(quality.latencyMaxMs);
      this.#lastArrivalMs = Math.max(this.#lastArrivalMs, world.nowMs() + takesMs);
      this.#wire.push({ bytes, arrivalMs: this.#lastArrivalMs });
    }
    if (departed === 0) return;
    this.#outbox = this.#outbox.slice(departed);
    this.#scheduleArrival();
  }

  #scheduleArrival(): void {
    const next = this.#wire[0];
    if (next === undefined || this.#isArrivalScheduled) return;
    this.#isArrivalScheduled = true;
    this.#options.world.at(next.arrivalMs, () => this.#arrive());
  }

  #arrive(): void {
    this.#isArrivalScheduled = false;
    const nowMs = this.#options.world.nowMs();
    let count = 0;
    while ((this.#wire[count]?.arrivalMs ?? Infinity) <= nowMs) count++;
    for (const { bytes } of this.#wire.slice(0, count)) this.#arrived.push(bytes);
    this.#wire = this.#wire.slice(count);
    this.#postDelivery();
    this.#scheduleArrival();
  }

  #postDelivery(): void {
    if (this.#isDeliveryPosted || this.#arrived.length === 0) return;
    this.#isDeliveryPosted = true;
    this.#other?.process.post(() => this.#deliver());
  }

  /** Hands what arrived to the other side. */
  #deliver(): void {
    this.#isDeliveryPosted = false;
    const receiver = this.#other;
    if (receiver === undefined) return;
    const count = 1 + this.#options.world.random.below(FRAMES_MAX);
    const frames = this.#arrived.splice(0, count);
    for (const bytes of frames) {
      this.#wireBytes -= bytes.length;
      if (receiver.#isClosed) this.#options.lost(bytes);
      else receiver.#side.handlers.frame(receiver, bytes);
    }
    this.#postDelivery();
    if (this.#outbox.length === 0) return;
    this.#depart();
    if (this.#outbox.length > 0 || this.#isCut) return;
    this.#side.process.post(() => {
      if (!this.#isClosed) this.#side.handlers.drained?.(this);
    });
  }

  /** Ends the link: what is on the way is lost, and each side hears of it later. */
  cut(): void {
    for (const end of this.#ends()) end.#cutHalf();
    for (const end of this.#ends()) end.#tellClosed();
  }

  #cutHalf(): void {
    if (this.#isCut) return;
    this.#isCut = true;
    for (const bytes of this.#outbox) this.#options.lost(bytes);
    for (const { bytes } of this.#wire) this.#options.lost(bytes);
    this.#outbox = [];
    this.#wire = [];
    this.#queuedBytes = 0;
  }

  #tellClosed(): void {
    const { world } = this.#options;
    world.after(world.delayMs(NEWS_DELAY_MAX_MS), () => {
      this.#side.process.post(() => this.#closeNow());
    });
  }

  #closeNow(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#side.handlers.closed(this);
  }

  /** Ends the link from this side, which hears of it at once. */
  close(): void {
    if (this.#isClosed) return;
    for (const end of this.#ends()) end.#cutHalf();
    this.#closeNow();
    for (const end of this.#ends()) end.#tellClosed();
  }

  #ends(): LinkEnd[] {
    return this.#other === undefined ? [this] : [this, this.#other];
  }
}

/** Opens a link between two sides; gives the first one's end. */
export function openLink(options: LinkOptions): LinkEnd {
  const first = new LinkEnd(options, options.first);
  const second = new LinkEnd(options, options.second);
  LinkEnd.join(first, second);
  return first;
}
