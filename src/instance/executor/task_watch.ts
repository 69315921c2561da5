/**
 * What a task says of its waiting: that it is stuck (for the search for cycles),
 * whose credit it lacks for long, and, when others wait for it, that half of
 * its budget is free.
 */

import type { SystemConfig } from "../../base/config/mod.ts";
import type { PhysicalPlan } from "../../plan/mod.ts";
import { type FrameSink, taskBudgetBytes, type TaskLife } from "../../tuples/mod.ts";
import { CreditWatch } from "./credit_watch.ts";
import type { Emitter } from "./emitter.ts";
import type { Intake } from "./intake.ts";
import { Relief } from "./relief.ts";
import { StuckWatch } from "./stuck_watch.ts";

/** What a watch is made of. */
export interface TaskWatchOptions {
  readonly plan: PhysicalPlan;
  readonly taskId: number;
  readonly life: TaskLife;
  readonly config: SystemConfig;
  readonly emitter: Emitter;
  readonly intake: Intake;
  readonly sink: FrameSink;
}

/** All watches over one task. */
export class TaskWatch {
  readonly #intake: Intake;
  readonly #stuck: StuckWatch;
  /** Absent: spouts do not pause for anybody. */
  readonly #credit: CreditWatch | undefined;
  readonly #relief: Relief;

  /** A task of which nothing is known yet. */
  constructor(options: TaskWatchOptions) {
    const { plan, taskId, life, config, emitter, intake, sink } = options;
    this.#intake = intake;
    this.#stuck = new StuckWatch({ taskId, stallMs: config.cycleStallMs, emitter, sink });
    this.#credit = config.topologyBackpressureSpoutPause
      ? new CreditWatch({ taskId, life, reportMs: config.backpressureReportMs, emitter, sink })
      : undefined;
    const budgetBytes = taskBudgetBytes(config, plan.tasksInContainerOf(taskId));
    this.#relief = new Relief({ taskId, budgetBytes, sink });
  }

  /** Looks at the task, which `isBlocked` when it may not be called for want of credit; returns when to look again. */
  look(nowMs: number, isBlocked: boolean): number | undefined {
    this.#relief.look(this.#intake.heldBytes);
    const lookMs = this.#credit?.look(nowMs, isBlocked);
    if (!isBlocked) {
      this.#stuck.free();
      return lookMs;
    }
    return Math.min(this.#stuck.stuck(nowMs), lookMs ?? Infinity);
  }

  /** Others wait for the task: it is to say when half of its budget is free. */
  askRelief(): void {
    this.#relief.ask();
  }

  /** The task has ended: it waits for nobody any more. */
  end(): void {
    this.#credit?.end();
  }
}
