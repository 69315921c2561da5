/**
 * Drives an executor in the thread of its gateway: a turn at the end of each
 * event-loop turn that brought something, so what it emits leaves in the same;
 * then the next one when all sockets and timers had theirs.
 */

import { type Clock, inNextTurn, onTurnEnd, type Timer } from "../../base/mod.ts";
import { Doorbell } from "../../tuples/mod.ts";
import type { Executor } from "./executor.ts";

/** The longest delay that timers take, in milliseconds. */
const DELAY_MS_MAX = 2 ** 31 - 1;

/** What a loop calls. */
export interface TurnLoopOptions {
  readonly clock: Clock;
  /** The executor was closed, and no turn follows. */
  closed(): void;
  /** A turn threw, and none follows. */
  failed(thrown: unknown): void;
}

/** The turns of one executor. */
export class TurnLoop {
  /** Rung as the executor's; while the loop waits, a turn follows. */
  readonly bell: Doorbell;
  readonly #options: TurnLoopOptions;
  #executor: Executor | undefined;
  #timer: Timer | undefined;

  /** Nothing runs before `start`. */
  constructor(options: TurnLoopOptions) {
    this.#options = options;
    const words = new Int32Array(Doorbell.bytes / Int32Array.BYTES_PER_ELEMENT);
    this.bell = new Doorbell(words, { onRung: () => this.#wake() });
  }

  /** Runs turns of `executor` until it is closed, or one throws. */
  start(executor: Executor): void {
    this.#executor = executor;
    onTurnEnd(this.#turn);
  }

  #wake(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    onTurnEnd(this.#turn);
  }

  readonly #turn = (): void => {
    const executor = this.#executor;
    if (executor === undefined) return;
    if (executor.isClosing) {
      this.#executor = undefined;
      this.#options.closed();
      return;
    }
    try {
      const result = executor.turn();
      const delayMs = result.kind === "again" ? 0 : this.#delayUntil(result.untilMs);
      if (delayMs === 0) inNextTurn(this.#turn);
      else if (executor.prepareSleep() === undefined) inNextTurn(this.#turn);
      else if (delayMs !== undefined) this.#ringAfter(delayMs);
    } catch (thrown) {
      this.#executor = undefined;
      this.#options.failed(thrown);
    }
  };

  #delayUntil(untilMs: number | undefined): number | undefined {
    return untilMs === undefined ? undefined : Math.max(0, untilMs - this.#options.clock.nowMs());
  }

  #ringAfter(delayMs: number): void {
    const { clock } = this.#options;
    this.#timer = clock.after(Math.min(delayMs, DELAY_MS_MAX), () => this.bell.ring());
  }
}
