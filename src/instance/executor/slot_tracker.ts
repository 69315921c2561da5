/**
 * Follows a spout's tuples at least once: each takes a slot in the memory that
 * the gateway closes roots in, its copies carry keys, and the spout hears when
 * all of its tree was handled, or that it was not.
 */

import type { FailReason } from "../../api/mod.ts";
import { Fifo, HeronError, type Random } from "../../base/mod.ts";
import type { SystemConfig } from "../../base/config/mod.ts";
import { OUTCOME, PendingLimit, RootWriter, type SlotOpener } from "../../tuples/mod.ts";
import type { CopyRoots } from "./content.ts";
import type { Emitter } from "./emitter.ts";
import { randomHalf } from "./random_half.ts";
import type { StreamTallies } from "./stream_tallies.ts";
import type { SpoutPause } from "./spout_pause.ts";
import type { DoneTuple, SpoutEmission, Tracker } from "./tracker.ts";

/** Calls of a spout in one turn between two looks for tuples that are done. */
const CALLS_PER_LOOK = 16;
/** In place of a turn's time: no turn is under way. */
const NO_TURN = -1;

/** What a tracker is made of. */
export interface SlotTrackerOptions {
  readonly emitter: Emitter;
  readonly slots: SlotOpener;
  readonly pause: SpoutPause;
  /** The spout has an `ack` to be called. */
  readonly hearsAcks: boolean;
  readonly random: Random;
  readonly system: SystemConfig;
  readonly tallies: StreamTallies;
  /** The places of the task's streams. */
  readonly streams: ReadonlyMap<string, number>;
  /** The time now, on the clock that turns are given. */
  nowMs(): number;
  /** Waits, blocking, until `isReady`; false where nothing can wait. */
  waitFor(isReady: () => boolean): boolean;
}

/** A root in the making: the keys of its copies. */
class OpenRoot implements CopyRoots {
  readonly #slots: SlotOpener;
  readonly #random: Random;
  readonly #writer = new RootWriter();
  /** Its task and life are those of the batch. */
  readonly #root = { task: 0, epoch: 0, counter: 0, slot: 0, generation: 0 };
  #keys: Int32Array = new Int32Array(16);
  #copies = 0;

  constructor({ slots, random }: SlotTrackerOptions) {
    this.#slots = slots;
    this.#random = random;
  }

  /** A tuple is about to be emitted in `slot`. */
  begin(slot: number): void {
    this.#root.slot = slot;
    this.#root.generation = this.#slots.generationOf(slot);
    this.#copies = 0;
  }

  /** Nobody took a copy: the tuple is done. */
  get isUnread(): boolean {
    return this.#copies === 0;
  }

  prepare(copies: number): void {
    this.#copies = copies;
    // A sole copy has no key: who acks it says that it was all.
    if (copies === 1) return;
    if (this.#keys.length < 2 * copies) this.#keys = new Int32Array(4 * copies);
    for (let index = 0; index < 2 * copies; index++) this.#keys[index] = randomHalf(this.#random);
  }

  bytesOf(copy: number): Uint8Array {
    const writer = this.#writer;
    if (copy === 0) writer.clear();
    if (this.#copies === 1) writer.addSole(this.#root.slot, this.#root.generation);
    else this.#writeKeyed(copy);
    return writer.bytes;
  }

  #writeKeyed(copy: number): void {
    const low = this.#keys[2 * copy] ?? 0;
    const high = this.#keys[2 * copy + 1] ?? 0;
    if (copy === 0) this.#writer.add(this.#root, low, high);
    else this.#writer.setKey(0, low, high);
  }

  commit(): void {
    let low = 0;
    let high = 0;
    // The key of a sole copy stays here: its record says that it came without one.
    const keys = this.#copies > 1 ? this.#copies : 0;
    for (let copy = 0; copy < keys; copy++) {
      low ^= this.#keys[2 * copy] ?? 0;
      high ^= this.#keys[2 * copy + 1] ?? 0;
    }
    this.#slots.publish(this.#root.slot, low, high);
  }
}

/** The tracker of a spout task at least once. */
export class SlotTracker implements Tracker {
  readonly #options: SlotTrackerOptions;
  readonly #root: OpenRoot;
  readonly #limit: PendingLimit;
  /** By slot. */
  readonly #messageIds: unknown[] = [];
  readonly #openedAtMs: number[] = [];
  /** By slot, the place of its stream; undefined: there is only one. */
  readonly #streamOf: number[] | undefined;
  /** Tuples of which the spout is to hear; those that nobody reads are done as they are emitted. */
  readonly #acked = new Fifo<unknown>();
  readonly #failed = new Fifo<DoneTuple>();
  #hearsAcks: boolean;
  unheardAcks = 0;
  /** When the turn began; `NO_TURN`: its calls are over, and what is emitted asks the clock. */
  #nowMs = NO_TURN;
  /** So many calls of `next` may pass before the next look for what is done. */
  #looksAfter = 0;
  #isHeldUp = false;

