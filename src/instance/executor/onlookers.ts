/**
 * What looks on at a task's user code and tells of it: metrics that it
 * registers, errors that it reports, hooks, the log of its emits. User code is
 * changed for hooks and the log alone, once, when it has opened; without them
 * its calls are what they would be without this file.
 */

import type {
  IBolt,
  ISpout,
  ITaskHook,
  MaybePromise,
  OutputCollector,
  SpoutOutputCollector,
} from "../../api/mod.ts";
import type { PostedEmit, PostedFailure, PostedMetric } from "../bridge.ts";
import { watchEmits } from "./emission.ts";
import { EmitLog } from "./emit_log.ts";
import { ErrorReports } from "./error_reports.ts";
import { overridden } from "./overridden.ts";
import { TaskHooks } from "./task_hooks.ts";
import { UserMetrics } from "./user_metrics.ts";
import { earlier } from "./turn_result.ts";
import { FatalUserError } from "./work.ts";

/** Where a task tells of itself. */
export interface TaskTeller {
  /** Values of user metrics, to be published as they are. @default nobody takes them */
  published?(metrics: readonly PostedMetric[]): void;
  /** Emits for the log, and how many were left out before. @default nobody takes them */
  emitted?(emits: readonly PostedEmit[], leftOut: number): void;
  /** User code has reported an error, so many times. */
  reported(failure: PostedFailure, count: number): void;
}

/** What onlookers are made of. */
export interface OnlookersOptions {
  readonly taskId: number;
  /** `topology.debug`. */
  readonly isDebug: boolean;
  /** Make the hooks that the topology gives this task, each called as the task opens. */
  readonly hooks: readonly (() => ITaskHook)[];
  readonly teller: TaskTeller;
  nowMs(): number;
  requestTurn(): void;
}

/** All that looks on at one task. */
export class Onlookers {
  readonly metrics: UserMetrics;
  readonly hooks: TaskHooks;
  readonly errors: ErrorReports;
  readonly #emitLog: EmitLog | undefined;
  readonly #createHooks: readonly (() => ITaskHook)[];

  /** They look on from `spout` or `bolt` on. */
  constructor({ taskId, isDebug, hooks, teller, nowMs, requestTurn }: OnlookersOptions) {
    this.metrics = new UserMetrics((values) => teller.published?.(values), requestTurn);
    this.hooks = new TaskHooks({ taskId, nowMs });
    this.#createHooks = hooks;
    this.errors = new ErrorReports(
      (failure, count) => teller.reported(failure, count),
      requestTurn,
    );
    this.#emitLog = isDebug
      ? new EmitLog((emits, leftOut) => teller.emitted?.(emits, leftOut))
      : undefined;
  }

  /** `spout` until it has opened; `opened` is given what takes its place then. */
  spout(spout: ISpout, opened: (spout: ISpout, hearsAcks: boolean) => void): ISpout {
    return overridden<ISpout>(spout, {
      open: (config, context, collector) => {
        this.#addHooks();
        this.#logEmits(collector, "spout");
        const prepare = () => this.hooks.prepare(config, context);
        return inTurn(spout.open?.(config, context, collector), prepare, () => {
          if (this.hooks.all.length === 0) return opened(spout, false);
          watchEmits(collector, "spout", this.hooks.watchEmit);
          opened(this.hooks.spout(spout), true);
        });
      },
    });
  }

  /** `bolt` until it has opened; `opened` is given what takes its place then. */
  bolt(bolt: IBolt, opened: (bolt: IBolt) => void): IBolt {
    return overridden<IBolt>(bolt, {
      prepare: (config, context, collector) => {
        this.#addHooks();
        this.#logEmits(collector, "bolt");
        const prepared = bolt.prepare?.(config, context, collector);
        return inTurn(prepared, () => this.hooks.prepare(config, context), () => {
          if (this.hooks.all.length === 0) return opened(bolt);
          watchEmits(collector, "bolt", this.hooks.watchEmit);
          this.#watchAcks(collector);
          opened(this.hooks.bolt(bolt));
        });
      },
    });
  }

  /** They are user code, and what they throw ends the task as what `open` throws does. */
  #addHooks(): void {
    for (const create of this.#createHooks) this.hooks.add(create());
  }

  #logEmits(collector: OutputCollector | SpoutOutputCollector, kind: "spout" | "bolt"): void {
    const log = this.#emitLog;
    if (log !== undefined) watchEmits(collector, kind, (emission) => log.take(emission));
  }

  #watchAcks(collector: OutputCollector): void {
    const { ack, fail } = collector;
    collector.ack = (tuple) => {
      ack(tuple);
      this.hooks.acked(tuple);
    };
    collector.fail = (tuple) => {
      fail(tuple);
      this.hooks.failed(tuple);
    };
  }

  /** Tells what is due; returns when to come again. @throws FatalUserError of what a metric throws */
  tend(nowMs: number): number | undefined {
    return earlier(
      this.#tendMetrics(nowMs),
      earlier(this.errors.tend(nowMs), this.#emitLog?.tend(nowMs)),
    );
  }

  #tendMetrics(nowMs: number): number | undefined {
    try {
      return this.metrics.tend(nowMs);
    } catch (thrown) {
      throw FatalUserError.of(thrown);
    }
  }

  /** The task ends: tells the rest. @throws FatalUserError of what a metric throws */
  end(): void {
    this.errors.end();
    this.#emitLog?.end();
    try {
      this.metrics.end();
    } catch (thrown) {
      throw FatalUserError.of(thrown);
    }
  }
}

/** What follows a call of user code that may be async, one after the other. */
function inTurn(
  opened: MaybePromise<void>,
  prepare: () => MaybePromise<void>,
  then: () => void,
): MaybePromise<void> {
  if (opened !== undefined) return Promise.resolve(opened).then(prepare).then(then);
  const prepared = prepare();
  return prepared === undefined ? then() : prepared.then(then);
}
