/**
 * What becomes of the tuples that a spout emits with a message id. At most
 * once they are acked by the instance itself, right after; at least once their
 * trees are followed.
 */

import type { FailReason } from "../../api/mod.ts";
import type { Emitter } from "./emitter.ts";
import type { SpoutPause } from "./spout_pause.ts";

/** What a spout emits to one task. */
export interface SpoutEmission {
  readonly stream: string;
  readonly values: readonly unknown[];
  /** Undefined or null: the tuple is not tracked. */
  readonly messageId: unknown;
}

/** A tuple that is done: its spout is to hear of it. */
export interface DoneTuple {
  readonly messageId: unknown;
  /** Undefined: it was acked. */
  readonly failure: FailReason | undefined;
}

/** Follows the tuples of one spout task. */
export interface Tracker {
  /** Emits to all that the stream's groupings choose; without a message id the tuple is not followed. */
  emit(stream: string, values: readonly unknown[], messageId: unknown): readonly number[];
  /** Emits to one task. */
  emitDirect(taskId: number, emission: SpoutEmission): readonly number[];
  /** Whether `nextTuple` may be called as far as open tuples and back pressure go. */
  mayCall(nowMs: number): boolean;
  /** When `mayCall` may change though nothing comes; undefined: never. */
  readonly checkAtMs: number | undefined;
  /** The next tuple that its spout is to hear of; it is told once. */
  next(nowMs: number): DoneTuple | undefined;
  /** The calls of this turn are over; what is emitted before the next one is at a time of its own. */
  endTurn(): void;
  /** The spout is to hear of acks, though it has no `ack`. */
  hearAcks(): void;
  /** Tuples acked of which a spout without `ack` did not hear. */
  readonly unheardAcks: number;
  /** Tuples of which the spout has not heard yet. */
  readonly openCount: number;
  /** Something is there that was not when a call was refused, or `next` gave nothing. */
  readonly hasNews: boolean;
}

/** Acks each tuple when its emit has returned. */
export class ImmediateTracker implements Tracker {
  readonly #emitter: Emitter;
  readonly #pause: SpoutPause;
  readonly #told: (stream: string) => void;
  readonly #done: unknown[] = [];
  readonly checkAtMs = undefined;
  readonly unheardAcks = 0;

  /** Emits by `emitter`, unless paused; `told` is told of the stream of each tuple that is tracked. */
  constructor(emitter: Emitter, pause: SpoutPause, told: (stream: string) => void) {
    this.#told = told;
    this.#emitter = emitter;
    this.#pause = pause;
  }

  /** It keeps no times. */
  endTurn(): void {}

  /** It hears of them anyhow. */
  hearAcks(): void {}

  get openCount(): number {
    return this.#done.length;
  }

  get hasNews(): boolean {
    return this.#done.length > 0;
  }

  emit(stream: string, values: readonly unknown[], messageId: unknown): readonly number[] {
    const tasks = this.#emitter.emit(stream, values);
    this.#track(messageId, stream);
    return tasks;
  }

  emitDirect(
    taskId: number,
    { stream, values, messageId }: SpoutEmission,
  ): readonly number[] {
    const tasks = this.#emitter.emitDirect(taskId, stream, { values });
    this.#track(messageId, stream);
    return tasks;
  }

  #track(messageId: unknown, stream: string): void {
    if (messageId === undefined || messageId === null) return;
    this.#done.push(messageId);
    this.#told(stream);
  }

  mayCall(): boolean {
    return !this.#pause.isPaused;
  }

  next(): DoneTuple | undefined {
    if (this.#done.length === 0) return undefined;
    return { messageId: this.#done.shift(), failure: undefined };
  }
}
