/** What a test sees of its topology: all that was emitted, handled, acked, failed and reported. */

import type { FailReason } from "../api/mod.ts";

/** A task, as records name it. */
export interface RecordedTask {
  readonly component: string;
  /** The id of the task; ids start at 1. */
  readonly task: number;
  /** Its rank among the tasks of its component, from 0. */
  readonly taskIndex: number;
}

/** A tuple that a task emitted. */
export interface TestOutput extends RecordedTask {
  readonly stream: string;
  readonly values: readonly unknown[];
  /** The tasks it was sent to. */
  readonly tasks: readonly number[];
  /** What a spout calls it, if it does. */
  readonly messageId: unknown;
  /** The values of the tuples that a bolt anchored it to. */
  readonly anchors: readonly (readonly unknown[])[];
  /** Virtual time, in ms since the topology started. */
  readonly atMs: number;
}

/** A tuple that was given to a bolt; ticks are left out. */
export interface TestInput extends RecordedTask {
  readonly stream: string;
  readonly values: readonly unknown[];
  /** The component that emitted it. */
  readonly source: string;
  /** Virtual time, in ms since the topology started. */
  readonly atMs: number;
}

/** A tuple of a spout that was handled, with all that came of it. */
export interface AckedTuple extends RecordedTask {
  readonly messageId: unknown;
  /** Virtual time, in ms since the topology started. */
  readonly atMs: number;
}

/** A tuple of a spout that was not handled. */
export interface FailedTuple extends AckedTuple {
  /** A bolt failed it, it timed out, or it may be lost. */
  readonly reason: FailReason;
}

/** What user code gave to `collector.reportError`. */
export interface ReportedError extends RecordedTask {
  /** Its text, as the log has it. */
  readonly message: string;
  readonly stack: string;
  /** How many of the same came, where there were several within a second. */
  readonly count: number;
  /** Virtual time, in ms since the topology started. */
  readonly atMs: number;
}

/** The records of one run. */
export class Records {
  readonly outputs: TestOutput[] = [];
  readonly inputs: TestInput[] = [];
  readonly acked: AckedTuple[] = [];
  readonly failed: FailedTuple[] = [];
  readonly errors: ReportedError[] = [];
  /** Grows with all that is no empty call: who sees it stand still sees nothing happen. */
  activity = 0;

  /** Notes a tuple that was emitted. */
  emitted(output: TestOutput): void {
    this.activity++;
    this.outputs.push(output);
  }

  /** Notes a tuple that a bolt is called with. */
  executed(input: TestInput): void {
    this.activity++;
    this.inputs.push(input);
  }

  /** Notes what a spout hears. */
  heard(done: AckedTuple, reason: FailReason | undefined): void {
    this.activity++;
    if (reason === undefined) this.acked.push(done);
    else this.failed.push({ ...done, reason });
  }
}
