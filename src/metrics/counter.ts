/**
 * A count since the last export: added to by its owner, taken by the registry.
 * What counts for its whole life is read as a total instead.
 */

/** A counter that starts again with each export. */
export class Counter {
  #value = 0;

  /** What was counted since the last export. */
  get value(): number {
    return this.#value;
  }

  /** Counts `amount` more. */
  add(amount = 1): void {
    this.#value += amount;
  }

  /** Returns the count and starts again at 0. */
  take(): number {
    const value = this.#value;
    this.#value = 0;
    return value;
  }
}
