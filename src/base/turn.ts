/**
 * The end of an event-loop turn: where what one turn brought is sent on. Bun runs
 * `setImmediate` after the `data` callbacks of all sockets that one poll reported (microtasks run
 * after each of them), and in a ping-pong it costs nothing measurable over a direct write.
 * Two steps: `onTurnEnd` collects, then `afterTurnEnd` writes, so that a connection
 * writes once however late in the turn its last frame came.
 */

// Work that keeps making work may fill one turn end only so often, then sockets get their turn.
const ROUNDS_MAX = 8;

type Run = () => void;

class TurnEnd {
  #collects: Run[] = [];
  #writes: Run[] = [];
  /** An empty array for the next ones: a turn end leaves no garbage. */
  #spare: Run[] = [];
  #scheduled = false;
  readonly #run = (): void => this.#runAll();

  collect(run: Run): void {
    this.#collects.push(run);
    this.#schedule();
  }

  write(run: Run): void {
    this.#writes.push(run);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(this.#run);
  }

  #runAll(): void {
    let rest: Run[] | undefined;
    let at = 0;
    try {
      for (let round = 0; round < ROUNDS_MAX; round++, rest = undefined) {
        if (this.#collects.length > 0) {
          rest = this.#collects;
          this.#collects = this.#spare;
        } else if (this.#writes.length > 0) {
          rest = this.#writes;
          this.#writes = this.#spare;
        } else break;
        for (at = 0; at < rest.length; at++) rest[at]?.();
        rest.length = 0;
        this.#spare = rest;
      }
    } finally {
      // After a throw, what came behind it still runs, in the next turn.
      if (rest !== undefined) {
        this.#collects.unshift(...rest.slice(at + 1));
        this.#spare = [];
      }
      this.#scheduled = false;
      if (this.#collects.length + this.#writes.length > 0) this.#schedule();
    }
  }
}

// One per process, as the event loop is.
const turnEnd = new TurnEnd();

/** Calls `run` once at the end of this event-loop turn, when all sockets that had data were read. */
export function onTurnEnd(run: () => void): void {
  turnEnd.collect(run);
}

/** Calls `run` once at the end of this turn, behind everything given to `onTurnEnd`: the place to write. */
export function afterTurnEnd(run: () => void): void {
  turnEnd.write(run);
}

/** Calls `run` in the next event-loop turn: timers and sockets had theirs. */
export function inNextTurn(run: () => void): void {
  setImmediate(run);
}

/** Resolves in the next event-loop turn: timers and sockets had theirs. */
export function nextTurn(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  inNextTurn(resolve);
  return promise;
}
