/** The ends of a stream manager's tasks: what a task that has ended is told when it comes again. */

import { create } from "@bufbuild/protobuf";
import { type TaskEnded, TaskEndedSchema } from "../base/gen/heron_bin/packet_pb.ts";
import { compareIncarnations } from "../base/wire/mod.ts";
import type { TaskLife } from "../tuples/mod.ts";

/** The ends that are known. */
export class TaskEnds {
  readonly #ends = new Map<number, TaskEnded>();

  /** All that are known, for the topology master. */
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

  /** Whether the task ended in an earlier life than `life`. */
  endedBefore(task: number, life: TaskLife): boolean {
    const known = this.#ends.get(task);
    return known !== undefined && compareIncarnations(known.incarnation, life) < 0;
  }
}
