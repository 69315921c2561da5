/**
 * A simulated process or thread: what it is asked to do waits in its inbox and
 * is done in order, a little later, a few things at a time. One that is busy or
 * stopped does nothing until then, and its inbox grows.
 */

import type { VirtualWorld } from "./virtual_world.ts";

/** Things done in one go before others may do theirs. */
const ITEMS_MAX = 8;

/** A process with an inbox. */
export class VirtualProcess {
  readonly name: string;
  readonly #world: VirtualWorld;
  readonly #delayMaxMs: number;
  #inbox: (() => void)[] = [];
  #head = 0;
  #isScheduled = false;
  #heldUntilMs = 0;

  /** @param delayMaxMs how late it may begin with what it is asked to do */
  constructor(name: string, world: VirtualWorld, delayMaxMs: number) {
    this.name = name;
    this.#world = world;
    this.#delayMaxMs = delayMaxMs;
  }

  /** It does nothing now: it is busy or stopped. */
  get isHeld(): boolean {
    return this.#heldUntilMs > this.#world.nowMs();
  }

  /** Asks it to do something. */
  post(run: () => void): void {
    this.#inbox.push(run);
    this.#schedule();
  }

  /** It does nothing before `timeMs`. */
  holdUntil(timeMs: number): void {
    this.#heldUntilMs = Math.max(this.#heldUntilMs, timeMs);
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
    if (this.#head === this.#inbox.length) {
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
