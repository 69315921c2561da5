/**
 * What user code reports by `reportError`: the first of its kind at once, more
 * of the same as a number once a second, so that a report for each tuple costs
 * neither the log nor the gateway.
 */

import type { PostedFailure } from "../bridge.ts";
import { failureOf } from "./failure.ts";
import { FatalUserError } from "./work.ts";

const WINDOW_MS = 1000;
/** Kinds told one by one in a window. */
const KINDS_MAX = 16;

interface Kind {
  readonly failure: PostedFailure;
  /** Those not told yet. */
  count: number;
}

/** The reports of one task. */
export class ErrorReports {
  readonly #tell: (failure: PostedFailure, count: number) => void;
  readonly #requestTurn: () => void;
  readonly #kinds = new Map<string, Kind>();
  /** Those of kinds that found no room. */
  #others = 0;
  #endMs: number | undefined;

  /** `requestTurn` is called for the first of a window: someone is to look at its end. */
  constructor(
    tell: (failure: PostedFailure, count: number) => void,
    requestTurn: () => void,
  ) {
    this.#tell = tell;
    this.#requestTurn = requestTurn;
  }

  /** User code reports `error`. */
  report(error: unknown): void {
    const failure = failureOf(new FatalUserError(error));
    const key = `${failure.message}\n${failure.stack}`;
    const known = this.#kinds.get(key);
    if (known !== undefined) known.count++;
    else if (this.#kinds.size >= KINDS_MAX) this.#others++;
    else {
      this.#kinds.set(key, { failure, count: 0 });
      if (this.#kinds.size === 1) this.#requestTurn();
      this.#tell(failure, 1);
    }
  }

  /** Tells of the rest of a window that is over; returns when to come again. */
  tend(nowMs: number): number | undefined {
    if (this.#kinds.size === 0) return undefined;
    this.#endMs ??= nowMs + WINDOW_MS;
    if (nowMs >= this.#endMs) this.end();
    return this.#endMs;
  }

  /** Tells of the rest. */
  end(): void {
    for (const { failure, count } of this.#kinds.values()) {
      if (count > 0) this.#tell(failure, count);
    }
    if (this.#others > 0) {
      const message = `more than ${KINDS_MAX} different errors in a second: these are the rest`;
      this.#tell({ code: "user_code", message, stack: "" }, this.#others);
    }
    this.#kinds.clear();
    this.#others = 0;
    this.#endMs = undefined;
  }
}
