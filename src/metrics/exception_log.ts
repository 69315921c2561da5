/**
 * Exceptions of user code between two exports: those with the same stack are
 * one, with a number and the times of the first and the last.
 */

import type { Clock } from "../base/mod.ts";

/** An exception and how often it came; times are ISO 8601. */
export interface ExceptionValue {
  readonly stacktrace: string;
  readonly firsttime: string;
  readonly lasttime: string;
  readonly count: number;
  /** The message, without the stack. */
  readonly logging: string;
}

/** What came. */
export interface LoggedException {
  readonly message: string;
  /** Empty: there is none. */
  readonly stack: string;
}

/** Different exceptions of one export. */
const KINDS_MAX = 64;
/** Longest stack, in characters. */
const STACK_LENGTH_MAX = 8192;

/** The exceptions of one process. */
export class ExceptionLog {
  readonly #clock: Clock;
  #values = new Map<string, ExceptionValue>();
  #logged = 0;
  #leftOut = 0;

  /** None yet; `clock` tells their times. */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Nothing is to be exported. */
  get isEmpty(): boolean {
    return this.#values.size === 0;
  }

  /** Exceptions since the start. */
  get logged(): number {
    return this.#logged;
  }

  /** Of those since the start, the ones that were counted alone. */
  get leftOut(): number {
    return this.#leftOut;
  }

  /** An exception came, `count` times. Those of too many kinds are counted alone. */
  add({ message, stack }: LoggedException, count: number = 1): void {
    this.#logged += count;
    const text = (stack === "" ? message : stack).slice(0, STACK_LENGTH_MAX);
    const known = this.#values.get(text);
    if (known === undefined && this.#values.size >= KINDS_MAX) {
      this.#leftOut += count;
      return;
    }
    const lasttime = new Date(this.#clock.wallMs()).toISOString();
    this.#values.set(text, {
      stacktrace: text,
      firsttime: known?.firsttime ?? lasttime,
      lasttime,
      count: (known?.count ?? 0) + count,
      logging: message.slice(0, STACK_LENGTH_MAX),
    });
  }

  /** Takes out what is to be exported. */
  take(): readonly ExceptionValue[] {
    const values = [...this.#values.values()];
    this.#values.clear();
    return values;
  }
}
