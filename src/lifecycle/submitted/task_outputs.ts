/** What the tasks of a submitted topology print, read from their files as it comes. */

import { join } from "node:path";
import type { PackingPlan } from "../../base/gen/heron/packing_plan_pb.ts";
import { instanceId, outputFile } from "../../plan/mod.ts";
import { LogTail } from "./log_tail.ts";

/** Lines of one task. */
export interface TaskLines {
  readonly task: number;
  readonly component: string;
  readonly componentIndex: number;
  readonly lines: readonly string[];
}

interface TaskTail extends Omit<TaskLines, "lines"> {
  readonly tail: LogTail;
}

/** The files of all tasks. */
export class TaskOutputs {
  readonly #tails: readonly TaskTail[];
  readonly #linesFirst: number;
  #hasBegun = false;

  /** Begins with the last `linesFirst` lines of each task. */
  constructor(logs: string, { containerPlans }: PackingPlan, linesFirst: number) {
    this.#linesFirst = linesFirst;
    this.#tails = containerPlans.flatMap(({ id, instancePlans }) =>
      instancePlans.map(({ taskId: task, componentName: component, componentIndex }) => ({
        task,
        component,
        componentIndex,
        tail: new LogTail(outputFile(join(logs, ".."), instanceId(id, component, task))),
      }))
    );
  }

  /** What has come since. @throws HeronError when a file cannot be read */
  async read(): Promise<readonly TaskLines[]> {
    const found: TaskLines[] = [];
    for (const { tail, ...task } of this.#tails) {
      const lines = this.#hasBegun ? await tail.next() : await tail.last(this.#linesFirst);
      if (lines.length > 0) found.push({ ...task, lines });
    }
    this.#hasBegun = true;
    return found;
  }

  /** Closes the files. */
  async close(): Promise<void> {
    for (const { tail } of this.#tails) await tail.close();
  }
}
