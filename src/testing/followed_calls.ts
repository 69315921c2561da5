/**
 * Calls of one task's user code in a test, be it a component, a hook or what a
 * timer calls: their promises are waited for, and what they throw is told by name.
 */

import {
  isPromiseLike,
  type ITaskHook,
  type MaybePromise,
  type TopologyContext,
} from "../api/mod.ts";
import type { RecordedTask } from "./records.ts";
import type { UserWaits } from "./user_waits.ts";

/** What calls are followed by. */
export interface FollowedCallsOptions {
  readonly task: RecordedTask;
  readonly waits: UserWaits;
  /** A call threw, or its promise was rejected. */
  threw(method: string, thrown: unknown): void;
}

/** A method of user code, of which nothing is known. */
export type UserMethod = (...args: unknown[]) => unknown;

/** The calls of one task. */
export class FollowedCalls {
  readonly #options: FollowedCallsOptions;
  /** The user's hook, by what stands for it. */
  readonly #hooks = new WeakMap<object, ITaskHook>();

  constructor(options: FollowedCallsOptions) {
    this.#options = options;
  }

  /** `user` with each of its calls followed; those in `own` are called in place of its methods. */
  object<User extends object>(user: User, own = new Map<PropertyKey, UserMethod>()): User {
    const methods = new Map(own);
    // The target is empty: of one that is frozen a proxy could not give anything else.
    const target = {} as User; // whatever is asked of it, `user` answers
    return new Proxy(target, {
      get: (_target, key) => {
        const known = methods.get(key);
        if (known !== undefined) return known;
        const value: unknown = Reflect.get(user, key, user);
        if (typeof value !== "function") return value;
        const method = (...args: unknown[]): unknown => this.method(user, key, args);
        methods.set(key, method);
        return method;
      },
      set: (_target, key, value) => Reflect.set(user, key, value, user),
      has: (_target, key) => methods.has(key) || key in user,
    });
  }

  /** `hook` with each of its calls followed. */
  hook(hook: ITaskHook): ITaskHook {
    const followed = this.object(hook);
    this.#hooks.set(followed, hook);
    return followed;
  }

  /** Calls a method of the user's, if there is one. */
  method(user: object, key: PropertyKey, args: readonly unknown[]): unknown {
    const method: unknown = Reflect.get(user, key, user);
    if (typeof method !== "function") return undefined;
    // What a component or a hook is opened with: by it they hand over more calls.
    const given = OPENERS.has(key)
      ? args.map((one) => isContext(one) ? this.#context(one) : one)
      : args;
    // Called as the user's own: private fields are found.
    return this.#call(String(key), () => Reflect.apply(method, user, given));
  }

  #call(name: string, call: () => unknown): unknown {
    const { task, waits, threw } = this.#options;
    let returned: unknown;
    try {
      returned = call();
    } catch (thrown) {
      threw(name, thrown);
      throw thrown;
    }
    if (!isPromiseLike(returned)) return returned;
    waits.follow(`${task.component}[${task.taskIndex}].${name}`, returned);
    returned.then(undefined, (thrown: unknown) => threw(name, thrown));
    return returned;
  }

  #context(context: TopologyContext): TopologyContext {
    const own: Pick<TopologyContext, "registerTimer" | "addTaskHook" | "getHooks"> = {
      registerTimer: (name, everyMs, callback) =>
        context.registerTimer(
          name,
          everyMs,
          // A timer's callback returns what `callback` does.
          () => this.#call(`timer "${name}"`, callback) as MaybePromise<void>,
        ),
      addTaskHook: (hook) => context.addTaskHook(this.hook(hook)),
      getHooks: () => context.getHooks().map((hook) => this.#hooks.get(hook) ?? hook),
    };
    return new Proxy(context, {
      get: (target, key) => {
        if (Object.hasOwn(own, key)) return Reflect.get(own, key);
        const value: unknown = Reflect.get(target, key, target);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
  }
}

/** Methods that are given the context. */
const OPENERS: ReadonlySet<PropertyKey> = new Set(["open", "prepare", "update"]);

function isContext(value: unknown): value is TopologyContext {
  return typeof value === "object" && value !== null && "registerTimer" in value;
}
