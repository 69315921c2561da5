/** How often a bolt gets a tick tuple, and when. */

import type { ConfigMap } from "../../api/mod.ts";

/** The period of tick tuples in ms; undefined: none are asked for. The builder turned seconds into ms. */
export function tickPeriodMs(config: ConfigMap): number | undefined {
  const ms = Number(config["topology.tick.tuple.freq.ms"] ?? 0);
  return ms > 0 ? ms : undefined;
}

/** The ticks of one task. */
export class Ticks {
  readonly #periodMs: number | undefined;
  #nextAtMs = Infinity;
  #isOver = false;

  /** Those that `config` asks for; the first is due a period after `begin`. */
  constructor(config: ConfigMap) {
    this.#periodMs = tickPeriodMs(config);
  }

  /** There are any. */
  get areAsked(): boolean {
    return this.#periodMs !== undefined;
  }

  /** When the next one is due; `Infinity`: none is. */
  get nextAtMs(): number {
    return this.#nextAtMs;
  }

  /** The task runs. Idempotent. */
  begin(nowMs: number): void {
    if (this.#periodMs === undefined || this.#isOver || this.#nextAtMs !== Infinity) return;
    this.#nextAtMs = nowMs + this.#periodMs;
  }

  /** Whether one is due. At most one waits: those missed while the bolt was busy are left out. */
  take(nowMs: number): boolean {
    if (nowMs < this.#nextAtMs || this.#periodMs === undefined) return false;
    this.#nextAtMs = nowMs + this.#periodMs;
    return true;
  }

  /** There are no more. */
  end(): void {
    this.#isOver = true;
    this.#nextAtMs = Infinity;
  }
}
