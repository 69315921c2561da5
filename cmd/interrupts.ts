/** Ctrl-C and the signals that ask a process to end, while a run is prepared and while it runs. */

/** Until somebody takes them over, the first aborts. */
export class Interrupts {
  readonly #abort = new AbortController();
  #take: (() => void) | undefined;

  constructor() {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
      process.on(signal, () => {
        if (this.#take === undefined) this.#abort.abort();
        else this.#take();
      });
    }
  }

  /** Aborted by the first signal before `takeOver`. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** From now on `take` gets them. */
  takeOver(take: () => void): void {
    this.#take = take;
  }
}
