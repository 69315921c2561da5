/**
 * The watch over the children of one supervisor as a state machine without I/O: connections,
 * exits, requests and time in; what to start, to tell and to kill out. Which children there
 * are and what their exits mean to others is the supervisor's.
 */

import { assertDefined } from "../mod.ts";
import type { ChildExit } from "./child_process.ts";
import { type CrashLimits, CrashPolicy, type LifeFailure } from "./crash_policy.ts";

/** A child to be watched. */
export interface WatchedChild {
  readonly id: string;
  /** Children are stopped phase by phase, lowest first: who is needed by others comes later. */
  readonly stopPhase: number;
  /** A life of it comes to nothing unless it says that it progressed. @default being up is enough */
  readonly needsProgress?: boolean;
  /** Started once all others were up, or ended, or are long in coming: it takes no time from their start. */
  readonly startsLast?: boolean;
}

/** Where a child is. `counter` says which of its lives this is, from 1. */
export type ChildState =
  | { readonly type: "idle" }
  /** An earlier supervisor started it, and it may still be there. */
  | { readonly type: "orphaned"; readonly counter: number; readonly killAtMs: number }
  /** Started; its life line is not open yet. */
  | { readonly type: "starting"; readonly counter: number }
  | { readonly type: "running"; readonly counter: number }
  /** Its life line ended: it should open another within the grace, or end itself. */
  | { readonly type: "lost"; readonly counter: number; readonly killAtMs: number }
  /** It is to stop; without a life line it is told once it has one. */
  | { readonly type: "stopping"; readonly counter: number; readonly told: boolean }
  /** It was told to stop and is to start again. */
  | { readonly type: "restarting"; readonly counter: number; readonly killAtMs: number }
  | { readonly type: "killed"; readonly counter: number }
  /** It has ended and starts again. */
  | { readonly type: "waiting"; readonly counter: number; readonly startAtMs: number }
  | { readonly type: "gone" };

/** What happens to the children. */
export type SupervisorEvent =
  /** `orphans` may still be there from an earlier supervisor: they are waited for. */
  | { readonly type: "start"; readonly orphans?: ReadonlySet<string> }
  /** Its life line is open; `counter` says of which life, where an earlier supervisor started it. */
  | { readonly type: "connected"; readonly id: string; readonly counter?: number }
  | { readonly type: "disconnected"; readonly id: string }
  /** It says that it is up. */
  | { readonly type: "up"; readonly id: string }
  /** It says that it has done what it is for. */
  | { readonly type: "progressed"; readonly id: string }
  /** It says why it is about to end. */
  | { readonly type: "failed"; readonly id: string; readonly failure: LifeFailure }
  | { readonly type: "exited"; readonly id: string; readonly exit: ChildExit }
  /** One is to end in order and to start again. */
  | { readonly type: "restart"; readonly id: string; readonly reason: string }
  | { readonly type: "stop"; readonly reason: string }
  /** End all now. */
  | { readonly type: "kill" }
  /** `dueMs` was reached. Without `mayKill` those that are late get more time. */
  | { readonly type: "timer"; readonly mayKill: boolean };

/** What is to be done. */
export type SupervisorAction =
  | { readonly type: "spawn"; readonly id: string; readonly counter: number }
  | { readonly type: "tell_stop"; readonly id: string; readonly reason: string }
  | { readonly type: "kill"; readonly id: string }
  | {
    readonly type: "exited";
    readonly id: string;
    readonly exit: ChildExit;
    /** Which of its lives ended. */
    readonly counter: number;
    /** It was told to, or killed when all were to end. */
    readonly expected: boolean;
    /** It starts again. */
    readonly restarts: boolean;
    /** Why it is not started again though nobody asked it to end; empty otherwise. */
    readonly givenUp: string;
  }
  /** All have ended, as was asked. */
  | { readonly type: "stopped" };

/** Options of `SupervisorCore`. */
export interface SupervisorCoreOptions {
  readonly children: readonly WatchedChild[];
  /** Time that children have from Stop to their end; later phases have at least a quarter of it. */
  readonly stopMs: number;
  /** Time that children have to open a lost life line again. @default none */
  readonly graceMs?: number;
  /** How often a child that ends unasked is started again. */
  readonly limits: CrashLimits;
}

