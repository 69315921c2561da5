/**
 * How long a spout that emitted nothing waits before it is asked again. By
 * itself the longer it has had nothing, the longer, up to a limit, so that input
 * is seen late by a sixteenth of the time of nothing at most; or as Storm does.
 */

import { Config, type ConfigMap } from "../../api/mod.ts";

const SHARE = 16;

/** The waits of one spout. */
export interface SpoutWait {
  /** There was nothing at `nowMs`: how long to wait, in milliseconds. */
  next(nowMs: number): number;
  /** There was something: the next wait is the shortest again. */
  end(): void;
}

/** The limits of a wait, in milliseconds. */
export interface IdleWaitLimits {
  readonly minMs: number;
  /** A smaller one than the least has no effect. */
  readonly maxMs: number;
}

/** Waits that grow with the time of nothing. */
export class IdleWait implements SpoutWait {
  readonly #limits: IdleWaitLimits;
  #idleSinceMs: number | undefined;

  /** It has not been idle yet. */
  constructor(limits: IdleWaitLimits) {
    this.#limits = limits;
  }

  next(nowMs: number): number {
    this.#idleSinceMs ??= nowMs;
    const { minMs, maxMs } = this.#limits;
    return Math.max(minMs, Math.min(maxMs, (nowMs - this.#idleSinceMs) / SHARE));
  }

  end(): void {
    this.#idleSinceMs = undefined;
  }
}

/** Storm's: no wait after the first empty calls in a row, then always the same. */
export class CountedWait implements SpoutWait {
  readonly #counts: { readonly waitless: number; readonly sleepMs: number };
  #empty = 0;

  /** `waitless` empty calls are followed by the next one at once; after that it waits `sleepMs`. */
  constructor(counts: { readonly waitless: number; readonly sleepMs: number }) {
    this.#counts = counts;
  }

  next(): number {
    const { waitless, sleepMs } = this.#counts;
    if (this.#empty >= waitless) return sleepMs;
    this.#empty++;
    return 0;
  }

  end(): void {
    this.#empty = 0;
  }
}

/** The waits that a spout's configuration asks for; `limits` where it asks for nothing. */
export function createSpoutWait(config: ConfigMap, limits: IdleWaitLimits): SpoutWait {
  const strategy = String(config[Config.TOPOLOGY_SPOUT_WAIT_STRATEGY] ?? "").toLowerCase();
  const read = (key: string, byDefault: number) => Number(config[key] ?? byDefault);
  if (strategy.includes("sleep")) {
    const sleepMs = read(Config.TOPOLOGY_SLEEP_SPOUT_WAIT_STRATEGY_TIME_MS, 1);
    return new CountedWait({ waitless: 0, sleepMs });
  }
  if (strategy.includes("progressive")) {
    // A call is followed by a turn of the event loop anyhow: both levels are the same here.
    const waitless = read(Config.TOPOLOGY_SPOUT_WAIT_PROGRESSIVE_LEVEL1_COUNT, 0) +
      read(Config.TOPOLOGY_SPOUT_WAIT_PROGRESSIVE_LEVEL2_COUNT, 0);
    const sleepMs = read(Config.TOPOLOGY_SPOUT_WAIT_PROGRESSIVE_SLEEP_MILLIS, 1);
    return new CountedWait({ waitless, sleepMs });
  }
  return new IdleWait(limits);
}
