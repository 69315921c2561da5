/** What user code hears of physical plans: custom groupings are prepared, `update` is called. */

import type { IBolt, ISpout, MaybePromise } from "../../api/mod.ts";
import type { PhysicalPlan } from "../../plan/mod.ts";
import type { TaskContext } from "./context.ts";
import type { Emitter } from "./emitter.ts";
import type { Work } from "./work.ts";

/** The calls of one task. */
export class PlanCalls {
  readonly #context: TaskContext;
  readonly #emitter: Pick<Emitter, "prepareGroupings">;
  readonly #user: ISpout | IBolt;
  readonly #work: Pick<Work, "open">;
  #newest: PhysicalPlan | undefined;

  /** `context` is of the plan that the task opened with. */
  constructor(parts: {
    readonly context: TaskContext;
    readonly emitter: Pick<Emitter, "prepareGroupings">;
    readonly user: ISpout | IBolt;
    readonly work: Pick<Work, "open">;
  }) {
    this.#context = parts.context;
    this.#emitter = parts.emitter;
    this.#user = parts.user;
    this.#work = parts.work;
  }

  /** Opens the task; it may emit while it does. */
  open(): MaybePromise<void> {
    this.#emitter.prepareGroupings(this.#context);
    return this.#work.open();
  }

  /** A newer plan came; of several that come before `update` could be called only the last counts. */
  take(plan: PhysicalPlan): void {
    this.#newest = plan;
  }

  /** `update` is to be called. */
  get isDue(): boolean {
    return this.#newest !== undefined;
  }

  /** From now on the context tells of the newest plan. */
  update(): MaybePromise<void> {
    if (this.#newest === undefined) return;
    this.#context.takePlan(this.#newest);
    this.#newest = undefined;
    this.#emitter.prepareGroupings(this.#context);
    return this.#user.update?.(this.#context);
  }
}
