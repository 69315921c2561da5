/**
 * What is to happen, ordered by virtual time; what is due at the same time
 * happens in the order in which it was asked for.
 */

/** Something that happens at a time. */
export interface SimEvent {
  readonly timeMs: number;
  readonly order: number;
  readonly run: () => void;
}

/** A heap of events. */
export class EventQueue {
  readonly #heap: SimEvent[] = [];
  #order = 0;

  /** How many events wait. */
  get size(): number {
    return this.#heap.length;
  }

  /** Adds an event. */
  push(timeMs: number, run: () => void): void {
    const heap = this.#heap;
    const event = { timeMs, order: this.#order++, run };
    let at = heap.length;
    heap.push(event);
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      const above = heap[parent];
      if (above === undefined || isBefore(above, event)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = event;
  }

  /** Takes the next event. */
  pop(): SimEvent | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      let below = heap[child];
      const right = heap[child + 1];
      if (below === undefined) break;
      if (right !== undefined && isBefore(right, below)) {
        below = right;
        child++;
      }
      if (isBefore(last, below)) break;
      heap[at] = below;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

function isBefore(a: SimEvent, b: SimEvent): boolean {
  return a.timeMs === b.timeMs ? a.order < b.order : a.timeMs < b.timeMs;
}
