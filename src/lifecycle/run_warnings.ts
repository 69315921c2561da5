/**
 * What is told of user code that does what it should not while its task goes on: which warnings
 * are shown, and which calls have not returned when a run cannot drain. Pure.
 */

import {
  type Party,
  type ProcessExited,
  Role,
  type TaskWarning,
} from "../base/gen/heron_bin/packet_pb.ts";
import { compareIncarnations } from "../base/wire/mod.ts";
import { failureOf, type RunFailure } from "./run_failure.ts";

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

interface StandingCall {
  readonly party: Party | undefined;
  readonly failure: RunFailure;
}

/** The warnings of one run. */
export class RunWarnings {
  /** Calls that have not returned, of the last life of each task. */
  readonly #standing = new Map<string, StandingCall>();
  readonly #shown = new Map<string, number>();

  /** Takes what a task tells; returns it if it is to be shown. */
  take({ fault, isOver }: TaskWarning): readonly RunWarning[] {
    const failure = failureOf(fault, undefined);
    const party = fault?.party;
    const id = party?.id ?? "";
    const kind = `${id} ${failure.code}`;
    const shown = this.#shown.get(kind) ?? 0;
    if (failure.code === "call_blocked" || failure.code === "call_pending") {
      const known = this.#standing.get(id);
      const life = compareIncarnations(party?.incarnation, known?.party?.incarnation);
      if (isOver) this.#forget(id, party);
      else if (life > 0) this.#replace(id, { party, failure });
      else if (life === 0) this.#standing.set(id, { party, failure });
      // The same call, told of again as it lasts.
      if (!isOver && life === 0 && known?.failure.code === failure.code) return [];
    }
    // Its return is told of as it was.
    if (isOver) return shown > SHOWN_MAX ? [] : [{ failure, isOver, isLast: false }];
    this.#shown.set(kind, shown + 1);
    return shown >= SHOWN_MAX ? [] : [{ failure, isOver, isLast: shown + 1 === SHOWN_MAX }];
  }

  /** A process ended, and its calls with it: of a container, those of all tasks in it. */
  ended({ party }: ProcessExited): void {
    if (party === undefined) return;
    this.#forget(party.id, party);
    if (party.role !== Role.CONTAINER) return;
    // "container-3" has the instances "container_3_…", whose own ends nobody saw.
    const prefix = `${party.id.replace("-", "_")}_`;
    for (const id of this.#standing.keys()) if (id.startsWith(prefix)) this.#standing.delete(id);
  }

  /** A later life began after the others: it is the last of those that stand. */
  #replace(id: string, call: StandingCall): void {
    this.#standing.delete(id);
    this.#standing.set(id, call);
  }

  /** What stood of that life of a process, or of one before, no longer does. */
  #forget(id: string, party: Party | undefined): void {
    const known = this.#standing.get(id);
    if (known === undefined) return;
    if (compareIncarnations(known.party?.incarnation, party?.incarnation) > 0) return;
    this.#standing.delete(id);
  }

  /** The call that has not returned for longest; undefined: all have. */
  get standing(): RunFailure | undefined {
    const [first] = this.#standing.values();
    if (first === undefined) return undefined;
    const { failure } = first;
    return { ...failure, message: `${failure.message}, and the run could not drain for it` };
  }
}
