/**
 * Wakes a thread that sleeps. A sleeper says that it sleeps, looks at all its
 * conditions once more and only then waits; a ringer changes what is waited
 * for first and rings after. While the owner is awake a ring costs one load.
 */

import { type Clock, systemClock, type Timer } from "../base/mod.ts";

/** Place of the one word in use: 0 while the owner is awake, else the ticket of its sleep. */
const STATE = 0;

/** The longest delay that timers take, in milliseconds. */
const DELAY_MS_MAX = 2 ** 31 - 1;

/** What a doorbell has in place of threads and of the machine's clock. */
export interface DoorbellHooks {
  /** Called instead of waking a thread: the owner slept, was rung and is awake again. */
  onRung?(): void;
  /** Runs the time-outs of `sleep`. @default systemClock */
  readonly clock?: Clock;
}

/**
 * The doorbell of one thread; any number of others may ring it. The owner's order is
 * `prepareSleep`, a look at all conditions, then `sleep` or `cancelSleep`. With `onRung` no
 * thread waits: the owner prepares its sleep, returns to the simulator and goes on when called.
 */
export class Doorbell {
  /** Size of its shared memory in bytes: a cache line, of which four words are enough. */
  static readonly bytes = 64;
  readonly #words: Int32Array;
  readonly #hooks: DoorbellHooks;
  /** The owner's latest ticket; a sleep that is over cannot be taken for a new one. */
  #ticket = 0;
  /** The engine is asked to tell of the next ring: once, however many sleeps run out before it. */
  #isListening = false;
  /** Ticket of the sleep under way. */
  #asleep = 0;
  /** Called at its end. */
  #awake: (() => void) | undefined;
  /** When it is over; Infinity: when the bell is rung. */
  #untilMs = Infinity;
  #timer: Timer | undefined;
  /** When the timer wakes the thread; Infinity: there is none. */
  #timerDueMs = Infinity;

  /** A doorbell over shared words, zero at first. */
  constructor(words: Int32Array, hooks: DoorbellHooks = {}) {
    this.#words = words;
    this.#hooks = hooks;
  }

  /** The owner has said that it sleeps and was not rung since. */
  get isSleeping(): boolean {
    return Atomics.load(this.#words, STATE) !== 0;
  }

  /** Wakes the owner if it sleeps or is about to; of several ringers one does it. */
  ring(): void {
    const words = this.#words;
    const ticket = Atomics.load(words, STATE);
    if (ticket === 0) return;
    // Another ticket now: the owner has looked at its conditions since, and saw ours.
    if (Atomics.compareExchange(words, STATE, ticket, 0) !== ticket) return;
    if (this.#hooks.onRung === undefined) Atomics.notify(words, STATE);
    else this.#hooks.onRung();
  }

  /** Says that the owner is about to sleep; it must look at all its conditions again after. */
  prepareSleep(): number {
    this.#ticket = (this.#ticket + 1) | 0 || 1;
    Atomics.store(this.#words, STATE, this.#ticket);
    return this.#ticket;
  }

  /** The owner does not sleep after all. */
  cancelSleep(): void {
    Atomics.store(this.#words, STATE, 0);
  }

  /**
   * Calls `awake` once, as soon as the bell was rung, about `timeoutMs` have passed or `endSleep` was
   * called; it may be sooner. The thread goes on meanwhile. False: the bell was rung already, or
   * there is no time to wait, and nothing will be called.
   * @throws TypeError in simulation, where `onRung` tells of the ring
   */
  sleep(ticket: number, awake: () => void, timeoutMs = Infinity): boolean {
    this.#refuseInSimulation();
    if (timeoutMs <= 0) {
      this.#wakeUp(ticket);
      return false;
    }
    if (!this.#listen(ticket)) return false;
    this.#asleep = ticket;
    this.#awake = awake;
    this.#untilMs = Infinity;
    if (timeoutMs < Infinity) this.#wakeAt(this.#clock.nowMs() + timeoutMs);
    return true;
  }

  /** The owner ends its sleep itself; what it gave `sleep` is not called. False: it does not sleep. */
  endSleep(): boolean {
    if (this.#awake === undefined) return false;
    this.#awake = undefined;
    this.#wakeUp(this.#asleep);
    return true;
  }

  /**
   * Has the next ring end the sleep under way; false: there was one since `ticket`. What is asked of
   * the engine stays asked when a sleep runs out: a timer then wakes the thread, and costs it
   * one turn, where a ring takes two. A ring of an earlier sleep may so be told
   * of in a later one, which ends early.
   */
  #listen(ticket: number): boolean {
    if (this.#isListening) return Atomics.load(this.#words, STATE) === ticket;
    const waiting = Atomics.waitAsync(this.#words, STATE, ticket);
    if (!waiting.async) return false;
    this.#isListening = true;
    void waiting.value.then(this.#rung);
    return true;
  }

  readonly #rung = (): void => {
    this.#isListening = false;
    this.#wake();
  };

  #wake(): void {
    const awake = this.#awake;
    if (this.endSleep()) awake?.();
  }

  /** A timer of an earlier sleep that is due before serves too: most sleeps end long before their time. */
  #wakeAt(untilMs: number): void {
    this.#untilMs = untilMs;
    if (this.#timerDueMs <= untilMs) return;
    this.#timer?.cancel();
    this.#startTimer(this.#clock.nowMs());
  }

  #startTimer(nowMs: number): void {
    const delayMs = Math.min(this.#untilMs - nowMs, DELAY_MS_MAX);
    this.#timerDueMs = nowMs + delayMs;
    this.#timer = this.#clock.after(delayMs, this.#timeUp);
  }

  readonly #timeUp = (): void => {
    this.#timerDueMs = Infinity;
    if (this.#awake === undefined || this.#untilMs === Infinity) return;
    const nowMs = this.#clock.nowMs();
    if (nowMs < this.#untilMs) this.#startTimer(nowMs);
    else this.#wake();
  };

  /**
   * Waits for a ring and blocks the thread, at most `timeoutMs`; only in Workers.
   * @throws TypeError in simulation, where nothing may block
   */
  sleepBlocking(ticket: number, timeoutMs?: number): void {
    this.#refuseInSimulation();
    Atomics.wait(this.#words, STATE, ticket, timeoutMs);
    this.#wakeUp(ticket);
  }

  /** Ends the sleep of `ticket`, and no later one: a promise may be looked at late. */
  #wakeUp(ticket: number): void {
    if (Atomics.load(this.#words, STATE) === ticket) this.cancelSleep();
  }

  get #clock(): Clock {
    return this.#hooks.clock ?? systemClock;
  }

  #refuseInSimulation(): void {
    if (this.#hooks.onRung === undefined) return;
    throw new TypeError("Wait at a doorbell: found one with onRung, which is called instead");
  }
}
