/**
 * Notices calls of user code that do not return, from the marks of the
 * executor: one that keeps its thread, or a promise that stays open. It only
 * tells; nothing is ended for it. Pure: time and marks in, news out.
 */

import type { MetricRegistry } from "../../metrics/mod.ts";
import { CALL_WORD, METHODS } from "../bridge.ts";

/** Looks in one `call.warn.ms`. */
export const LOOKS_PER_WARNING = 5;

/** A call that has not returned for long, or no longer so. */
export interface CallNews {
  readonly code: "call_blocked" | "call_pending";
  readonly message: string;
  /** It has returned. */
  readonly isOver: boolean;
}

/** What a watch is made of. */
export interface CallWatchOptions {
  /** The marks, laid out as `CALL_WORD` says. */
  readonly words: Int32Array;
  /** `call.warn.ms`. */
  readonly warnMs: number;
  /** Has the executor take a turn, if it can. */
  ring(): void;
}

/** Something that should not stay as it is for long. */
class Lasting {
  #mark: number | undefined;
  #sinceMs = 0;
  #method = "";
  /** It was told of, and is to be told of again when it has lasted so long. */
  tellAgainMs: number | undefined;

  /** For how long it has been as it is; undefined: it is not, or it is another one now. */
  look(mark: number | undefined, nowMs: number, method: string): number | undefined {
    if (mark === undefined || mark !== this.#mark) {
      this.#mark = mark;
      this.#sinceMs = nowMs;
      this.#method = method;
      return undefined;
    }
    if (method !== "") this.#method = method;
    return nowMs - this.#sinceMs;
  }

  /** It lasts since `ms` later than was thought. */
  excuse(ms: number): void {
    this.#sinceMs += ms;
  }

  get sinceMs(): number {
    return this.#sinceMs;
  }

  get method(): string {
    return this.#method;
  }
}

/** The watch over the calls of one task. */
export class CallWatch {
  readonly #options: CallWatchOptions;
  readonly #blocked = new Lasting();
  readonly #pending = new Lasting();
  readonly #slow = new Map<string, number>();
  #lookedAtMs: number | undefined;
  #openMs = 0;

  /** A watch that has not looked yet. */
  constructor(options: CallWatchOptions) {
    this.#options = options;
  }

  /** For how long the call that is open now has been, in ms, as far as was looked; 0: none is. */
  get openMs(): number {
    return this.#openMs;
  }

  /** Calls that were open for longer than `call.warn.ms`, by method. */
  get slowCalls(): ReadonlyMap<string, number> {
    return this.#slow;
  }

  /** Looks, `LOOKS_PER_WARNING` times in `call.warn.ms`; where that is 0, nothing is told of. */
  look(nowMs: number): readonly CallNews[] {
    const { words, warnMs } = this.#options;
    if (warnMs === 0) return [];
    const isExcused = words[CALL_WORD.excused] === 1;
    this.#forgive(nowMs, isExcused);
    const pendingMethod = METHODS[words[CALL_WORD.pending] ?? 0] ?? "";
    const inside = METHODS[words[CALL_WORD.inside] ?? 0] ?? "";
    const blocked = this.#lookBlocked(nowMs, inside, pendingMethod);
    const isPending = pendingMethod !== "" && this.#blocked.tellAgainMs === undefined;
    const pending = this.#follow(this.#pending, {
      mark: isPending ? words[CALL_WORD.serial] : undefined,
      nowMs,
      method: pendingMethod,
      code: "call_pending",
      open: (seconds) => `the promise of ${pendingMethod} has been open for ${seconds} s`,
    });
    const isInside = inside !== "" && this.#blocked.sinceMs < nowMs - warnMs / LOOKS_PER_WARNING;
    this.#openMs = isInside
      ? nowMs - this.#blocked.sinceMs
      : isPending
      ? nowMs - this.#pending.sinceMs
      : 0;
    return [...blocked, ...pending];
  }

  /** The task has ended: no call is open, whatever its marks still say. */
  end(nowMs: number): readonly CallNews[] {
    const over = { mark: undefined, nowMs, method: "", open: () => "" };
    return [
      ...this.#follow(this.#blocked, { ...over, code: "call_blocked" }),
      ...this.#follow(this.#pending, { ...over, code: "call_pending" }),
    ];
  }

  /** Time in which the call waited for others, or this thread itself stood still, does not count. */
  #forgive(nowMs: number, isExcused: boolean): void {
    const passedMs = nowMs - (this.#lookedAtMs ?? nowMs);
    this.#lookedAtMs = nowMs;
    const periodMs = this.#options.warnMs / LOOKS_PER_WARNING;
    const forgivenMs = isExcused ? passedMs : Math.max(0, passedMs - 2 * periodMs);
    this.#blocked.excuse(forgivenMs);
    this.#pending.excuse(forgivenMs);
  }

  #lookBlocked(nowMs: number, inside: string, pendingMethod: string): CallNews[] {
    const { words, warnMs, ring } = this.#options;
    // An executor with nothing to do takes a turn when it is rung; one that is kept does not.
    if (nowMs - this.#blocked.sinceMs >= warnMs / 2) ring();
    const method = inside !== "" ? inside : pendingMethod;
    return this.#follow(this.#blocked, {
      mark: words[CALL_WORD.turns],
      nowMs,
      method,
      code: "call_blocked",
      open: (seconds) =>
        method === ""
          ? `user code outside of any call (a timer, a promise) has kept the task's thread for ${seconds} s`
          : `has not returned from ${method} for ${seconds} s, and keeps the task's thread`,
    });
  }

  #follow(lasting: Lasting, seen: {
    readonly mark: number | undefined;
    readonly nowMs: number;
    readonly method: string;
    readonly code: CallNews["code"];
    open(seconds: string): string;
  }): CallNews[] {
    const { warnMs } = this.#options;
    const before = { sinceMs: lasting.sinceMs, method: lasting.method };
    const { code, nowMs, method } = seen;
    const lastedMs = lasting.look(seen.mark, nowMs, method);
    if (lastedMs === undefined) {
      if (lasting.tellAgainMs === undefined) return [];
      lasting.tellAgainMs = undefined;
      const what = before.method === "" ? "user code outside of any call" : before.method;
      const message = `${what} has returned after ${secondsOf(nowMs - before.sinceMs)} s`;
      return [{ code, message, isOver: true }];
    }
    if (lastedMs < (lasting.tellAgainMs ?? warnMs)) return [];
    const name = method === "" ? "none" : method;
    if (lasting.tellAgainMs === undefined) this.#slow.set(name, (this.#slow.get(name) ?? 0) + 1);
    lasting.tellAgainMs = 2 * lastedMs;
    return [{ code, message: seen.open(secondsOf(lastedMs)), isOver: false }];
  }
}

/** Registers what a watch knows: the call that is open, and how many were so for long. */
export function registerCallMetrics(registry: MetricRegistry, watch: CallWatch): void {
  registry.gauges(() => [["__open-call-ms", watch.openMs]]);
  registry.totals(() =>
    [...watch.slowCalls].map(([method, calls]) => [`__slow-call-count/${method}`, calls])
  );
}

function secondsOf(ms: number): string {
  return ms < 10_000 ? (ms / 1000).toFixed(1) : String(Math.round(ms / 1000));
}
