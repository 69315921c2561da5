/** What a task core asks of spouts and bolts alike; `SpoutWork` and `BoltWork` answer. */

import type { ConfigMap, MaybePromise, TopologyContext } from "../../api/mod.ts";
import type { ErrorCode } from "../../base/mod.ts";
import type { SystemConfig } from "../../base/config/mod.ts";
import type { UserMethod } from "../bridge.ts";
import type { Emitter } from "./emitter.ts";
import type { TimerEvents } from "./timer_events.ts";

/** What a task's error policy has done. */
export interface ErrorCounts {
  /** Calls that were made again. */
  readonly retries: number;
  /** Tuples that were skipped. */
  readonly skipped: number;
  /** Tuples that became dead letters, also those that nobody reads. */
  readonly deadLetters: number;
}

/** User code of one task, driven one call at a time. */
export interface Work {
  readonly kind: "spout" | "bolt";
  /** Calls `open` or `prepare`. */
  open(): MaybePromise<void>;
  /** A turn begins. */
  beginTurn(nowMs: number): void;
  /**
   * Calls user code once, or for tuples at hand up to `callsMax` times while nothing else is to be
   * looked at; how often, 0: there was nothing to call it for. A promise: of a call that has not
   * returned, which `returned` is to be told of.
   */
  step(nowMs: number, callsMax: number): number | PromiseLike<unknown>;
  /** The call whose promise `step` gave has returned; as `step`, how often user code was called. */
  returned(): number;
  /** Does what is due by time, also while a call has not returned; returns when to ask again. */
  tend(nowMs: number): number | undefined;
  /** Calls that have not returned, besides one that `step` gave the promise of. */
  readonly openCalls: number;
  /** Number, from 1 on, of the one of them whose promise has been open for longest; 0: none is. */
  readonly openCall: number;
  /** Calls that have come to their end, where that is not when `step` returns; undefined: it is. */
  readonly settledCalls: number | undefined;
  /** Enough was done for one turn. */
  readonly isTurnOver: boolean;
  /** No call will come any more: the end is due. */
  readonly hasEnded: boolean;
  /** Calls `finish` where there is one. */
  finish(): MaybePromise<void>;
  /** Ends the input of a spout. */
  drain(): void;
  /** Calls `close` or `cleanup`. */
  close(): MaybePromise<void>;
  /** Something came that the driver does not see: `step` has something to do. */
  readonly hasNews: boolean;
  /** When to look again though nothing came; undefined: never. */
  readonly wakeAtMs: number | undefined;
  /** Calls of `nextTuple`, or `execute`. */
  readonly calls: number;
  /** Tuples of the input. */
  readonly executed: number;
  /** The same by input, in the order of the definition; behind them ticks, where the bolt has any. */
  readonly executedByInput: readonly number[];
  readonly acked: number;
  readonly failed: number;
  /** Absent: what a call throws ends the task. */
  readonly errors: ErrorCounts | undefined;
}

/** What spouts and bolts are handed. */
export interface WorkOptions {
  readonly context: TopologyContext;
  /** The topology's configuration with the component's on top. */
  readonly config: ConfigMap;
  readonly system: SystemConfig;
  readonly emitter: Emitter;
  readonly timers: TimerEvents;
  /** The time now, on the clock that turns are given. */
  nowMs(): number;
  /** Something is to be done though no packet came: a turn is due. */
  requestTurn(): void;
  /** Which method is called, where it is not the one that most turns call; "": that one again. */
  calling(method: UserMethod): void;
  /** Resolves when all that the task may need has credit. */
  ready(): Promise<void>;
  reportError(error: unknown): void;
}

/** What a task counted over its life. */
export interface TaskTotals {
  readonly taskId: number;
  readonly component: string;
  readonly emitted: number;
  readonly executed: number;
  readonly acked: number;
  readonly failed: number;
  readonly dropped: ReadonlyMap<string, number>;
}

/** What user code threw, or rejected with: the task cannot go on. */
export class FatalUserError extends Error {
  override readonly name = "FatalUserError";
  /** Which fault it is, unless what was thrown knows better. */
  readonly code: ErrorCode;

  /** Wraps what was thrown as `cause`. */
  constructor(thrown: unknown, code: ErrorCode = "user_code") {
    super(thrown instanceof Error ? thrown.message : String(thrown), { cause: thrown });
    this.code = code;
  }

  /** Wraps what was thrown, unless it is wrapped already: the first who did knew best. */
  static of(thrown: unknown, code?: ErrorCode): FatalUserError {
    return thrown instanceof FatalUserError ? thrown : new FatalUserError(thrown, code);
  }
}
