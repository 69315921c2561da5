/**
 * A simulated process or thread: what it is asked to do waits in its inbox and
 * is done in order, a little later, a few things at a time. One that is busy or
 * stopped does nothing until then, and its inbox grows; one that was killed
 * does nothing any more.
 */

import { type ClockSkew, ProcessClock } from "./process_clock.ts";
import type { VirtualWorld } from "./virtual_world.ts";

/** Things done in one go before others may do theirs. */
const ITEMS_MAX = 8;
/** How far apart the clocks of two processes may be, in ms. */
const CLOCK_OFFSET_MAX_MS = 1_000_000;
/** The clock of a process shows virtual time. */
const EXACT: ClockSkew = Object.freeze({ offsetMs: 0, drift: 0 });
/** How fast or slow a process's clock may be. */
export const CLOCK_DRIFT_MAX = 1e-3;

/** What a process has open, that ends with it. */
export interface Closable {
  /** The process was killed. */
  processDied(): void;
}

/** A process with an inbox. */
export class VirtualProcess {
  readonly name: string;
  /** Its own clock. */
  readonly clock: ProcessClock;
  /** What ends with it. */
  readonly open = new Set<Closable>();
  readonly #world: VirtualWorld;
  readonly #delayMaxMs: number;
  #inbox: (() => void)[] = [];
  #head = 0;
  #isScheduled = false;
  #heldUntilMs = 0;
  #isDead = false;

  /** @param delayMaxMs how late it may begin with what it is asked to do */
  constructor(name: string, world: VirtualWorld, delayMaxMs: number) {
    this.name = name;
    this.#world = world;
    this.#delayMaxMs = delayMaxMs;
    this.clock = new ProcessClock(
      {
        worldMs: () => world.nowMs(),
        runAt: (worldMs, isWanted, run) =>
          world.at(worldMs, () => {
            if (isWanted()) this.post(() => isWanted() && run());
          }),
      },
      world.hasExactClocks ? EXACT : {
        offsetMs: Math.floor(world.random.unit() * CLOCK_OFFSET_MAX_MS),
        drift: (2 * world.random.unit() - 1) * CLOCK_DRIFT_MAX,
      },
    );
  }

  /** It does nothing now: it is busy or stopped. */
  get isHeld(): boolean {
    return this.#heldUntilMs > this.#world.nowMs();
  }

  /** Until when it is held. */
  get heldUntilMs(): number {
    return this.#heldUntilMs;
  }

  /** It was killed, or has ended. */
  get isDead(): boolean {
    return this.#isDead;
  }

  /** Asks it to do something. */
  post(run: () => void): void {
    if (this.#isDead) return;
    this.#inbox.push(run);
    this.#schedule();
  }

  /** Resolves in the process after `delayMs` of its clock; never, when it is dead by then. */
  sleep(delayMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.clock.after(delayMs, () => {
      this.#world.settle();
      resolve();
    });
    return promise;
  }

  /** It does nothing before `timeMs`. */
  holdUntil(timeMs: number): void {
    this.#heldUntilMs = Math.max(this.#heldUntilMs, timeMs);
  }

  /** kill -9: what it was asked to do is not done, and all it had open ends. */
  kill(): void {
    if (this.#isDead) return;
    this.#isDead = true;
    this.#inbox = [];
    this.#head = 0;
    for (const one of this.open) one.processDied();
    this.open.clear();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    const world = this.#world;
    const soonMs = world.nowMs() + world.delayMs(this.#delayMaxMs);
    world.at(Math.max(soonMs, this.#heldUntilMs), () => this.#work());
  }

  #work(): void {
    this.#isScheduled = false;
    const count = 1 + this.#world.random.below(ITEMS_MAX);
    for (let done = 0; done < count && this.#head < this.#inbox.length && !this.isHeld; done++) {
      this.#inbox[this.#head++]?.();
    }
    if (this.#head >= this.#inbox.length) {
      this.#inbox = [];
      this.#head = 0;
    } else {
      if (this.#head > 1024) {
        this.#inbox = this.#inbox.slice(this.#head);
        this.#head = 0;
      }
      this.#schedule();
    }
  }
}
