/**
 * A simulated connection: frames go each way in order, after some time, while
 * the other side's kernel has room; the rest waits in the sender's queue. What
 * the kernel had of a process that ends still arrives, or a part of it; a cut
 * loses what is on the way, and each side hears of it in its own time.
 */

import type { Way } from "./interposer.ts";
import type { Closable, VirtualProcess } from "./virtual_process.ts";
import type { VirtualWorld } from "./virtual_world.ts";

/** Frames handed over in one go, at most. */
const FRAMES_MAX = 8;
/** How long news of an end may be on its way. */
const NEWS_DELAY_MAX_MS = 20;
/** How often the end of a process loses some of what its kernel had. */
const RESET_CHANCE = 0.3;

/** Who is told what a link brings. */
export interface LinkHandlers {
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
  readonly interpose?: (bytes: Uint8Array, way: Way) => readonly Uint8Array[];
  /** A frame will never arrive. */
  readonly lost: (bytes: Uint8Array) => void;
}

/** When the two ends hear of a cut, in ms from now; a write may tell earlier. */
export interface CutNews {
  readonly firstMs: number;
  readonly secondMs: number;
  /** A write after the cut is answered: the writer hears of it then. */
  readonly tellsWriter: boolean;
}

interface WireFrame {
  readonly bytes: Uint8Array;
  readonly arrivalMs: number;
}

/** One end of a link: sends, and receives for its process. */
export class LinkEnd implements Closable {
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
  #blockedUntilMs = 0;
  #isArrivalScheduled = false;
  #isDeliveryPosted = false;
  /** What is sent does not arrive. */
  #isCut = false;
  /** Nothing follows what is on the way. */
  #isFinished = false;
  #tellsWriter = false;
  #isClosed = false;

  /** The end for `side`; `join` must follow. */
  constructor(options: LinkOptions, side: LinkSide) {
    this.#options = options;
    this.#side = side;
  }

  /** Ties two ends together: both processes have the link open from now on. */
  static join(first: LinkEnd, second: LinkEnd): void {
    first.#other = second;
    second.#other = first;
    for (const end of [first, second]) end.#side.process.open.add(end);
  }

  /** Who has this end. */
  get process(): VirtualProcess {
    return this.#side.process;
  }

  /** The other end. */
  get other(): LinkEnd | undefined {
    return this.#other;
  }

  /** Bytes accepted and not yet taken by the kernel. */
  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /** The most `queuedBytes` has been. */
  get queuedBytesMax(): number {
    return this.#queuedBytesMax;
  }

  /** This end knows that the link has ended. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Something still comes through, or would. */
  get isAlive(): boolean {
    return !this.#isCut && !this.#isClosed && !this.#isFinished;
  }

