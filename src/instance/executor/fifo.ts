/** A queue whose ends both cost nothing, however long it is. */

/** Space in front that is given back at once. */
const GAP_MIN = 1024;

/** First in, first out. */
export class Fifo<T> {
  #items: T[] = [];
  #head = 0;

  /** How many wait. */
  get length(): number {
    return this.#items.length - this.#head;
  }

  /** Adds one behind all others. */
  push(item: T): void {
    this.#items.push(item);
  }

  /** Takes the oldest; undefined: there is none. */
  shift(): T | undefined {
    if (this.#head === this.#items.length) return undefined;
    const item = this.#items[this.#head++];
    if (this.#head === this.#items.length) {
      this.#items = [];
      this.#head = 0;
    } else if (this.#head >= GAP_MIN && this.#head * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }
}
