/** Who waits in `collector.ready()`. */

/** Calls that go on when there is credit and room again. */
export class ReadyWaiters {
  #resolves: (() => void)[] = [];

  /** Whether anybody waits. */
  get areThere(): boolean {
    return this.#resolves.length > 0;
  }

  /** Fulfilled by the next `wake`. */
  wait(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#resolves.push(resolve);
    return promise;
  }

  /** All that wait go on; who waits again in return waits for the next call. */
  wake(): void {
    const resolves = this.#resolves;
    this.#resolves = [];
    for (const resolve of resolves) resolve();
  }
}
