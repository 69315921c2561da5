/** What task hooks are told. */

import type { Tuple } from "./tuple.ts";

/** Why a tuple failed: a bolt said so, nobody acked it in time, or it may have been lost on the way. */
export type FailReason = "failed" | "timeout" | "lost";

/** What was emitted. */
export interface EmitInfo {
  /** The values. */
  readonly values: readonly unknown[];
  /** The stream it was emitted to. */
  readonly stream: string;
  /** The task that emitted. */
  readonly taskId: number;
  /** The tasks it was sent to, of each grouping (Heron knows them only for direct and custom ones). */
  readonly outTasks: readonly number[];
}

/** A tuple of a spout that was handled. */
export interface SpoutAckInfo {
  /** The spout's id of it. */
  readonly messageId: unknown;
  /** The task of the spout. */
  readonly spoutTaskId: number;
  /** Milliseconds from the emit to the spout's `ack`. */
  readonly completeLatencyMs: number;
}

/** A tuple of a spout that was not handled. */
export interface SpoutFailInfo {
  /** The spout's id of it. */
  readonly messageId: unknown;
  /** The task of the spout. */
  readonly spoutTaskId: number;
  /** Milliseconds from the emit to the spout's `fail`. */
  readonly failLatencyMs: number;
  /** Why it failed. */
  readonly reason: FailReason;
}

/** A tuple that a bolt has executed. */
export interface BoltExecuteInfo {
  /** The tuple. */
  readonly tuple: Tuple;
  /** The task of the bolt. */
  readonly executingTaskId: number;
  /** Milliseconds that `execute` took, until its promise resolved if it returned one. */
  readonly executeLatencyMs: number;
}

/** A tuple that a bolt has acked. */
export interface BoltAckInfo {
  /** The tuple. */
  readonly tuple: Tuple;
  /** The task of the bolt. */
  readonly ackingTaskId: number;
  /** Milliseconds from the call of `execute` to the ack. */
  readonly processLatencyMs: number;
}

/** A tuple that a bolt has failed. */
export interface BoltFailInfo {
  /** The tuple. */
  readonly tuple: Tuple;
  /** The task of the bolt. */
  readonly failingTaskId: number;
  /** Milliseconds from the call of `execute` to the fail. */
  readonly failLatencyMs: number;
}
