/** Lets a core know when its time has come: one timer, for what is due first. */

import type { Clock, Timer } from "../base/mod.ts";

/** A core that does things by time. */
export interface TimedCore {
  /** When `timer` is due; undefined: never, as far as is known. */
  readonly dueMs: number | undefined;
  timer(nowMs: number): void;
}

/** The timer of one core. */
export class CoreTimer {
  readonly #core: TimedCore;
  readonly #clock: Clock;
  #wakeUp: { readonly dueMs: number; readonly timer: Timer } | undefined;

  /** Nothing is due before `schedule`. */
  constructor(core: TimedCore, clock: Clock) {
    this.#core = core;
    this.#clock = clock;
  }

  /** To be called when something may have changed what is due. */
  schedule(): void {
    const { dueMs } = this.#core;
    if (dueMs === this.#wakeUp?.dueMs) return;
    this.#wakeUp?.timer.cancel();
    this.#wakeUp = undefined;
    if (dueMs === undefined) return;
    const timer = this.#clock.after(Math.max(0, dueMs - this.#clock.nowMs()), () => {
      this.#wakeUp = undefined;
      this.#core.timer(this.#clock.nowMs());
      this.schedule();
    });
    this.#wakeUp = { dueMs, timer };
  }
}
