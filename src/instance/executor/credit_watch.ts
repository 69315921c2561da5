/**
 * Notices that a task may not be called for want of credit for long, and tells
 * whose credit it lacks. What was told is repeated until a good part of that
 * channel's window is free, or of another's that serves as well; then it is
 * taken back. Words may be lost: repeating them makes up for it.
 */

import { encodeFrame } from "../../base/wire/mod.ts";
import { type FrameSink, type TaskLife, WAIT_REPEATED_AFTER_REPORTS } from "../../tuples/mod.ts";
import type { Emitter } from "./emitter.ts";

/** What a watch is made of. */
export interface CreditWatchOptions {
  readonly taskId: number;
  readonly life: TaskLife;
  /** `backpressure.report.ms`. */
  readonly reportMs: number;
  readonly emitter: Pick<Emitter, "emittedBytes" | "waitsFor" | "isServed">;
  readonly sink: FrameSink;
}

interface ToldWait {
  readonly wait: number;
  repeatAtMs: number;
}

/** Watches the credit of one task. */
export class CreditWatch {
  readonly #options: CreditWatchOptions;
  /** What was told, by culprit. */
  readonly #told = new Map<number, ToldWait>();
  #waits = 0;
  #blocked:
    | { readonly sinceMs: number; readonly emittedBytes: number; isTold: boolean }
    | undefined;

  /** Nothing is known of the task yet. */
  constructor(options: CreditWatchOptions) {
    this.#options = options;
  }

  /** Looks at the task, which `isBlocked` when it may not be called for want of credit; returns when to look again. */
  look(nowMs: number, isBlocked: boolean): number | undefined {
    if (this.#told.size > 0) this.#tellAgain(nowMs);
    if (!isBlocked) this.#blocked = undefined;
    else this.#watch(nowMs);
    const { reportMs } = this.#options;
    const blocked = this.#blocked;
    let dueMs = blocked?.isTold === false ? blocked.sinceMs + reportMs : Infinity;
    // It is looked at in each turn: an iterator over nothing would be garbage.
    if (this.#told.size > 0) {
      for (const { repeatAtMs } of this.#told.values()) dueMs = Math.min(dueMs, repeatAtMs);
    }
    return dueMs === Infinity ? undefined : dueMs;
  }

  #watch(nowMs: number): void {
    const { emitter, reportMs } = this.#options;
    const { emittedBytes } = emitter;
    // What was emitted since was emitted with credit: it is another wait.
    if (this.#blocked?.emittedBytes !== emittedBytes) {
      this.#blocked = { sinceMs: nowMs, emittedBytes, isTold: false };
    }
    const blocked = this.#blocked;
    if (blocked.isTold || nowMs < blocked.sinceMs + reportMs) return;
    blocked.isTold = true;
    const wait = ++this.#waits;
    for (const culprit of emitter.waitsFor()) {
      this.#told.set(culprit, { wait, repeatAtMs: nowMs + reportMs * WAIT_REPEATED_AFTER_REPORTS });
      this.#tell(culprit, wait, false);
    }
  }

  #tellAgain(nowMs: number): void {
    const { emitter, reportMs } = this.#options;
    for (const [culprit, told] of this.#told) {
      if (emitter.isServed(culprit)) {
        this.#told.delete(culprit);
        this.#tell(culprit, told.wait, true);
      } else if (nowMs >= told.repeatAtMs) {
        told.repeatAtMs = nowMs + reportMs * WAIT_REPEATED_AFTER_REPORTS;
        this.#tell(culprit, told.wait, false);
      }
    }
  }

  /** The task has ended: it waits for nobody any more. */
  end(): void {
    for (const [culprit, { wait }] of this.#told) this.#tell(culprit, wait, true);
    this.#told.clear();
    this.#blocked = undefined;
  }

  #tell(culprit: number, wait: number, over: boolean): void {
    const { taskId: source, life, sink } = this.#options;
    const value = { culprit, source, incarnation: life, wait, over };
    const frame = encodeFrame({ body: { case: "noCredit", value } });
    sink.write(frame, 0, frame.length);
  }
}
