/**
 * The newest known life of each task or stream manager, and which lives were told
 * to be lost. A life only grows; that it grew is a loss, once.
 */

import { compareIncarnations } from "../base/wire/mod.ts";
import type { TaskLife } from "../tuples/mod.ts";

/** Lives by task id, or by stream manager id. */
export class LifeTable<Key> {
  readonly #current = new Map<Key, TaskLife>();
  readonly #lost = new Map<Key, TaskLife>();

  /** The newest life known of `key`. */
  get(key: Key): TaskLife | undefined {
    return this.#current.get(key);
  }

  /** All newest lives. */
  entries(): Iterable<[Key, TaskLife]> {
    return this.#current;
  }

  /** Whether a later life of `key` than `life` is known. */
  isReplaced(key: Key, life: TaskLife | undefined): boolean {
    return compareIncarnations(this.#current.get(key), life) > 0;
  }

  /** Takes notice of a life that was seen; returns the one whose loss this shows and that nobody told. */
  learn(key: Key, life: TaskLife | undefined): TaskLife | undefined {
    // A plan says 0.0 of whom it does not know.
    if (life === undefined || compareIncarnations(life, undefined) === 0) return undefined;
    const current = this.#current.get(key);
    if (current !== undefined && compareIncarnations(life, current) <= 0) return undefined;
    this.#current.set(key, { epoch: life.epoch, counter: life.counter });
    if (current === undefined) return undefined;
    return compareIncarnations(this.#lost.get(key), current) >= 0 ? undefined : current;
  }

  /**
   * A life is told to be lost. False when that is no news: it was told before, and a later one
   * lives. The same life may be lost again, with its next connection.
   */
  lose(key: Key, life: TaskLife): boolean {
    const isKnown = compareIncarnations(this.#lost.get(key), life) >= 0;
    if (isKnown && this.isReplaced(key, life)) return false;
    this.learn(key, life);
    if (!isKnown) this.#lost.set(key, { epoch: life.epoch, counter: life.counter });
    return true;
  }
}
