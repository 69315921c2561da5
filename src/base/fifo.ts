/**
 * A queue whose ends both cost nothing, however long it is. What was taken is
 * let go at once: a place that still named it would keep its memory for as long
 * as the queue does not run empty, which under load it never does.
 */

/** Places at first, a power of two. */
const PLACES_MIN = 16;
/** More are given back once it is empty. */
const PLACES_KEPT = 4096;

/** First in, first out. */
export class Fifo<T> {
  /** A ring, whose size is a power of two. */
  #places: (T | undefined)[] = new Array(PLACES_MIN).fill(undefined);
  #head = 0;
  #length = 0;

  /** How many wait. */
  get length(): number {
    return this.#length;
  }

  /** The oldest; undefined: there is none. */
  get first(): T | undefined {
    return this.#places[this.#head];
  }

  /** Adds one behind all others. */
  push(item: T): void {
    if (this.#length === this.#places.length) this.#grow();
    this.#places[(this.#head + this.#length) & (this.#places.length - 1)] = item;
    this.#length++;
  }

  /** Takes the oldest; undefined: there is none. */
  shift(): T | undefined {
    if (this.#length === 0) return undefined;
    const item = this.#places[this.#head];
    this.#places[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#places.length - 1);
    this.#length--;
    if (this.#length === 0 && this.#places.length > PLACES_KEPT) this.clear();
    return item;
  }

  /** Forgets all. */
  clear(): void {
    this.#places = new Array(PLACES_MIN).fill(undefined);
    this.#head = this.#length = 0;
  }

  /** All, the oldest first; they stay. */
  *[Symbol.iterator](): Generator<T, undefined> {
    const mask = this.#places.length - 1;
    for (let index = 0; index < this.#length; index++) {
      // Within the length each place has one.
      yield this.#places[(this.#head + index) & mask] as T;
    }
    return undefined;
  }

  #grow(): void {
    const before = [...this];
    this.#places = new Array(2 * before.length).fill(undefined);
    for (const [index, item] of before.entries()) this.#places[index] = item;
    this.#head = 0;
  }
}
