/**
 * Pings a quiet peer and notices when it stays silent. One timer a connection, off the
 * path of the data: a chunk only stores the time.
 */

import type { Clock, Timer } from "../mod.ts";
import type { WireLimits } from "./limits.ts";

/** What a keep-alive causes. */
export interface KeepAliveEvents {
  /** Nothing came for about `pingMs`. */
  ping(): void;
  /** Nothing came for `silenceMs`. */
  silent(): void;
  /** Called every few seconds whatever comes: a time to give memory back. */
  tick(): void;
}

/** The last answer came a little after the ping: to wait for that little would be another wake-up. */
const QUIET_SHARE = 0.9;

/** Watches one connection. */
export class KeepAlive {
  readonly #clock: Clock;
  readonly #limits: Pick<WireLimits, "pingMs" | "silenceMs">;
  readonly #events: KeepAliveEvents;
  #heardMs: number;
  #dueMs = 0;
  #timer: Timer | undefined;

  constructor(
    clock: Clock,
    limits: Pick<WireLimits, "pingMs" | "silenceMs">,
    events: KeepAliveEvents,
  ) {
    this.#clock = clock;
    this.#limits = limits;
    this.#events = events;
    this.#heardMs = clock.nowMs();
    this.#wait(this.#heardMs, limits.pingMs);
  }

  /** A byte came. */
  heard(): void {
    this.#heardMs = this.#clock.nowMs();
  }

  /** Ends the watch. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #wait(nowMs: number, delayMs: number): void {
    this.#dueMs = nowMs + delayMs;
    this.#timer = this.#clock.after(delayMs, () => this.#check());
  }

  #check(): void {
    const { pingMs, silenceMs } = this.#limits;
    const nowMs = this.#clock.nowMs();
    // This process stood still (stopped, swapped, a paused machine): what came meanwhile is
    // not read yet, so its silence is ours.
    if (nowMs - this.#dueMs > pingMs) {
      this.#heardMs = Math.max(this.#heardMs, nowMs - pingMs);
    }
    const quietMs = nowMs - this.#heardMs;
    const isQuiet = quietMs >= pingMs * QUIET_SHARE;
    if (quietMs >= silenceMs) {
      this.#timer = undefined;
      this.#events.silent();
      return;
    }
    const untilSilentMs = silenceMs - quietMs;
    this.#wait(nowMs, isQuiet ? Math.min(pingMs, untilSilentMs) : pingMs - quietMs);
    this.#events.tick();
    if (isQuiet) this.#events.ping();
  }
}