  /** Follows the tuples of one task in `slots`. */
  constructor(options: SlotTrackerOptions) {
    this.#options = options;
    this.#root = new OpenRoot(options);
    this.#hearsAcks = options.hearsAcks;
    this.#streamOf = options.streams.size > 1 ? [] : undefined;
    const { system } = options;
    const ceiling = system.topologyMaxSpoutPending;
    this.#limit = new PendingLimit({
      start: Math.min(system.spoutPendingStart, ceiling),
      ceiling,
      timeoutMs: system.topologyMessageTimeoutSecs * 1000,
    });
  }

  hearAcks(): void {
    this.#hearsAcks = true;
  }

  get openCount(): number {
    return this.#options.slots.openCount + this.#acked.length + this.#failed.length;
  }

  get hasNews(): boolean {
    if (this.#options.slots.hasCompletion) return true;
    if (this.#acked.length > 0) return !this.#options.slots.isPaused;
    return (this.#isHeldUp || this.#failed.length > 0) && this.#isAllowed();
  }

  get checkAtMs(): number | undefined {
    // Only time lets a limit grow under which nothing is done.
    return this.#isHeldUp && !this.#isPaused ? this.#limit.dueMs : undefined;
  }

  /** For a loss, or for back pressure: two things that know nothing of each other. */
  get #isPaused(): boolean {
    const { slots, pause } = this.#options;
    return slots.isPaused || pause.isPaused;
  }

  #isAllowed(): boolean {
    return !this.#isPaused && this.#options.slots.openCount < this.#limit.limit;
  }

  mayCall(nowMs: number): boolean {
    this.#nowMs = nowMs;
    const { slots } = this.#options;
    if (!this.#isPaused && slots.openCount >= this.#limit.limit) {
      this.#limit.stalled(slots.openCount, nowMs, slots.lateCount);
    }
    this.#isHeldUp = !this.#isAllowed();
    return !this.#isHeldUp;
  }

  emit(stream: string, values: readonly unknown[], messageId: unknown): readonly number[] {
    const { emitter } = this.#options;
    if (messageId === undefined || messageId === null) return emitter.emit(stream, values);
    const slot = this.#open(messageId, stream);
    let emitted: readonly number[];
    try {
      emitted = emitter.emit(stream, values, this.#root);
    } catch (thrown) {
      throw this.#refused(slot, thrown);
    }
    this.#opened(slot, messageId);
    return emitted;
  }

  emitDirect(
    taskId: number,
    { stream, values, messageId }: SpoutEmission,
  ): readonly number[] {
    const { emitter } = this.#options;
    if (messageId === undefined || messageId === null) {
      return emitter.emitDirect(taskId, stream, { values });
    }
    const slot = this.#open(messageId, stream);
    let emitted: readonly number[];
    try {
      emitted = emitter.emitDirect(taskId, stream, { values, roots: this.#root });
    } catch (thrown) {
      throw this.#refused(slot, thrown);
    }
    this.#opened(slot, messageId);
    return emitted;
  }

  endTurn(): void {
    this.#nowMs = NO_TURN;
  }

  /**
   * When an emit is made: one of a promise, or of another callback, may come long after the last
   * turn, and one of `open` before the first.
   */
  get #emitMs(): number {
    return this.#nowMs === NO_TURN ? this.#options.nowMs() : this.#nowMs;
  }

  /** Takes a slot before the copies leave: the root may be done before the emit returns. */
  #open(messageId: unknown, stream: string): number {
    const slot = this.#takeSlot();
    this.#root.begin(slot);
    this.#messageIds[slot] = messageId;
    this.#openedAtMs[slot] = this.#emitMs;
    if (this.#streamOf !== undefined) {
      this.#streamOf[slot] = this.#options.streams.get(stream) ?? 0;
    }
    return slot;
  }

  /** What was not encoded has not left; past that, the copies are on their way. */
  #refused(slot: number, thrown: unknown): unknown {
    const { slots } = this.#options;
    if (!slots.isOpen(slot)) slots.free(slot);
    return thrown;
  }

  #opened(slot: number, messageId: unknown): void {
    const { slots } = this.#options;
    if (!this.#root.isUnread) {
      this.#limit.opened(slots.openCount, this.#emitMs);
      return;
    }
    slots.free(slot);
    this.#options.tallies.completed(this.#streamOf?.[slot] ?? 0, 1, 0);
    this.#done(messageId);
  }

  #done(messageId: unknown): void {
    if (this.#hearsAcks) this.#acked.push(messageId);
    else this.unheardAcks++;
  }

  #takeSlot(): number {
    const { slots, emitter, system, waitFor } = this.#options;
    const slot = slots.take();
    if (slot !== undefined) return slot;
    emitter.flush();
    // Nobody else frees the slots of what is done.
    const turnMs = this.#nowMs;
    const hasFree = waitFor(() => {
      this.#collect(this.#emitMs);
      this.#nowMs = turnMs;
      return slots.freeCount > 0;
    });
    if (hasFree) return slots.take() ?? this.#takeSlot();
    throw new HeronError(
      "limit",
      `Emit with a message id: found ${slots.openCount} open tuples after one call, ` +
        `expected at most ${system.topologyMaxSpoutPending} (topology.max.spout.pending)`,
    );
  }

  next(nowMs: number): DoneTuple | undefined {
    const { slots } = this.#options;
    // Within a turn now and then is enough, unless a call waits for it.
    if (--this.#looksAfter < 0 || nowMs !== this.#nowMs || slots.openCount >= this.#limit.limit) {
      this.#looksAfter = CALLS_PER_LOOK;
      this.#collect(nowMs);
    }
    if (slots.isPaused) return undefined;
    if (this.#acked.length > 0) return { messageId: this.#acked.shift(), failure: undefined };
    // A failure mostly leads to another emit, which is held as any: else what timed out for having
    // waited would only make the queue longer.
    return this.#failed.length > 0 && this.mayCall(nowMs) ? this.#failed.shift() : undefined;
  }

  /** Frees the slots of what is done, so that the limit sees it. */
  #collect(nowMs: number): void {
    this.#nowMs = nowMs;
    const { slots, tallies } = this.#options;
    // Roots opened in one turn are mostly done together: all of them are told of at once.
    let acked = 0;
    let latencyMs = 0;
    let stream = 0;
    while (slots.takeCompletion()) {
      const slot = slots.completedSlot;
      const messageId = this.#messageIds[slot];
      this.#messageIds[slot] = undefined;
      const ownMs = nowMs - (this.#openedAtMs[slot] ?? nowMs);
      const ownStream = this.#streamOf?.[slot] ?? 0;
      const isAcked = slots.completedOutcome === OUTCOME.acked;
      if (acked > 0 && (!isAcked || ownMs !== latencyMs || ownStream !== stream)) {
        this.#ackedAlike(acked, stream, latencyMs);
        acked = 0;
      }
      if (isAcked) {
        acked++;
        latencyMs = ownMs;
        stream = ownStream;
        this.#done(messageId);
      } else {
        tallies.lost(ownStream, ownMs, slots.completedOutcome === OUTCOME.timeout);
        this.#fail(messageId, ownMs);
      }
      slots.free(slot);
    }
    if (acked > 0) this.#ackedAlike(acked, stream, latencyMs);
  }

  /** So many tuples of one stream were acked, each after so many milliseconds. */
  #ackedAlike(tuples: number, stream: number, latencyMs: number): void {
    this.#limit.acked(tuples, latencyMs, this.#nowMs);
    this.#options.tallies.completed(stream, tuples, latencyMs);
  }

  #fail(messageId: unknown, latencyMs: number): void {
    const outcome = this.#options.slots.completedOutcome;
    this.#limit.completed(outcome, latencyMs, this.#nowMs);
    this.#failed.push({ messageId, failure: failureOf(outcome) });
  }
}

function failureOf(outcome: number): FailReason {
  switch (outcome) {
    case OUTCOME.failed:
      return "failed";
    case OUTCOME.timeout:
      return "timeout";
    default:
      return "lost";
  }
}
