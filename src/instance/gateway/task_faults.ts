/** What an instance tells its supervisor of what user code did wrong. */

import type { Party } from "../../base/gen/heron_bin/packet_pb.ts";
import { type Clock, type Logger, sleep } from "../../base/mod.ts";
import type { LifeLine } from "../../base/supervision/mod.ts";
import type { PackedInstance } from "../../plan/mod.ts";
import type { PostedFailure } from "../bridge.ts";
import { Repeats } from "./repeats.ts";

/** How long a task that leaves waits for its supervisor to hear why. */
export const LAST_WORDS_MS = 1000;

/** What faults are told with. */
export interface TaskFaultsOptions {
  readonly task: PackedInstance;
  readonly party: Party;
  readonly lifeLine: Pick<LifeLine, "deliver">;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** The faults of one task. */
export class TaskFaults {
  readonly #options: TaskFaultsOptions;
  readonly #strays = new Repeats();

  /** None yet. */
  constructor(options: TaskFaultsOptions) {
    this.#options = options;
  }

  /** The task ends for it; resolves when that is heard. */
  failed(failure: PostedFailure): Promise<unknown> {
    const value = this.#told(failure);
    return this.#options.lifeLine.deliver({ body: { case: "processFailed", value } });
  }

  /** User code does what it should not, or has stopped to; the task goes on. */
  async warn(failure: PostedFailure, isOver = false): Promise<void> {
    const { lifeLine, logger, clock } = this.#options;
    if (isOver) logger.info("warning is over", { ...failure });
    else logger.warn("user code", { ...failure });
    const value = { fault: this.#told(failure), isOver };
    const told = lifeLine.deliver({ body: { case: "taskWarning", value } });
    // Nobody to hear it: the log has it.
    await Promise.race([told.then(() => undefined, () => undefined), sleep(clock, LAST_WORDS_MS)]);
  }

  /** What was left behind has failed; that which does so again and again is told of less and less. */
  strayed(failure: PostedFailure): void {
    const times = this.#strays.take(`${failure.message}\n${failure.stack}`);
    if (times === undefined) return;
    const message = times === 1 ? failure.message : `${failure.message} (${times} times)`;
    void this.warn({ ...failure, message });
  }

  #told({ code, message, stack }: PostedFailure) {
    const { task: { component, taskId: task, componentIndex }, party } = this.#options;
    return { party, code, message, stack, component, task, componentIndex };
  }
}
