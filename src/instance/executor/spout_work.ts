/**
 * Drives a spout: `nextTuple` until the input ends, with a wait when nothing
 * was emitted. At most once, a tuple with a message id is acked by the
 * instance itself right after (as in Heron).
 */

import type { ISpout, MaybePromise, SpoutOutputCollector } from "../../api/mod.ts";
import { HeronError } from "../../base/mod.ts";
import type { Work, WorkOptions } from "./work.ts";

/** What a spout is driven with. */
export interface SpoutWorkOptions extends WorkOptions {
  readonly spout: ISpout;
  /** A cycle that this spout's tuples can reach, as text; undefined: there is none. */
  readonly cycle: string | undefined;
}

/** The work of a spout task. */
export class SpoutWork implements Work {
  readonly #options: SpoutWorkOptions;
  #isEndAsked = false;
  #wakeAtMs: number | undefined;
  #emittedBefore = 0;
  #toAck: unknown[] = [];
  #acked = 0;

  readonly executed = 0;
  readonly executedByInput: readonly number[] = [];
  readonly failed = 0;
  readonly isTurnOver = false;

  /** Nothing is called before `open`. */
  constructor(options: SpoutWorkOptions) {
    this.#options = options;
  }

  get acked(): number {
    return this.#acked;
  }

  get hasEnded(): boolean {
    return this.#isEndAsked && this.#toAck.length === 0;
  }

  get wakeAtMs(): number | undefined {
    return this.#wakeAtMs;
  }

  open(): MaybePromise<void> {
    const { spout, config, context } = this.#options;
    const opened = spout.open?.(config, context, this.#createCollector());
    if (opened === undefined) return spout.activate?.();
    return Promise.resolve(opened).then(() => spout.activate?.());
  }

  beginTurn(nowMs: number): void {
    if (this.#wakeAtMs !== undefined && nowMs >= this.#wakeAtMs) this.#wakeAtMs = undefined;
  }

  step(nowMs: number): MaybePromise<boolean> {
    if (this.#toAck.length > 0) return this.#ackNext();
    if (this.#isEndAsked || this.#wakeAtMs !== undefined) return false;
    this.#emittedBefore = this.#options.emitter.emittedBytes;
    const returned = this.#options.spout.nextTuple();
    if (returned === undefined) return this.#returned(nowMs);
    return Promise.resolve(returned).then(() => this.#returned(nowMs));
  }

  #returned(nowMs: number): boolean {
    const hasEmitted = this.#options.emitter.emittedBytes !== this.#emittedBefore;
    if (hasEmitted || this.#isEndAsked || this.#toAck.length > 0) return true;
    this.#wakeAtMs = nowMs + this.#options.system.spoutWaitMs;
    return false;
  }

  #ackNext(): MaybePromise<boolean> {
    const messageId = this.#toAck.shift();
    this.#acked++;
    const returned = this.#options.spout.ack?.(messageId);
    return returned === undefined ? true : Promise.resolve(returned).then(() => true);
  }

  finish(): void {}

  drain(): void {
    this.#isEndAsked = true;
  }

  close(): MaybePromise<void> {
    return this.#options.spout.close?.();
  }

  #createCollector(): SpoutOutputCollector {
    const { emitter, ready, reportError } = this.#options;
    return {
      emit: (...args: unknown[]) => {
        const { stream, values, messageId } = emitArguments(args);
        const tasks = emitter.emit(stream, values);
        this.#track(messageId);
        return tasks;
      },
      emitDirect: (taskId: number, ...args: unknown[]) => {
        const { stream, values, messageId } = emitArguments(args);
        emitter.emitDirect(taskId, stream, values);
        this.#track(messageId);
      },
      end: () => this.#endInput(),
      ready,
      reportError,
    };
  }

  #track(messageId: unknown): void {
    if (messageId !== undefined && messageId !== null) this.#toAck.push(messageId);
  }

  #endInput(): void {
    const { cycle, context } = this.#options;
    if (cycle !== undefined) {
      throw new HeronError(
        "invalid_topology",
        `End the input of spout "${context.getThisComponentId()}": found the cycle ${cycle} behind it, ` +
          `expected none with reliability mode ATMOST_ONCE, where nobody knows when a cycle is empty`,
      );
    }
    this.#isEndAsked = true;
  }
}

/** Sorts out `emit([stream,] values [, messageId])`. */
function emitArguments(
  args: readonly unknown[],
): { stream: string; values: readonly unknown[]; messageId: unknown } {
  const hasStream = typeof args[0] === "string";
  const stream = hasStream ? String(args[0]) : "default";
  const values = hasStream ? args[1] : args[0];
  if (!Array.isArray(values)) {
    throw new TypeError(
      `Emit to stream "${stream}": found ${typeof values}, expected an array of values`,
    );
  }
  return { stream, values, messageId: hasStream ? args[2] : args[1] };
}
