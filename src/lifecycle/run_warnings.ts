/**
 * What is told of user code that does what it should not while its task goes on: which warnings
 * are shown, and which calls have not returned when a run cannot drain. Pure.
 */

import type { ProcessExited, TaskWarning } from "../base/gen/heron_bin/packet_pb.ts";
import { failureOf, lifeOf, type RunFailure } from "./run_failure.ts";

/** Warnings of one kind that are shown of one task. */
const SHOWN_MAX = 3;

/** A warning to be shown. */
export interface RunWarning {
  readonly failure: RunFailure;
  /** What was warned of is over. */
  readonly isOver: boolean;
  /** No further one of its kind is shown. */
  readonly isLast: boolean;
}

/** The warnings of one run. */
export class RunWarnings {
  /** Calls that have not returned, by the life of their task. */
  readonly #standing = new Map<string, RunFailure>();
  readonly #shown = new Map<string, number>();

  /** Takes what a task tells; returns it if it is to be shown. */
  take({ fault, isOver }: TaskWarning): readonly RunWarning[] {
    const failure = failureOf(fault, undefined);
    const kind = `${fault?.party?.id} ${failure.code}`;
    const shown = this.#shown.get(kind) ?? 0;
    if (failure.code === "call_blocked" || failure.code === "call_pending") {
      const life = lifeOf(fault?.party);
      const known = this.#standing.get(life);
      if (isOver) this.#standing.delete(life);
      else this.#standing.set(life, failure);
      // The same call, told of again as it lasts.
      if (!isOver && known?.code === failure.code) return [];
    }
    // Its return is told of as it was.
    if (isOver) return shown > SHOWN_MAX ? [] : [{ failure, isOver, isLast: false }];
    this.#shown.set(kind, shown + 1);
    return shown >= SHOWN_MAX ? [] : [{ failure, isOver, isLast: shown + 1 === SHOWN_MAX }];
  }

  /** A process ended, and its calls with it. */
  ended({ party }: ProcessExited): void {
    this.#standing.delete(lifeOf(party));
  }

  /** The call that has not returned for longest; undefined: all have. */
  get standing(): RunFailure | undefined {
    const [first] = this.#standing.values();
    if (first === undefined) return undefined;
    return { ...first, message: `${first.message}, and the run could not drain for it` };
  }
}
