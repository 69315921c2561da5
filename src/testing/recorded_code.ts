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
import { DEFAULT_STREAM, isPromiseLike, SYSTEM_COMPONENT } from "../api/mod.ts";
import type { CodePlace } from "../simulator/mod.ts";
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
  /** Virtual time, in ms since the topology started. */
  nowMs(): number;
  /** A method of user code threw, or its promise was rejected. */
  threw(method: string, thrown: unknown): void;
}

/** What a call of `nextTuple` or `execute` takes, in ms of virtual time: time passes in endless topologies too. */
const CALL_MS = 0.1;

type Method = (...args: unknown[]) => unknown;

/** The user's spout or bolt, with its calls recorded. */
export function recordCode(options: RecordedCodeOptions): ISpout | IBolt {
  return new RecordedCode(options).asComponent();
}

class RecordedCode {
  readonly #options: RecordedCodeOptions;
  readonly #methods = new Map<string | symbol, unknown>();
  #collector: OutputCollector | undefined;

  constructor(options: RecordedCodeOptions) {
    this.#options = options;
    const isSpout = "nextTuple" in options.user;
    this.#methods.set(isSpout ? "open" : "prepare", this.#opener(isSpout ? "open" : "prepare"));
    if (isSpout) {
      this.#methods.set("ack", (messageId: unknown) => this.#heard(messageId, undefined));
      this.#methods.set(
        "fail",
        (messageId: unknown, reason: FailReason) => this.#heard(messageId, reason),
      );
      this.#methods.set("nextTuple", () => {
        options.place.busy(CALL_MS);
        return this.#call("nextTuple", []);
      });
    } else this.#methods.set("execute", (tuple: Tuple) => this.#execute(tuple));
  }

  /** Whatever else the user's object has is there as well, and each call is followed. */
  asComponent(): ISpout | IBolt {
    return new Proxy(this.#options.user, {
      get: (user, key) => {
        const known = this.#methods.get(key);
        if (known !== undefined) return known;
        const value: unknown = Reflect.get(user, key, user);
        if (typeof value !== "function") return value;
        const method = (...args: unknown[]): unknown => this.#call(key, args);
        this.#methods.set(key, method);
        return method;
      },
      has: (user, key) => this.#methods.has(key) || key in user,
    });
  }

  /** Calls a method of the user's, if it has it. */
  #call(key: string | symbol, args: readonly unknown[]): unknown {
    const { user, task, waits, threw } = this.#options;
    const name = String(key);
    const method: unknown = Reflect.get(user, key, user);
    if (typeof method !== "function") return undefined;
    let returned: unknown;
    try {
      // Called as the user's own: private fields are found.
      returned = Reflect.apply(method as Method, user, args);
    } catch (thrown) {
      threw(name, thrown);
      throw thrown;
    }
    if (!isPromiseLike(returned)) return returned;
    waits.follow(`${task.component}[${task.taskIndex}].${name}`, returned);
    returned.then(undefined, (thrown: unknown) => threw(name, thrown));
    return returned;
  }

  #opener(method: string): Method {
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
        values: [...tuple.getValues()],
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
      values: Array.isArray(values) ? [...values] : [],
      tasks: [...tasks],
      messageId: "nextTuple" in user ? rest[1] : undefined,
      anchors: anchors.map((tuple) => [...tuple.getValues()]),
      atMs: nowMs(),
    });
  }
}
