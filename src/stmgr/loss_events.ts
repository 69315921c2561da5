/**
 * The losses of links between stream managers, as one of them follows them: from
 * the first word of either end until both have confirmed, the link is open
 * again, or `settleMs` are over. One event a pair at a time. Each end's word is
 * followed by a settled event, so no loss that only that end could see is missed.
 */

/** What is told of an event; the same id when it is settled. */
export interface LinkLoss {
  readonly id: number;
  /** The end that told first. */
  readonly first: string;
  readonly second: string;
  readonly settled: boolean;
}

interface Pending {
  readonly id: number;
  readonly first: string;
  readonly second: string;
  dueMs: number;
}

/** What `LossEvents` is made with. */
export interface LossEventsOptions {
  /** `loss.settle.ms`. */
  readonly settleMs: number;
  /** An id for the next event. */
  nextId(): number;
}

/** The events of all pairs. */
export class LossEvents {
  readonly #options: LossEventsOptions;
  readonly #pending = new Map<string, Pending>();
  /** Of pairs whose event was settled by time: the end that had confirmed alone. */
  readonly #alone = new Map<string, string>();

  /** No link is lost yet. */
  constructor(options: LossEventsOptions) {
    this.#options = options;
  }

  /** When `timer` is due; undefined: nothing is unsettled. */
  get dueMs(): number | undefined {
    let due: number | undefined;
    for (const { dueMs } of this.#pending.values()) due = Math.min(due ?? dueMs, dueMs);
    return due;
  }

  /** The events that are not settled. */
  get unsettled(): LinkLoss[] {
    return [...this.#pending.values()].map((event) => asLoss(event, false));
  }

  /** The stream manager `end` has seen the end of its link to `other`. Returns what is to be told. */
  confirmed(end: string, other: string, nowMs: number): LinkLoss[] {
    const pair = nameOf(end, other);
    const event = this.#pending.get(pair);
    if (event === undefined) return this.#begin(end, other, nowMs);
    if (event.first === end) {
      // It was lost once more, before the other end saw the first time.
      event.dueMs = nowMs + this.#options.settleMs;
      return [];
    }
    this.#pending.delete(pair);
    return [asLoss(event, true)];
  }

  #begin(end: string, other: string, nowMs: number): LinkLoss[] {
    const pair = nameOf(end, other);
    const { settleMs, nextId } = this.#options;
    const event = { id: nextId(), first: end, second: other, dueMs: nowMs + settleMs };
    const isLate = this.#alone.get(pair) === other;
    this.#alone.delete(pair);
    if (isLate) return [asLoss(event, false), asLoss(event, true)];
    this.#pending.set(pair, event);
    return [asLoss(event, false)];
  }

  /** The link between the two is open again, so both know its end. Returns what is to be told. */
  reopened(one: string, other: string): LinkLoss[] {
    const pair = nameOf(one, other);
    this.#alone.delete(pair);
    const event = this.#pending.get(pair);
    if (event === undefined) return [];
    this.#pending.delete(pair);
    return [asLoss(event, true)];
  }

  /** Settles what has waited long enough. Returns what is to be told. */
  timer(nowMs: number): LinkLoss[] {
    const settled: LinkLoss[] = [];
    for (const [pair, event] of this.#pending) {
      if (event.dueMs > nowMs) continue;
      this.#pending.delete(pair);
      this.#alone.set(pair, event.first);
      settled.push(asLoss(event, true));
    }
    return settled;
  }
}

function asLoss({ id, first, second }: Pending, settled: boolean): LinkLoss {
  return { id, first, second, settled };
}

/** One name for both directions; ids hold no blank. */
function nameOf(one: string, other: string): string {
  return one < other ? `${one} ${other}` : `${other} ${one}`;
}
