/**
 * What becomes of a tuple whose last attempt failed: the task crashes and says
 * with which tuple, or the tuple is skipped, or goes to the dead letters.
 */

import {
  DEAD_LETTER_STREAM,
  type GivenUp,
  isTick,
  type OutputCollector,
  type Tuple,
  tupleText,
} from "../../api/mod.ts";
import { HeronError } from "../../base/mod.ts";
import type { FailedCall } from "./bolt_calls.ts";
import { failureOf } from "./failure.ts";
import { TupleView } from "./tuple_view.ts";
import { FatalUserError } from "./work.ts";

/** Of the error's message in a dead letter. */
const MESSAGE_LENGTH_MAX = 4096;

/** What dead letters are made with. */
export interface GivenUpOptions {
  readonly then: GivenUp;
  readonly component: string;
  readonly collector: OutputCollector;
}

/** The tuples that one task has given up. */
export class GivenUpTuples {
  readonly #options: GivenUpOptions;
  #skipped = 0;
  #deadLetters = 0;

  /** None yet. */
  constructor(options: GivenUpOptions) {
    this.#options = options;
  }

  /** Tuples that were skipped. */
  get skipped(): number {
    return this.#skipped;
  }

  /** Tuples that became dead letters, also those that nobody reads or that were too large. */
  get deadLetters(): number {
    return this.#deadLetters;
  }

  /** Takes a tuple. @throws HeronError when the task is to crash */
  add(call: FailedCall): void {
    switch (this.#options.then) {
      case "crash":
        throw crashOf(call);
      case "skip":
        this.#skipped++;
        this.#done(call.tuple);
        return;
      case "dead_letter":
        this.#bury(call);
        this.#deadLetters++;
        this.#done(call.tuple);
    }
  }

  #bury({ tuple, thrown, attempts }: FailedCall): void {
    const { collector } = this.#options;
    const { message } = failureOf(new FatalUserError(thrown));
    const letter = [
      tuple.getSourceComponent(),
      tuple.getSourceTask(),
      tuple.getSourceStreamId(),
      readableValues(tuple),
      message.slice(0, MESSAGE_LENGTH_MAX),
      attempts,
    ];
    const anchors = isOpen(tuple) ? [tuple] : [];
    try {
      if (collector.emit(DEAD_LETTER_STREAM, anchors, letter).length > 0) return;
    } catch (fault) {
      // With what stands in it besides the tuple's own values it may be too large to be sent.
      const reason = HeronError.from(fault).message;
      return this.#reportDropped(reason, `${textOf(tuple)}: ${message}`, thrown);
    }
    // Each power of two is told of, so that a flood of them does not hide the rest.
    const before = this.#deadLetters;
    if ((before & (before + 1)) !== 0) return;
    const reason = `nobody subscribes to its stream "${DEAD_LETTER_STREAM}", ${
      before + 1
    } dropped so far`;
    this.#reportDropped(reason, `${textOf(tuple)}: ${message}`, thrown);
  }

  #reportDropped(reason: string, what: string, cause: unknown): void {
    const { collector, component } = this.#options;
    const attempted = `Emit a dead letter of "${component}"`;
    collector.reportError(
      new HeronError("user_code", `${attempted}: ${reason}; the last was ${what}`, { cause }),
    );
  }

  #done(tuple: Tuple): void {
    if (isOpen(tuple)) this.#options.collector.ack(tuple);
  }
}

/** User code has not acked or failed it; ticks are not followed. */
export function isOpen(tuple: Tuple): boolean {
  return tuple instanceof TupleView ? !tuple.isDone : !isTick(tuple);
}

/** What a task crashes with: the tuple and the attempts besides what was thrown, at the user's line. */
function crashOf({ tuple, thrown, attempts }: FailedCall): HeronError {
  const { message, stack } = failureOf(new FatalUserError(thrown));
  const code = thrown instanceof HeronError ? thrown.code : "user_code";
  const often = attempts === 1 ? "" : `, ${attempts} times`;
  const error = new HeronError(code, `Execute a tuple (${textOf(tuple)})${often}: ${message}`, {
    cause: thrown,
  });
  error.stack = stack;
  return error;
}

function readableValues(tuple: Tuple): readonly unknown[] {
  try {
    return tuple.getValues();
  } catch {
    // That it cannot be read is most likely what it failed of, and stands in the error.
    return [];
  }
}

function textOf(tuple: Tuple): string {
  try {
    return tupleText(tuple);
  } catch {
    // As above.
    return `source: ${tuple.getSourceComponent()}, stream: ${tuple.getSourceStreamId()}, unreadable`;
  }
}