type Course =
  | { readonly type: "up" }
  | {
    readonly type: "stopping";
    readonly reason: string;
    readonly phase: number;
    readonly killAtMs: number;
  }
  | { readonly type: "stopped" };

type ConnectedEvent = SupervisorEvent & { readonly type: "connected" };

const NOBODY: ReadonlySet<string> = new Set();

/** So long those that start last wait for the others, in milliseconds. */
const LAST_START_MS = 10_000;

/** The watch over some children. */
export class SupervisorCore {
  readonly #options: SupervisorCoreOptions;
  readonly #states = new Map<string, ChildState>();
  readonly #policies: ReadonlyMap<string, CrashPolicy>;
  #course: Course = { type: "up" };
  /** Those that the last ones wait for. */
  readonly #awaited: Set<string>;
  /** When the last ones start in any case; undefined: they have, or nothing has. */
  #lastStartAtMs: number | undefined;

  constructor(options: SupervisorCoreOptions) {
    this.#options = options;
    const { children, limits } = options;
    for (const { id } of children) this.#states.set(id, { type: "idle" });
    const first = children.filter(({ startsLast = false }) => !startsLast);
    this.#awaited = new Set(first.map(({ id }) => id));
    this.#policies = new Map(
      children.map(({ id, needsProgress = false }) => [id, new CrashPolicy(limits, needsProgress)]),
    );
  }

  /** When the next `timer` is due; undefined: nothing waits. */
  get dueMs(): number | undefined {
    const due: number[] = this.#lastStartAtMs === undefined ? [] : [this.#lastStartAtMs];
    if (this.#course.type === "stopping" && this.#alive().some((id) => !this.#isKilled(id))) {
      due.push(this.#course.killAtMs);
    }
    for (const state of this.#states.values()) {
      if (state.type === "waiting") due.push(state.startAtMs);
      if ("killAtMs" in state) due.push(state.killAtMs);
    }
    return due.length === 0 ? undefined : Math.min(...due);
  }

  /** Whether a process with this id and counter may open its life line now. */
  awaits(id: string, counter: number): boolean {
    const state = this.#states.get(id);
    if (state?.type === "orphaned") return true;
    if (state?.type === "lost" || state?.type === "running") {
      // The end of its connection may be seen by one side first.
      return this.#graceMs > 0 && state.counter === counter;
    }
    if (state?.type !== "starting" && state?.type !== "stopping") return false;
    return state.counter === counter && !(state.type === "stopping" && state.told);
  }

  /** Where a child is. */
  stateOf(id: string): ChildState {
    return assertDefined(this.#states.get(id), `child "${id}"`);
  }

  /** Takes one event at `nowMs`; returns what is to be done, in order. */
  handle(event: SupervisorEvent, nowMs: number): readonly SupervisorAction[] {
    switch (event.type) {
      case "start":
        return this.#start(event.orphans ?? NOBODY, nowMs);
      case "connected":
        return this.#onConnected(event, nowMs);
      case "disconnected":
        return this.#onDisconnected(event.id, nowMs);
      case "up":
        this.#policyOf(event.id).up();
        return this.#goOn(event.id, nowMs);
      case "progressed":
        this.#policyOf(event.id).progressed();
        return [];
      case "failed":
        this.#policyOf(event.id).failed(event.failure);
        return [];
      case "exited":
        return this.#onExited(event.id, event.exit, nowMs);
      case "restart":
        return this.#onRestart(event.id, event.reason, nowMs);
      case "stop":
        return this.#onStop(event.reason, nowMs);
      case "kill":
        return [...this.#onStop("killed", nowMs), ...this.#alive().flatMap((id) => this.#kill(id))];
      case "timer":
        return this.#onTimer(nowMs, event.mayKill);
    }
  }

  #start(orphans: ReadonlySet<string>, nowMs: number): SupervisorAction[] {
    if (this.#awaited.size < this.#states.size) this.#lastStartAtMs = nowMs + LAST_START_MS;
    for (const id of orphans) {
      this.#policyOf(id).spawned(nowMs);
      this.#states.set(id, { type: "orphaned", counter: 0, killAtMs: nowMs + this.#graceMs });
    }
    const first = [...this.#awaited].filter((id) => !orphans.has(id)).flatMap((id) =>
      this.#spawn(id, 1, nowMs)
    );
    return [...first, ...this.#startLast(nowMs)];
  }

  /** A child was up, or has ended: it is waited for no longer. */
  #goOn(id: string, nowMs: number): SupervisorAction[] {
    this.#awaited.delete(id);
    return this.#startLast(nowMs);
  }

  #startLast(nowMs: number): SupervisorAction[] {
    const dueMs = this.#lastStartAtMs ?? Infinity;
    if (dueMs === Infinity || (this.#awaited.size > 0 && nowMs < dueMs)) return [];
    this.#lastStartAtMs = undefined;
    return [...this.#states].flatMap(([id, { type }]) =>
      type === "idle" ? this.#spawn(id, 1, nowMs) : []
    );
  }

  #spawn(id: string, counter: number, nowMs: number): SupervisorAction[] {
    if (this.#course.type !== "up") return [];
    this.#policyOf(id).spawned(nowMs);
    this.#states.set(id, { type: "starting", counter });
    return [{ type: "spawn", id, counter }];
  }

  #onConnected({ id, counter }: ConnectedEvent, nowMs: number): SupervisorAction[] {
    const state = this.stateOf(id);
    if (state.type === "stopping") return this.#tellStop(id, state.counter);
    if (state.type === "lost" && this.#course.type === "stopping") {
      return this.#tellStop(id, state.counter);
    }
    if (state.type === "starting" || state.type === "lost") {
      this.#states.set(id, { type: "running", counter: state.counter });
    }
    if (state.type !== "orphaned") return [];
    this.#states.set(id, { type: "running", counter: counter ?? state.counter });
    // It was up long before.
    this.#policyOf(id).up();
    return this.#goOn(id, nowMs);
  }

  #onDisconnected(id: string, nowMs: number): SupervisorAction[] {
    const state = this.stateOf(id);
    if (state.type === "running") {
      const killAtMs = nowMs + Math.max(this.#options.stopMs, this.#graceMs);
      this.#states.set(id, { type: "lost", counter: state.counter, killAtMs });
    }
    return [];
  }

  #onExited(id: string, exit: ChildExit, nowMs: number): SupervisorAction[] {
    const state = this.stateOf(id);
    const counter = "counter" in state ? state.counter : 0;
    // One that lost its life line was killed as well, but nobody wanted it to end.
    const isWanted = this.#course.type === "up";
    const expected = !isWanted && (state.type === "stopping" || state.type === "killed");
    const told = { type: "exited", id, exit, counter, expected } as const;
    this.#states.set(id, { type: "gone" });
    if (!isWanted) return [{ ...told, restarts: false, givenUp: "" }, ...this.#nextPhase(nowMs)];
    if (state.type === "restarting") {
      const restarted = { ...told, expected: true, restarts: true, givenUp: "" } as const;
      return [restarted, ...this.#spawn(id, counter + 1, nowMs)];
    }
    const verdict = this.#policyOf(id).ended(exit, nowMs);
    if (verdict.type === "give_up") {
      const givenUp = { ...told, restarts: false, givenUp: verdict.reason } as const;
      return [givenUp, ...this.#goOn(id, nowMs)];
    }
    const startAtMs = nowMs + verdict.delayMs;
    this.#states.set(id, { type: "waiting", counter, startAtMs });
    const others = [...this.#startWaiting(nowMs), ...this.#goOn(id, nowMs)];
    return [{ ...told, restarts: true, givenUp: "" }, ...others];
  }

  /** Starts those whose wait is over. */
  #startWaiting(nowMs: number): SupervisorAction[] {
    return [...this.#states].flatMap(([id, state]) =>
      state.type === "waiting" && state.startAtMs <= nowMs
        ? this.#spawn(id, state.counter + 1, nowMs)
        : []
    );
  }

  /** One that is about to start does so anyhow. */
  #onRestart(id: string, reason: string, nowMs: number): SupervisorAction[] {
    const state = this.stateOf(id);
    if (this.#course.type !== "up" || state.type !== "running") return [];
    const killAtMs = nowMs + this.#options.stopMs;
    this.#states.set(id, { type: "restarting", counter: state.counter, killAtMs });
    return [{ type: "tell_stop", id, reason }];
  }

  #onStop(reason: string, nowMs: number): SupervisorAction[] {
    if (this.#course.type !== "up") return [];
    this.#lastStartAtMs = undefined;
    for (const [id, state] of this.#states) {
      if (state.type === "idle" || state.type === "waiting") this.#states.set(id, { type: "gone" });
    }
    const killAtMs = nowMs + this.#options.stopMs;
    this.#course = { type: "stopping", reason, phase: -Infinity, killAtMs };
    return this.#nextPhase(nowMs);
  }

  /** Goes on to the lowest phase that has children left, once the one before has none. */
  #nextPhase(nowMs: number): SupervisorAction[] {
    if (this.#course.type !== "stopping") return [];
    const left = this.#options.children.filter(({ id }) => this.#isAlive(id));
    if (left.length === 0) {
      this.#course = { type: "stopped" };
      return [{ type: "stopped" }];
    }
    const phase = Math.min(...left.map(({ stopPhase }) => stopPhase));
    if (phase <= this.#course.phase) return [];
    const killAtMs = Math.max(this.#course.killAtMs, nowMs + this.#options.stopMs / 4);
    this.#course = { ...this.#course, phase, killAtMs };
    return left.filter(({ stopPhase }) => stopPhase === phase).flatMap(({ id }) => this.#stop(id));
  }

  #stop(id: string): SupervisorAction[] {
    const state = this.stateOf(id);
    if (state.type === "running") return this.#tellStop(id, state.counter);
    if (state.type === "starting" || state.type === "orphaned") {
      this.#states.set(id, { type: "stopping", counter: state.counter, told: false });
    }
    if (state.type === "restarting") {
      this.#states.set(id, { type: "stopping", counter: state.counter, told: true });
    }
    return [];
  }

  #tellStop(id: string, counter: number): SupervisorAction[] {
    this.#states.set(id, { type: "stopping", counter, told: true });
    const reason = this.#course.type === "stopping" ? this.#course.reason : "";
    return [{ type: "tell_stop", id, reason }];
  }

  #onTimer(nowMs: number, mayKill: boolean): SupervisorAction[] {
    const actions: SupervisorAction[] = [];
    for (const [id, state] of [...this.#states]) {
      if ("killAtMs" in state && state.killAtMs <= nowMs) actions.push(...this.#kill(id));
    }
    actions.push(...this.#startWaiting(nowMs), ...this.#startLast(nowMs));
    if (this.#course.type !== "stopping" || this.#course.killAtMs > nowMs) return actions;
    this.#course = { ...this.#course, killAtMs: nowMs + this.#options.stopMs / 4 };
    if (!mayKill) return actions;
    const late = this.#late(this.#course.phase);
    // Those that were killed and do not end hold up nobody.
    return [
      ...actions,
      ...(late.length > 0 ? late : this.#alive()).flatMap((id) => this.#kill(id)),
    ];
  }

  /** Children up to a phase that should have ended and were not killed. */
  #late(phase: number): string[] {
    return this.#options.children.filter(({ id, stopPhase }) =>
      stopPhase <= phase && this.#isAlive(id) && !this.#isKilled(id)
    ).map(({ id }) => id);
  }

  #kill(id: string): SupervisorAction[] {
    const state = this.stateOf(id);
    if (this.#isKilled(id) || !("counter" in state)) return [];
    this.#states.set(id, { type: "killed", counter: state.counter });
    return [{ type: "kill", id }];
  }

  get #graceMs(): number {
    return this.#options.graceMs ?? 0;
  }

  #policyOf(id: string): CrashPolicy {
    return assertDefined(this.#policies.get(id), `child "${id}"`);
  }

  #alive(): string[] {
    return [...this.#states.keys()].filter((id) => this.#isAlive(id));
  }

  #isAlive(id: string): boolean {
    return !["idle", "waiting", "gone"].includes(this.stateOf(id).type);
  }

  #isKilled(id: string): boolean {
    return this.stateOf(id).type === "killed";
  }
}
