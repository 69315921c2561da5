/**
 * Wakes a thread that sleeps. A sleeper takes a ticket, says that it sleeps,
 * looks at all its conditions once more and only then waits; a ringer changes
 * what is waited for first and rings after. While the other side is awake a
 * ring costs one load.
 */

const SLEEPING = 0;
const SIGNAL = 1;

/** For a simulator: hears of rings instead of a waiting thread. */
export interface DoorbellHooks {
  /** A sleeping side was rung; it is awake again. */
  onRung(): void;
}

/** The doorbell of one thread; any number of others may ring it. */
export class Doorbell {
  /** Size of its shared memory, in bytes. */
  static readonly bytes = 64;
  readonly #words: Int32Array;
  readonly #hooks: DoorbellHooks | undefined;

  /** A doorbell over shared words, zero at first. */
  constructor(words: Int32Array, hooks?: DoorbellHooks) {
    this.#words = words;
    this.#hooks = hooks;
  }

  /** Wakes the owner if it sleeps or is about to. */
  ring(): void {
    const words = this.#words;
    if (Atomics.load(words, SLEEPING) === 0) return;
    if (Atomics.exchange(words, SLEEPING, 0) === 0) return;
    Atomics.add(words, SIGNAL, 1);
    if (this.#hooks === undefined) Atomics.notify(words, SIGNAL);
    else this.#hooks.onRung();
  }

  /** Says that the owner is about to sleep; it must look at its conditions again after. */
  prepareSleep(): number {
    // The ticket is older than the word: a ring in between makes the sleep return at once.
    const ticket = Atomics.load(this.#words, SIGNAL);
    Atomics.store(this.#words, SLEEPING, 1);
    return ticket;
  }

  /** The owner does not sleep after all. */
  cancelSleep(): void {
    Atomics.store(this.#words, SLEEPING, 0);
  }

  /** Waits for a ring, without blocking; undefined: there was one already, or the time is over. */
  sleep(ticket: number, timeoutMs?: number): Promise<void> | undefined {
    const waiting = Atomics.waitAsync(this.#words, SIGNAL, ticket, timeoutMs);
    if (!waiting.async) {
      this.cancelSleep();
      return undefined;
    }
    return waiting.value.then(() => this.cancelSleep());
  }

  /** Waits for a ring and blocks the thread; only in Workers. */
  sleepBlocking(ticket: number, timeoutMs?: number): void {
    Atomics.wait(this.#words, SIGNAL, ticket, timeoutMs);
    this.cancelSleep();
  }
}
