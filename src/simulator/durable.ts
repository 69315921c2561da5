/** What outlives the processes of a run: how far each spout has come. */

/** Positions of spout tasks: every lower offset is done for good. */
export class Durable {
  readonly #positions = new Map<number, number>();

  /** The lowest offset of `task` that is not known to be done. */
  positionOf(task: number): number {
    return this.#positions.get(task) ?? 0;
  }

  /** Stores a position; it never goes back. */
  store(task: number, position: number): void {
    this.#positions.set(task, Math.max(position, this.positionOf(task)));
  }
}
