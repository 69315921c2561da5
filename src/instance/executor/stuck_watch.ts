/**
 * Notices that a task may not be called for want of credit and has done
 * nothing for long, and says so until that is over: the topology master looks
 * for cycles in what all tasks say. It begins after half of `cycle.stall.ms`.
 */

import { encodeFrame } from "../../base/wire/mod.ts";
import type { FrameSink } from "../../tuples/mod.ts";
import type { Emitter } from "./emitter.ts";

/** Reports in one `cycle.stall.ms`. */
const REPORTS_PER_STALL = 8;

/** What a watch is made of. */
export interface StuckWatchOptions {
  readonly taskId: number;
  /** `cycle.stall.ms`. */
  readonly stallMs: number;
  readonly emitter: Emitter;
  readonly sink: FrameSink;
}

/** Watches one task. */
export class StuckWatch {
  readonly #options: StuckWatchOptions;
  #mark: string | undefined;
  #tellAtMs = 0;
  #hasTold = false;

  /** A watch of a task that is not stuck. */
  constructor(options: StuckWatchOptions) {
    this.#options = options;
  }

  /** The task has no credit now; returns when to look again. */
  stuck(nowMs: number): number {
    const { emitter, stallMs, taskId } = this.#options;
    const mark = emitter.blockedMark();
    if (mark !== this.#mark) {
      this.free();
      this.#mark = mark;
      this.#tellAtMs = nowMs + stallMs / 2;
    } else if (nowMs >= this.#tellAtMs) {
      this.#tell(taskId, emitter.waitsFor());
      this.#hasTold = true;
      this.#tellAtMs = nowMs + stallMs / REPORTS_PER_STALL;
    }
    return this.#tellAtMs;
  }

  /** The task is not stuck; what was said is withdrawn. */
  free(): void {
    this.#mark = undefined;
    if (!this.#hasTold) return;
    this.#hasTold = false;
    this.#tell(this.#options.taskId, []);
  }

  #tell(task: number, waitsFor: readonly number[]): void {
    const value = { task, waitsFor: [...waitsFor] };
    const frame = encodeFrame({ body: { case: "taskStuck", value } });
    this.#options.sink.write(frame, 0, frame.length);
  }
}
