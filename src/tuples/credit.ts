/**
 * Credit: absolute offsets up to which a source may send (PROTOCOL section 2).
 * Shares are static, from the plan, so that both sides compute the same first
 * limit without a word. The table of limits lies in memory that the gateway
 * writes and the executor reads; a limit there is the low 32 bits of an offset.
 */

import { RECORD_BYTES_MAX } from "./acks.ts";

/** What the shares of a task's budget are computed from; all in bytes. */
export interface CreditTerms {
  /** `instance.receive.bytes`. */
  readonly instanceReceiveBytes: number;
  /** `topology.container.receive.bytes`, divided among the container's tasks. */
  readonly topologyContainerReceiveBytes: number;
  /** `channel.initial.credit.bytes`. */
  readonly channelInitialCreditBytes: number;
  /** `channel.minimum.credit.bytes`. */
  readonly channelMinimumCreditBytes: number;
}

/** A source that lacks credit for long says so again after this many times `backpressure.report.ms`. */
export const WAIT_REPEATED_AFTER_REPORTS = 10;

/** Bytes a task may have received and not yet handled. */
export function taskBudgetBytes(terms: CreditTerms, tasksInContainer: number): number {
  return Math.min(
    terms.instanceReceiveBytes,
    Math.floor(terms.topologyContainerReceiveBytes / Math.max(1, tasksInContainer)),
  );
}

/** A source's first limit, before any grant: known to both sides from the plan. */
export function initialCreditBytes(
  terms: CreditTerms,
  budgetBytes: number,
  sourceTasks: number,
): number {
  const share = Math.floor(budgetBytes / Math.max(1, sourceTasks));
  return Math.max(
    terms.channelMinimumCreditBytes,
    Math.min(terms.channelInitialCreditBytes, share),
  );
}

/** How far past the handled offset each source of a task is granted. */
export function windowBytes(terms: CreditTerms, budgetBytes: number, sourceTasks: number): number {
  const share = Math.floor(budgetBytes / Math.max(1, sourceTasks));
  return Math.max(terms.channelMinimumCreditBytes, share);
}

/**
 * Most bytes a task can hold: its windows; for each source what its last call
 * overshot, a batch of `batchBytesMax` with a last tuple as large; and one tuple
 * in parts, `largeBytes` by `partsCostBytes`. A source that falls silent in the
 * middle of such a tuple for `net.silence.ms` may leave as much once more.
 */
export function receiveBoundBytes(
  terms: CreditTerms,
  budgetBytes: number,
  sources: {
    readonly tasks: number;
    readonly overshootBytes: number;
    /** @default 0 */
    readonly largeBytes?: number;
  },
): number {
  const window = windowBytes(terms, budgetBytes, sources.tasks);
  const initial = initialCreditBytes(terms, budgetBytes, sources.tasks);
  return sources.tasks * (Math.max(window, initial) + sources.overshootBytes) +
    (sources.largeBytes ?? 0);
}

/**
 * What a batch costs beside its runs, in bytes: its headers, and what a queue keeps of it.
 * Without it, small batches would hold many times the memory that credit speaks of.
 */
export const BATCH_COST_BYTES = 128;

/** Markers and grants of a channel that may wait in one place, in bytes. */
const CONTROL_BYTES = 512;

/** A task that a stream manager holds frames for. */
export interface ServedTask {
  readonly budgetBytes: number;
  /** All tasks that can send to it. */
  readonly sourceTasks: number;
  /** Those of them whose frames pass here: all, for a local task. */
  readonly sourcesHere: number;
  /** Most bytes of acks that may wait for it, for a spout that gets some: `ackBoundBytes`. @default 0 */
  readonly ackBytes?: number;
}

/** Frames of acks are about as long as this, at most. */
const ACK_FRAME_BYTES = 32 * 1024;

/**
 * Most bytes of acks that wait for one spout task: in the queue of its link as many as need not be merged
 * and those that were, and once more those that are: two records a slot.
 */
export function ackBoundBytes(slots: number, acksMergeBytes: number): number {
  return acksMergeBytes + ACK_FRAME_BYTES + 2 * slots * 2 * RECORD_BYTES_MAX;
}

/** Most bytes of the tuple path that wait in a stream manager: what all channels through it may hold. */
export function stmgrBoundBytes(
  terms: CreditTerms,
  tasks: readonly ServedTask[],
  overshootBytes: number,
): number {
  let sum = 0;
  for (const { budgetBytes, sourceTasks, sourcesHere, ackBytes = 0 } of tasks) {
    const window = windowBytes(terms, budgetBytes, sourceTasks);
    const initial = initialCreditBytes(terms, budgetBytes, sourceTasks);
    sum += ackBytes +
      sourcesHere * (Math.max(window, initial) + overshootBytes + 2 * CONTROL_BYTES);
  }
  return sum;
}

/** Limits of the channels of one source task, by destination task. */
export class CreditTable {
  /** Shared words: low 32 bits of each limit. */
  readonly words: Int32Array;

  /** A view on `words`, one for each task id up to the largest. */
  constructor(words: Int32Array) {
    this.words = words;
  }

  /** Sets a channel's limit whatever it was: for a new channel. */
  reset(destinationTask: number, limit: number): void {
    Atomics.store(this.words, destinationTask, limit | 0);
  }

  /** Raises a limit; a lower one is ignored. True when it was raised. */
  raise(destinationTask: number, limit: number): boolean {
    const low = limit | 0;
    const current = Atomics.load(this.words, destinationTask);
    if (((low - current) | 0) <= 0) return false;
    Atomics.store(this.words, destinationTask, low);
    return true;
  }

  /** Whether the limit is `limit`. */
  isAt(destinationTask: number, limit: number): boolean {
    return Atomics.load(this.words, destinationTask) === (limit | 0);
  }

  /** Bytes that may still be sent past `offset`; 0 or less: none. */
  headroom(destinationTask: number, offset: number): number {
    return (Atomics.load(this.words, destinationTask) - (offset | 0)) | 0;
  }
}
