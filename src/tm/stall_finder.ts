/**
 * Finds cycles that stand still in what tasks say of whom they wait for. A
 * task counts as standing when all it waits for stand; a slow bolt says
 * nothing, so nobody who waits for it counts.
 */

/** What a task said last. */
interface Report {
  readonly waitsFor: readonly number[];
  readonly atMs: number;
}

/** Watches the tasks of a topology. */
export class StallFinder {
  readonly #stallMs: number;
  readonly #reports = new Map<number, Report>();
  #standing = new Set<number>();
  #sinceMs = 0;

  /** @param stallMs `cycle.stall.ms` */
  constructor(stallMs: number) {
    this.#stallMs = stallMs;
  }

  /**
   * A task says whom it waits for: nobody, when the list is empty. Returns a cycle, its first
   * task repeated at the end, when tasks of it stood still for long enough.
   */
  take(task: number, waitsFor: readonly number[], nowMs: number): readonly number[] | undefined {
    if (waitsFor.length === 0) this.#reports.delete(task);
    else this.#reports.set(task, { waitsFor, atMs: nowMs });
    const found = this.#findStanding(nowMs);
    const kept = this.#standing.intersection(found);
    if (kept.size === 0) {
      this.#standing = found;
      this.#sinceMs = nowMs;
      return undefined;
    }
    this.#standing = kept;
    // Tasks begin to speak after half of the time, and again each eighth: three eighths are
    // waited for here, so that what was on the way in a stopped process can arrive and withdraw
    // it, and the last report still comes in time.
    if (nowMs - this.#sinceMs < this.#stallMs * (3 / 8)) return undefined;
    return this.#cycleFrom(kept);
  }

  /**
   * What these tasks said counts no more: they or the way to them were lost, and with it may be
   * what they said since. Whoever still stands says so again.
   */
  forget(tasks: readonly number[]): void {
    for (const task of tasks) this.#reports.delete(task);
    // Who waited for them does not stand, for the time being; others go on to.
    this.#standing = this.#standing.intersection(this.#findStanding(-Infinity));
  }

  /** Tasks that spoke lately and wait only for such tasks. */
  #findStanding(nowMs: number): Set<number> {
    const freshMs = nowMs - this.#stallMs / 4;
    const standing = new Set<number>();
    for (const [task, report] of this.#reports) if (report.atMs >= freshMs) standing.add(task);
    for (let before = -1; before !== standing.size;) {
      before = standing.size;
      for (const task of standing) {
        const isStanding = this.#reports.get(task)?.waitsFor.every((other) => standing.has(other));
        if (isStanding !== true) standing.delete(task);
      }
    }
    return standing;
  }

  #cycleFrom(standing: ReadonlySet<number>): readonly number[] {
    const path: number[] = [];
    let [task] = standing;
    while (task !== undefined && !path.includes(task)) {
      path.push(task);
      task = this.#reports.get(task)?.waitsFor[0];
    }
    return task === undefined ? path : [...path.slice(path.indexOf(task)), task];
  }
}
