/**
 * The hooks of one task. They come into being as it opens, take effect when
 * `open` or `prepare` has returned, and until then, and without any, nothing
 * of the task is changed.
 */

import {
  type ConfigMap,
  HeronError,
  type IBolt,
  type ISpout,
  type ITaskHook,
  type MaybePromise,
  type TopologyContext,
  type Tuple,
} from "../../api/mod.ts";
import type { EmissionWatcher } from "./emission.ts";
import { overridden } from "./overridden.ts";

/** What hooks need of the task they look on at. */
export interface HookPlace {
  readonly taskId: number;
  nowMs(): number;
}

/** The hooks of one task. */
export class TaskHooks {
  readonly #place: HookPlace;
  readonly #hooks: ITaskHook[] = [];
  #isOpen = true;
  /** When a tuple was handed to the bolt, or emitted by the spout. */
  readonly #handedAtMs = new WeakMap<Tuple, number>();
  readonly #emittedAtMs = new Map<unknown, number>();

  /** None yet. */
  constructor(place: HookPlace) {
    this.#place = place;
  }

  /** All of them. */
  get all(): readonly ITaskHook[] {
    return this.#hooks;
  }

  /** Adds one. @throws HeronError "user_code" once the task is open */
  add(hook: ITaskHook): void {
    if (!this.#isOpen) {
      throw new HeronError(
        "user_code",
        "Add a task hook: open or prepare has returned, expected the call within it",
      );
    }
    this.#hooks.push(hook);
  }

  /** No more can be added; those there are get ready. */
  prepare(config: ConfigMap, context: TopologyContext): MaybePromise<void> {
    this.#isOpen = false;
    return inTurn(this.#hooks, (hook) => hook.prepare?.(config, context));
  }

  /** Each hook, and at the end the component, cleans up, whatever the others throw; the first is told. */
  async #cleanup(close: () => MaybePromise<void>): Promise<void> {
    let failure: { readonly thrown: unknown } | undefined;
    for (const call of [...this.#hooks.map((hook) => () => hook.cleanup?.()), close]) {
      try {
        await call();
      } catch (thrown) {
        failure ??= { thrown };
      }
    }
    if (failure !== undefined) throw failure.thrown;
  }

  /** What looks on at emits. */
  get watchEmit(): EmissionWatcher {
    const { taskId, nowMs } = this.#place;
    return ({ stream, values, tasks: outTasks, messageId }) => {
      if (messageId !== undefined && messageId !== null) {
        this.#emittedAtMs.set(messageId, nowMs());
      }
      for (const hook of this.#hooks) hook.emit?.({ values, stream, taskId, outTasks });
    };
  }

  /** `spout`, looked on at. */
  spout(spout: ISpout): ISpout {
    const { taskId: spoutTaskId } = this.#place;
    return overridden<ISpout>(spout, {
      ack: (messageId) => {
        const completeLatencyMs = this.#sinceEmit(messageId);
        return after(spout.ack?.(messageId), () => {
          for (const hook of this.#hooks) {
            hook.spoutAck?.({ messageId, spoutTaskId, completeLatencyMs });
          }
        });
      },
      fail: (messageId, reason) => {
        const failLatencyMs = this.#sinceEmit(messageId);
        return after(spout.fail?.(messageId, reason), () => {
          for (const hook of this.#hooks) {
            hook.spoutFail?.({ messageId, spoutTaskId, failLatencyMs, reason });
          }
        });
      },
      close: () => this.#cleanup(() => spout.close?.()),
    });
  }

  #sinceEmit(messageId: unknown): number {
    const { nowMs } = this.#place;
    const emittedAtMs = this.#emittedAtMs.get(messageId);
    this.#emittedAtMs.delete(messageId);
    // Of two tuples with one id the second was emitted last.
    return emittedAtMs === undefined ? 0 : nowMs() - emittedAtMs;
  }

  /** `bolt`, looked on at. */
  bolt(bolt: IBolt): IBolt {
    const { taskId: executingTaskId, nowMs } = this.#place;
    return overridden<IBolt>(bolt, {
      execute: (tuple) => {
        const startMs = nowMs();
        this.#handedAtMs.set(tuple, startMs);
        return after(bolt.execute(tuple), () => {
          const executeLatencyMs = nowMs() - startMs;
          for (const hook of this.#hooks) {
            hook.boltExecute?.({ tuple, executingTaskId, executeLatencyMs });
          }
        });
      },
      cleanup: () => this.#cleanup(() => bolt.cleanup?.()),
    });
  }

  /** The bolt has acked `tuple`. */
  acked(tuple: Tuple): void {
    const { taskId: ackingTaskId } = this.#place;
    const processLatencyMs = this.#sinceHanded(tuple);
    for (const hook of this.#hooks) hook.boltAck?.({ tuple, ackingTaskId, processLatencyMs });
  }

  /** The bolt has failed `tuple`. */
  failed(tuple: Tuple): void {
    const { taskId: failingTaskId } = this.#place;
    const failLatencyMs = this.#sinceHanded(tuple);
    for (const hook of this.#hooks) hook.boltFail?.({ tuple, failingTaskId, failLatencyMs });
  }

  #sinceHanded(tuple: Tuple): number {
    const handedAtMs = this.#handedAtMs.get(tuple);
    return handedAtMs === undefined ? 0 : this.#place.nowMs() - handedAtMs;
  }
}

/** Runs `then` when a call of user code is done. */
function after(returned: MaybePromise<void>, then: () => void): MaybePromise<void> {
  if (returned === undefined) return then();
  return Promise.resolve(returned).then(then);
}

/** Calls each hook when the one before is done. */
function inTurn(
  hooks: readonly ITaskHook[],
  call: (hook: ITaskHook) => MaybePromise<void>,
): Promise<void> | undefined {
  let before: Promise<void> | undefined;
  for (const hook of hooks) {
    if (before !== undefined) {
      before = before.then(() => call(hook));
      continue;
    }
    const returned = call(hook);
    if (returned !== undefined) before = Promise.resolve(returned);
  }
  return before;
}
