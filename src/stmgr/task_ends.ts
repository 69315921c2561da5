/** The ends of a stream manager's tasks: what a task that has ended is told, also when it comes again. */

import { create } from "@bufbuild/protobuf";
import { type TaskEnded, TaskEndedSchema } from "../base/gen/heron_bin/packet_pb.ts";
import { compareIncarnations } from "../base/wire/mod.ts";
import type { TaskLife } from "../tuples/mod.ts";

/** The ends that are known. */
export class TaskEnds {
  readonly #ends = new Map<number, TaskEnded>();
  readonly #stored = new Set<number>();

  /** All that tasks have told, for the topology master. */
  get all(): TaskEnded[] {
    return [...this.#ends.values()];
  }

  /** Takes an end; returns it as it is kept: a later life only repeats what the first one counted. */
  take(ended: TaskEnded): TaskEnded {
    const known = this.#ends.get(ended.task);
    if (known !== undefined && compareIncarnations(known.incarnation, ended.incarnation) !== 0) {
      return known;
    }
    const copy = create(TaskEndedSchema, ended);
    this.#ends.set(ended.task, copy);
    return copy;
  }

  /** Takes an end that the state store has. */
  load(ended: TaskEnded): void {
    this.take(ended);
    this.stored(ended.task);
  }

  /** The end of the task, in whichever life, is in the state store. */
  stored(task: number): void {
    this.#stored.add(task);
  }

  /** Whether it is. */
  isStored(task: number): boolean {
    return this.#stored.has(task);
  }

  /** Whether the task ended in an earlier life than `life`. */
  endedBefore(task: number, life: TaskLife): boolean {
    const known = this.#ends.get(task);
    // Of an end that only the topology master knows the life does not matter: who ended by himself knows it.
    if (known === undefined) return this.#stored.has(task);
    return compareIncarnations(known.incarnation, life) < 0;
  }
}