  /** What the other end sends arrives after `timeMs`. */
  receiveAfter(timeMs: number): void {
    if (this.#other !== undefined) this.#other.#lastArrivalMs = timeMs;
  }

  /** Queues whole frames; they are copied. */
  sendFrame(bytes: Uint8Array, start: number, end: number): void {
    const frame = bytes.slice(start, end);
    const { interpose } = this.#options;
    if (interpose === undefined) this.#queue(frame);
    else for (const one of interpose(frame, this.#way)) this.#queue(one);
  }

  /** Frames leave one by one here, whatever they are written with. */
  cork(): void {}
  uncork(): void {}

  readonly #way: Way = {
    end: this,
    later: (bytes) => {
      const { world } = this.#options;
      world.at(world.nowMs(), () => this.#queue(bytes));
    },
  };

  /** Sends `frame` as it is. */
  #queue(frame: Uint8Array): void {
    if (this.#isClosed || this.process.isDead) {
      this.#options.lost(frame);
      return;
    }
    this.#outbox.push(frame);
    this.#queuedBytes += frame.length;
    this.#depart();
    this.#queuedBytesMax = Math.max(this.#queuedBytesMax, this.#queuedBytes);
    if (this.#isCut && this.#tellsWriter) this.closeIn(this.#newsDelayMs());
  }

  #depart(): void {
    const { world, quality } = this.#options;
    let departed = 0;
    for (const bytes of this.#outbox) {
      if (this.#wireBytes > 0 && this.#wireBytes + bytes.length > quality.kernelBytes) break;
      departed++;
      this.#queuedBytes -= bytes.length;
      this.#wireBytes += bytes.length;
      if (this.#isCut) {
        this.#options.lost(bytes);
        continue;
      }
      const takesMs = bytes.length / quality.bytesPerMs + world.delayMs(quality.latencyMaxMs);
      this.#lastArrivalMs = Math.max(
        this.#lastArrivalMs,
        this.#blockedUntilMs,
        world.nowMs() + takesMs,
      );
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
    const atMs = Math.max(next.arrivalMs, this.#blockedUntilMs);
    this.#options.world.at(atMs, () => this.#arrive());
  }

  #arrive(): void {
    this.#isArrivalScheduled = false;
    const nowMs = this.#options.world.nowMs();
    if (nowMs >= this.#blockedUntilMs) {
      let count = 0;
      while ((this.#wire[count]?.arrivalMs ?? Infinity) <= nowMs) count++;
      for (const { bytes } of this.#wire.slice(0, count)) this.#arrived.push(bytes);
      this.#wire = this.#wire.slice(count);
      this.#postDelivery();
    }
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
      if (receiver.#isClosed || receiver.process.isDead) this.#options.lost(bytes);
      else receiver.#side.handlers.frame(receiver, bytes);
    }
    this.#postDelivery();
    if (this.#isFinished) this.#tellFinished();
    if (this.#outbox.length === 0 || this.#isClosed || this.process.isDead) return;
    this.#depart();
    if (this.#outbox.length > 0 || this.#isCut) return;
    this.#side.process.post(() => {
      if (!this.#isClosed) this.#side.handlers.drained?.(this);
    });
  }

  /** Nothing that is sent from now on arrives, either way; each end hears of it in its own time. */
  cut(news: CutNews): void {
    const other = this.#other;
    if (other === undefined || !this.isAlive || !other.isAlive) return;
    for (const end of [this, other]) {
      end.#loseWire(0);
      end.#isCut = true;
      end.#tellsWriter = news.tellsWriter;
    }
    this.closeIn(news.firstMs);
    other.closeIn(news.secondMs);
  }

  /** Nothing arrives before `timeMs`, either way. */
  blockUntil(timeMs: number): void {
    for (const end of this.#ends()) end.#blockedUntilMs = Math.max(end.#blockedUntilMs, timeMs);
  }

  /** Loses what is on the way but the first `kept` frames, and what was not given to the kernel. */
  #loseWire(kept: number): void {
    for (const { bytes } of this.#wire.slice(kept)) this.#options.lost(bytes);
    this.#wire = this.#wire.slice(0, kept);
  }

  #loseOutbox(): void {
    for (const bytes of this.#outbox) this.#options.lost(bytes);
    this.#outbox = [];
    this.#queuedBytes = 0;
  }

  #newsDelayMs(): number {
    return this.#options.world.delayMs(NEWS_DELAY_MAX_MS);
  }

  /** This end hears in `delayMs` that the link has ended, unless it knows by then. */
  closeIn(delayMs: number): void {
    this.#options.world.after(delayMs, () => {
      this.#side.process.post(() => this.#closeNow());
    });
  }

  #closeNow(): void {
    if (this.#isClosed || this.process.isDead) return;
    this.#end();
    this.#side.handlers.closed(this);
  }

  /** Ends the link from this side, which hears of it at once. */
  close(): void {
    this.#closeNow();
  }

  /** Its process was killed. */
  processDied(): void {
    if (!this.#isClosed) this.#end();
  }

  /** This end is no more: what its kernel has arrives, maybe not all of it, then the end does. */
  #end(): void {
    const { world } = this.#options;
    this.#isClosed = true;
    this.process.open.delete(this);
    this.#loseOutbox();
    if (this.#isCut) return;
    const isReset = world.chance(RESET_CHANCE);
    this.#loseWire(isReset ? world.random.below(this.#wire.length + 1) : this.#wire.length);
    this.#isFinished = true;
    // What the other end has sent nobody reads.
    const other = this.#other;
    if (other !== undefined) {
      other.#loseWire(0);
      for (const bytes of other.#arrived) this.#options.lost(bytes);
      other.#arrived = [];
      other.#isCut = true;
    }
    this.#tellFinished();
  }

  /** When all has come, the other side hears of the end. */
  #tellFinished(): void {
    if (this.#arrived.length > 0 || this.#wire.length > 0) return;
    const { world } = this.#options;
    const delayMs = Math.max(this.#newsDelayMs(), this.#blockedUntilMs - world.nowMs());
    this.#other?.closeIn(delayMs);
  }

  #ends(): LinkEnd[] {
    return this.#other === undefined ? [this] : [this, this.#other];
  }
}

/** Opens a link between two sides; gives both ends. */
export function openLink(options: LinkOptions): readonly [first: LinkEnd, second: LinkEnd] {
  const first = new LinkEnd(options, options.first);
  const second = new LinkEnd(options, options.second);
  LinkEnd.join(first, second);
  return [first, second];
}
