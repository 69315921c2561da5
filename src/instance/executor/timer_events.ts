/**
 * Timer events of a task: calls of user code between those for tuples, each
 * after its period. A timer that comes while it waits is left out, as ticks are.
 */

import type { MaybePromise } from "../../api/mod.ts";

/** What a timer calls. */
export type TimerCallback = () => MaybePromise<void>;

/** Longest period, as of ticks, in milliseconds. */
const PERIOD_MS_MAX = 2 ** 31 - 1;

interface TimerEvent {
  readonly everyMs: number;
  readonly callback: TimerCallback;
  dueAtMs: number;
}

/** What timers need from the task. */
export interface TimerPorts {
  nowMs(): number;
  /** A turn is due, and so is a new look at the time. */
  requestTurn(): void;
}

/** The timers of one task. */
export class TimerEvents {
  readonly #ports: TimerPorts;
  readonly #timers = new Map<string, TimerEvent>();
  #nextAtMs = Infinity;

  /** None yet. */
  constructor(ports: TimerPorts) {
    this.#ports = ports;
  }

  /** When the next one is due; `Infinity`: there is none. */
  get nextAtMs(): number {
    return this.#nextAtMs;
  }

  /**
   * Calls `callback` each `everyMs` milliseconds, from that long after now on.
   * @throws TypeError for a name that is used, RangeError for a period that is none
   */
  register(name: string, everyMs: number, callback: TimerCallback): void {
    if (this.#timers.has(name)) {
      throw new TypeError(`Register timer "${name}": the name is used, expected each name once`);
    }
    if (!(everyMs > 0 && everyMs <= PERIOD_MS_MAX)) {
      throw new RangeError(
        `Register timer "${name}": found a period of ${everyMs} ms, expected above 0 and at most ` +
          `${PERIOD_MS_MAX}`,
      );
    }
    const { nowMs, requestTurn } = this.#ports;
    this.#timers.set(name, { everyMs, callback, dueAtMs: nowMs() + everyMs });
    this.#look();
    requestTurn();
  }

  /** The call that has been due the longest, which is due again a period after `nowMs`. */
  takeDue(nowMs: number): TimerCallback | undefined {
    let first: TimerEvent | undefined;
    for (const timer of this.#timers.values()) {
      if (nowMs >= timer.dueAtMs && timer.dueAtMs < (first?.dueAtMs ?? Infinity)) first = timer;
    }
    if (first === undefined) return undefined;
    first.dueAtMs = nowMs + first.everyMs;
    this.#look();
    return first.callback;
  }

  /** None is called any more. */
  end(): void {
    this.#timers.clear();
    this.#look();
  }

  #look(): void {
    this.#nextAtMs = Infinity;
    for (const { dueAtMs } of this.#timers.values()) {
      this.#nextAtMs = Math.min(this.#nextAtMs, dueAtMs);
    }
  }
}
