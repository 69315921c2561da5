/**
 * The processes that containers have told of, so that those that outlive their container
 * can be found. How they are killed is the scheduler's.
 */

import type { ProcessFacts } from "../base/supervision/mod.ts";

/** The processes of all containers. */
export class LeftProcesses {
  readonly #byContainer = new Map<string, Map<string, ProcessFacts>>();

  /** A process of a container was started. */
  started(container: string, process: string, facts: ProcessFacts): void {
    const known = this.#byContainer.get(container) ?? new Map<string, ProcessFacts>();
    known.set(process, facts);
    this.#byContainer.set(container, known);
  }

  /** A process has ended, as its container saw. */
  exited(container: string, process: string, pid: number): void {
    const known = this.#byContainer.get(container);
    // It may have been started again already.
    if (known?.get(process)?.pid === pid) known.delete(process);
  }

  /** Whether no process of a container is known. */
  isEmpty(container: string): boolean {
    return (this.#byContainer.get(container)?.size ?? 0) === 0;
  }

  /** The processes of a container that has ended; they are forgotten. */
  take(container: string): readonly ProcessFacts[] {
    const left = [...this.#byContainer.get(container)?.values() ?? []];
    this.#byContainer.delete(container);
    return left;
  }
}
