/**
 * A task whose credit others lack: who lacks it, and whether that is announced.
 * It was asked to say when half of its budget is free; until `announceAtMs` it
 * may say so at once, and nobody need pause.
 */

import { compareIncarnations } from "../base/wire/mod.ts";
import type { TaskLife } from "../tuples/mod.ts";

/** A source's wait for credit of a culprit. */
export interface Wait {
  readonly source: number;
  /** The life of the source, and which of its waits. */
  readonly life: TaskLife | undefined;
  readonly wait: number;
}

interface KnownWait extends Wait {
  /** It lasts, and was not answered. */
  isOpen: boolean;
  /** Void from then on, unless it is repeated. */
  voidAtMs: number;
}

/** A task that may be announced. */
export class Culprit {
  /** When it is announced; undefined: nobody waits, or it is announced. */
  announceAtMs: number | undefined;
  isAnnounced = false;
  readonly #waits = new Map<number, KnownWait>();

  /** Whether somebody waits for it. */
  get isAwaited(): boolean {
    for (const { isOpen } of this.#waits.values()) if (isOpen) return true;
    return false;
  }

  /** When the next wait is void. */
  get voidAtMs(): number | undefined {
    let earliestMs: number | undefined;
    for (const { isOpen, voidAtMs } of this.#waits.values()) {
      if (isOpen) earliestMs = Math.min(earliestMs ?? voidAtMs, voidAtMs);
    }
    return earliestMs;
  }

  /** A source waits, or still does. False: that wait is over or answered, or an older one. */
  take(wait: Wait, voidAtMs: number): boolean {
    const known = this.#waits.get(wait.source);
    const order = known === undefined ? 1 : compareWaits(wait, known);
    if (order < 0 || (order === 0 && known?.isOpen === false)) return false;
    this.#waits.set(wait.source, { ...wait, isOpen: true, voidAtMs });
    return true;
  }

  /** A source waits no more. */
  end(wait: Wait): void {
    const known = this.#waits.get(wait.source);
    if (known !== undefined && compareWaits(wait, known) < 0) return;
    this.#waits.set(wait.source, { ...wait, isOpen: false, voidAtMs: 0 });
  }

  /** Forgets the waits that are void at `nowMs`: should they be repeated, they are new. */
  expire(nowMs: number): void {
    for (const [source, { isOpen, voidAtMs }] of this.#waits) {
      if (isOpen && voidAtMs <= nowMs) this.#waits.delete(source);
    }
  }

  /** All waits are answered: repeating them says nothing new. */
  answer(): void {
    for (const wait of this.#waits.values()) wait.isOpen = false;
  }
}

function compareWaits(one: Wait, other: Wait): number {
  const lives = compareIncarnations(one.life, other.life);
  return lives === 0 ? one.wait - other.wait : lives;
}
