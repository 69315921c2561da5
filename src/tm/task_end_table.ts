/**
 * The ends of tasks as a topology master knows them: an end counts once it is stored, and what comes while
 * others are being stored goes together. The first end of a task stays, whichever life of it said so.
 */

import type { TaskEnded, TaskTotals } from "../base/gen/heron_bin/packet_pb.ts";

/** The ends of the tasks of one topology. */
export class TaskEndTable {
  readonly #tasks: ReadonlySet<number>;
  readonly #stored = new Map<number, TaskEnded>();
  /** Known and not stored. */
  readonly #waiting = new Map<number, TaskEnded>();
  #isStoring = false;

  /** @param stored the ends that the store has */
  constructor(tasks: ReadonlySet<number>, stored: readonly TaskEnded[]) {
    this.#tasks = tasks;
    this.#keep(stored);
  }

  /** Whether the end of every task is stored. */
  get isComplete(): boolean {
    return this.#stored.size === this.#tasks.size;
  }

  /** Whether the end of `task` is stored. */
  isStored(task: number): boolean {
    return this.#stored.has(task);
  }

  /** What the tasks counted, by task id. */
  get totals(): readonly TaskTotals[] {
    return sorted(this.#stored).flatMap(({ totals }) => totals ?? []);
  }

  /** Ends were told, maybe again. Returns all ends there are if they are to be stored now. */
  take(ended: readonly TaskEnded[]): readonly TaskEnded[] | undefined {
    for (const end of ended) {
      const isKnown = this.#stored.has(end.task) || this.#waiting.has(end.task);
      if (this.#tasks.has(end.task) && !isKnown) this.#waiting.set(end.task, end);
    }
    if (this.#isStoring || this.#waiting.size === 0) return undefined;
    this.#isStoring = true;
    return sorted(new Map([...this.#stored, ...this.#waiting]));
  }

  /** What was to be stored is, maybe with ends that others had stored. Returns what is to be stored next, if anything. */
  stored(ended: readonly TaskEnded[]): readonly TaskEnded[] | undefined {
    this.#isStoring = false;
    this.#keep(ended);
    return this.take([]);
  }

  #keep(ended: readonly TaskEnded[]): void {
    for (const end of ended) {
      if (this.#tasks.has(end.task)) this.#stored.set(end.task, end);
      this.#waiting.delete(end.task);
    }
  }
}

/** All ends of `first`, and those of `second` whose tasks are not among them. */
export function mergeEnds(
  first: readonly TaskEnded[],
  second: readonly TaskEnded[],
): readonly TaskEnded[] {
  return sorted(new Map([...second, ...first].map((ended) => [ended.task, ended])));
}

function sorted(ended: ReadonlyMap<number, TaskEnded>): readonly TaskEnded[] {
  return [...ended.values()].toSorted((a, b) => a.task - b.task);
}
