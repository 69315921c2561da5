/**
 * User code in a test: calls go through to the user's object, and what it is
 * given, emits, acks and throws is noted on the way.
 */

import type {
  Anchors,
  FailReason,
  IBolt,
  ICollector,
  ISpout,
  MaybePromise,
  OutputCollector,
  Tuple,
} from "../api/mod.ts";
import { DEFAULT_STREAM, SYSTEM_COMPONENT } from "../api/mod.ts";
import type { CodePlace } from "../simulator/mod.ts";
import { copiedAll } from "./copied.ts";
import type { FollowedCalls, UserMethod } from "./followed_calls.ts";
import type { PlannedFaults } from "./planned_faults.ts";
import type { RecordedTask, Records } from "./records.ts";
import type { UserWaits } from "./user_waits.ts";

/** What recorded code is made of. */
export interface RecordedCodeOptions {
  readonly user: ISpout | IBolt;
  readonly task: RecordedTask;
  readonly place: CodePlace;
  readonly records: Records;
  readonly faults: PlannedFaults;
  readonly waits: UserWaits;
  /** All calls of the task. */
  readonly calls: FollowedCalls;
  /** Virtual time, in ms since the topology started. */
  nowMs(): number;
}

/** What a call of `nextTuple` or `execute` takes, in ms of virtual time: time passes in endless topologies too. */
const CALL_MS = 0.1;

/** The user's spout or bolt, with its calls recorded. */
export function recordCode(options: RecordedCodeOptions): ISpout | IBolt {
  return new RecordedCode(options).asComponent();
}

class RecordedCode {
  readonly #options: RecordedCodeOptions;
  readonly #methods = new Map<PropertyKey, UserMethod>();
  #collector: OutputCollector | undefined;

  constructor(options: RecordedCodeOptions) {
    this.#options = options;
    const isSpout = "nextTuple" in options.user;
    this.#methods.set(isSpout ? "open" : "prepare", this.#opener(isSpout ? "open" : "prepare"));
    if (isSpout) {
      this.#methods.set("ack", (messageId) => this.#heard(messageId, undefined));
      // Called as the engine does.
      this.#methods.set("fail", (messageId, why) => this.#heard(messageId, why as FailReason));
      this.#methods.set("nextTuple", () => {
        options.place.busy(CALL_MS);
        return this.#call("nextTuple", []);
      });
    } else {
      // The same.
      this.#methods.set("execute", (tuple) => this.#execute(tuple as Tuple));
    }
  }

  /** Whatever else the user's object has is there as well, and each call is followed. */
  asComponent(): ISpout | IBolt {
    return this.#options.calls.object(this.#options.user, this.#methods);
  }

  /** Calls a method of the user's, if it has it. */
  #call(key: string, args: readonly unknown[]): unknown {
    return this.#options.calls.method(this.#options.user, key, args);
  }

  #opener(method: string): UserMethod {
    return (config, context, collector) => {
      // The executor gives bolts theirs; a spout has no use for it here.
      this.#collector = collector as OutputCollector;
      return this.#call(method, [config, context, this.#recorded(this.#collector)]);
    };
  }

  #heard(messageId: unknown, reason: FailReason | undefined): unknown {
    const { records, task, nowMs } = this.#options;
    records.heard({ ...task, messageId, atMs: nowMs() }, reason);
    return reason === undefined
      ? this.#call("ack", [messageId])
      : this.#call("fail", [messageId, reason]);
  }

  #execute(tuple: Tuple): MaybePromise<void> {
    const { faults, task, place } = this.#options;
    // A tick is the engine's.
    if (tuple.getSourceComponent() === SYSTEM_COMPONENT) return this.#executeNow(tuple);
    const delayMs = faults.delayMs(task.component);
    if (delayMs === 0) return this.#executeNow(tuple);
    return place.thread.sleep(delayMs).then(() => this.#executeNow(tuple));
  }

  #executeNow(tuple: Tuple): MaybePromise<void> {
    const { faults, records, task, place, nowMs } = this.#options;
    place.busy(CALL_MS);
    if (tuple.getSourceComponent() !== SYSTEM_COMPONENT) {
      if (faults.takeFail(task.component)) {
        records.activity++;
        return this.#collector?.fail(tuple);
      }
      records.executed({
        ...task,
        stream: tuple.getSourceStreamId(),
        values: copiedAll(tuple.getValues()),
        source: tuple.getSourceComponent(),
        atMs: nowMs(),
      });
    }
    // What it returns is the user's own.
    return this.#call("execute", [tuple]) as MaybePromise<void>;
  }

  #recorded(collector: OutputCollector): ICollector {
    // What user code calls them with is theirs to check.
    const emit = collector.emit.bind(collector) as (...args: unknown[]) => readonly number[];
    // The same.
    const emitDirect = collector.emitDirect.bind(collector) as (
      ...args: unknown[]
    ) => readonly number[];
    // In their place: what the executor itself emits by it, dead letters, is noted as well.
    Object.assign(collector, {
      emit: (...args: unknown[]) => {
        const tasks = emit(...args);
        this.#emitted(args, tasks);
        return tasks;
      },
      emitDirect: (task: number, ...args: unknown[]) => {
        const tasks = emitDirect(task, ...args);
        this.#emitted(args, tasks);
        return tasks;
      },
    });
    const ready = (): Promise<void> => this.#options.waits.ready(collector.ready());
    return new Proxy(collector, {
      get: (target, key) => {
        if (key === "ready") return ready;
        const value: unknown = Reflect.get(target, key, target);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
  }

  #emitted(args: readonly unknown[], tasks: readonly number[]): void {
    const { user, task, records, nowMs } = this.#options;
    const [first] = args;
    const stream = typeof first === "string" ? first : DEFAULT_STREAM;
    const rest = typeof first === "string" ? args.slice(1) : args;
    const isAnchored = !("nextTuple" in user) && rest.length > 1;
    const values = isAnchored ? rest[1] : rest[0];
    // The collector has taken them: they are what it takes.
    const anchors = isAnchored ? [rest[0] as Anchors].flat() as Tuple[] : [];
    records.emitted({
      ...task,
      stream,
      values: Array.isArray(values) ? copiedAll(values) : [],
      tasks: [...tasks],
      messageId: "nextTuple" in user ? rest[1] : undefined,
      anchors: anchors.map((tuple) => copiedAll(tuple.getValues())),
      atMs: nowMs(),
    });
  }
}
