/** What a task says when it is asked for relief: that half of its budget is free, as soon as it is so. */

import { encodeFrame } from "../../base/wire/mod.ts";
import type { FrameSink } from "../../tuples/mod.ts";

/** What a relief is made of. */
export interface ReliefOptions {
  readonly taskId: number;
  /** What the task may have received and not yet handled, in bytes. */
  readonly budgetBytes: number;
  readonly sink: FrameSink;
}

/** The relief of one task. */
export class Relief {
  readonly #options: ReliefOptions;
  #isAsked = false;

  /** Nobody has asked. */
  constructor(options: ReliefOptions) {
    this.#options = options;
  }

  /** Somebody waits for it. */
  ask(): void {
    this.#isAsked = true;
  }

  /** The task holds so much now. */
  look(heldBytes: number): void {
    const { taskId, budgetBytes, sink } = this.#options;
    if (!this.#isAsked || heldBytes * 2 > budgetBytes) return;
    this.#isAsked = false;
    const frame = encodeFrame({ body: { case: "relieved", value: { task: taskId } } });
    sink.write(frame, 0, frame.length);
  }
}
