import { expect, test } from "bun:test";
import { seededRandom } from "../mod.ts";
import {
  type SupervisorAction,
  SupervisorCore,
  type SupervisorCoreOptions,
} from "./supervisor_core.ts";

const CHILDREN = [
  { id: "stmgr", stopPhase: 1 },
  { id: "task", stopPhase: 0 },
];

function createCore(options: Partial<SupervisorCoreOptions> = {}): SupervisorCore {
  return new SupervisorCore({ children: CHILDREN, stopMs: 100, ...options });
}

/** A core whose children all run. */
function runningCore(options: Partial<SupervisorCoreOptions> = {}): SupervisorCore {
  const core = createCore(options);
  core.handle({ type: "start" }, 0);
  for (const { id } of CHILDREN) core.handle({ type: "connected", id }, 0);
  return core;
}

function exitOf(id: string) {
  return { type: "exited", id, exit: { pid: 7, code: 0, signal: "" } } as const;
}

function brief(actions: readonly SupervisorAction[]): string[] {
  return actions.map((action) => {
    if (action.type === "stopped") return "stopped";
    if (action.type === "exited") return `exited ${action.id} ${action.expected}`;
    if (action.type === "spawn") return `spawn ${action.id} ${action.counter}`;
    return `${action.type} ${action.id}`;
  });
}

test("start spawns each child in its first life, and only that may connect", () => {
  const core = createCore();
  expect(core.awaits("task", 1)).toBe(false);
  expect(brief(core.handle({ type: "start" }, 0))).toEqual(["spawn stmgr 1", "spawn task 1"]);
  expect(core.awaits("task", 1)).toBe(true);
  expect(core.awaits("task", 2)).toBe(false);
  expect(core.awaits("stranger", 1)).toBe(false);
  core.handle({ type: "connected", id: "task" }, 0);
  expect(core.awaits("task", 1)).toBe(false);
  expect(core.dueMs).toBeUndefined();
});

test("stop goes phase by phase, then says so", () => {
  const core = runningCore();
  expect(brief(core.handle({ type: "stop", reason: "x" }, 10))).toEqual(["tell_stop task"]);
  expect(core.dueMs).toBe(110);
  expect(core.handle({ type: "stop", reason: "y" }, 20)).toEqual([]);
  const next = core.handle(exitOf("task"), 30);
  expect(brief(next)).toEqual(["exited task true", "tell_stop stmgr"]);
  expect(next[1]).toMatchObject({ reason: "x" });
  expect(brief(core.handle(exitOf("stmgr"), 40))).toEqual(["exited stmgr true", "stopped"]);
  expect(core.dueMs).toBeUndefined();
});

test("stop kills who is late, then gives the next phase a quarter of the time", () => {
  const core = runningCore();
  core.handle({ type: "stop", reason: "" }, 0);
  expect(core.handle({ type: "timer", mayKill: true }, 99)).toEqual([]);
  expect(brief(core.handle({ type: "timer", mayKill: true }, 100))).toEqual(["kill task"]);
  expect(brief(core.handle(exitOf("task"), 101))).toEqual(["exited task true", "tell_stop stmgr"]);
  expect(core.dueMs).toBe(126);
  expect(brief(core.handle({ type: "timer", mayKill: true }, 126))).toEqual(["kill stmgr"]);
  expect(core.dueMs).toBeUndefined();
  expect(brief(core.handle(exitOf("stmgr"), 127))).toEqual(["exited stmgr true", "stopped"]);
});

test("a child that does not even end when it is killed holds up nobody", () => {
  const core = runningCore();
  core.handle({ type: "stop", reason: "" }, 0);
  core.handle({ type: "timer", mayKill: true }, 100);
  expect(core.dueMs).toBe(125);
  expect(brief(core.handle({ type: "timer", mayKill: true }, 125))).toEqual(["kill stmgr"]);
  expect(core.dueMs).toBeUndefined();
});

test("a timer that may not kill gives more time", () => {
  const core = runningCore();
  core.handle({ type: "stop", reason: "" }, 0);
  expect(core.handle({ type: "timer", mayKill: false }, 100)).toEqual([]);
  expect(core.dueMs).toBe(125);
  expect(brief(core.handle({ type: "timer", mayKill: true }, 125))).toEqual(["kill task"]);
});

test("a child without a life line is told to stop when it has one, once", () => {
  const core = createCore();
  core.handle({ type: "start" }, 0);
  expect(core.handle({ type: "stop", reason: "" }, 0)).toEqual([]);
  expect(core.awaits("task", 1)).toBe(true);
  expect(brief(core.handle({ type: "connected", id: "task" }, 5))).toEqual(["tell_stop task"]);
  expect(core.awaits("task", 1)).toBe(false);
});

test("stop before start starts nothing", () => {
  const core = createCore();
  expect(brief(core.handle({ type: "stop", reason: "" }, 0))).toEqual(["stopped"]);
  expect(core.handle({ type: "start" }, 0)).toEqual([]);
});

test("kill ends all at once, whatever they are at", () => {
  const core = runningCore();
  core.handle({ type: "stop", reason: "" }, 0);
  expect(brief(core.handle({ type: "kill" }, 1))).toEqual(["kill stmgr", "kill task"]);
  expect(core.handle({ type: "kill" }, 2)).toEqual([]);
});

test("an unasked exit is reported and, by default, final; the others stay", () => {
  const core = runningCore();
  expect(brief(core.handle(exitOf("task"), 1))).toEqual(["exited task false"]);
  expect(core.stateOf("task")).toEqual({ type: "gone" });
  expect(core.stateOf("stmgr")).toMatchObject({ type: "running" });
  expect(core.dueMs).toBeUndefined();
  expect(brief(core.handle({ type: "stop", reason: "" }, 2))).toEqual(["tell_stop stmgr"]);
  expect(brief(core.handle(exitOf("stmgr"), 3))).toEqual(["exited stmgr true", "stopped"]);
});

test("a policy starts a child again, in its next life, unless it is to stop", () => {
  const core = runningCore({ restartDelayMs: () => 50 });
  core.handle(exitOf("task"), 10);
  expect(core.dueMs).toBe(60);
  expect(core.awaits("task", 1)).toBe(false);
  expect(brief(core.handle({ type: "timer", mayKill: true }, 60))).toEqual(["spawn task 2"]);
  expect(core.awaits("task", 2)).toBe(true);
  core.handle(exitOf("task"), 70);
  core.handle({ type: "stop", reason: "" }, 80);
  expect(core.stateOf("task")).toEqual({ type: "gone" });
  expect(core.handle({ type: "timer", mayKill: true }, 120)).toEqual([]);
});

test("a child that lost its life line is killed if it does not end itself", () => {
  const core = runningCore();
  expect(core.handle({ type: "disconnected", id: "task" }, 10)).toEqual([]);
  expect(core.dueMs).toBe(110);
  expect(brief(core.handle({ type: "timer", mayKill: true }, 110))).toEqual(["kill task"]);
  const ended = runningCore();
  ended.handle({ type: "disconnected", id: "task" }, 10);
  expect(brief(ended.handle(exitOf("task"), 20))).toEqual(["exited task false"]);
  expect(ended.dueMs).toBeUndefined();
});

test("whatever happens in whatever order, each life ends once and stop comes to its end", () => {
  for (let seed = 1; seed <= 2000; seed++) {
    const random = seededRandom(seed);
    const children = Array.from({ length: 4 }, (_, at) => ({ id: `${at}`, stopPhase: at % 3 }));
    const core = new SupervisorCore({
      children,
      stopMs: 100,
      restartDelayMs: () => random.below(2) === 0 ? 10 : undefined,
    });
    const alive = new Set<string>();
    let stops = 0;
    const take = (actions: readonly SupervisorAction[]): void => {
      for (const action of actions) {
        if (action.type === "stopped") stops++;
        else if (action.type === "spawn") {
          expect(alive.has(action.id), `seed ${seed}`).toBe(false);
          alive.add(action.id);
        } else if (action.type !== "exited") {
          expect(alive.has(action.id), `seed ${seed}`).toBe(true);
        }
      }
    };
    let nowMs = 0;
    take(core.handle({ type: "start" }, nowMs));
    const isOver = (): boolean => stops > 0;
    for (let step = 0; step < 60; step++) {
      nowMs += random.below(30);
      const child = `${random.below(4)}`;
      switch (random.below(step < 40 ? 4 : 5)) {
        case 0:
          if (core.awaits(child, livesOf(core, child))) {
            take(core.handle({ type: "connected", id: child }, nowMs));
          }
          break;
        case 1:
          if (alive.delete(child)) take(core.handle(exitOf(child), nowMs));
          break;
        case 2:
          if (alive.has(child)) take(core.handle({ type: "disconnected", id: child }, nowMs));
          break;
        case 3:
          if ((core.dueMs ?? Infinity) <= nowMs) {
            take(core.handle({ type: "timer", mayKill: random.below(2) === 0 }, nowMs));
          }
          break;
        case 4:
          take(core.handle({ type: "stop", reason: "" }, nowMs));
      }
    }
    take(core.handle({ type: "stop", reason: "" }, nowMs));
    while (!isOver()) {
      nowMs = Math.max(nowMs, core.dueMs ?? nowMs);
      take(core.handle({ type: "timer", mayKill: true }, nowMs));
      for (const id of alive) {
        if (core.stateOf(id).type !== "killed") continue;
        alive.delete(id);
        take(core.handle(exitOf(id), nowMs));
      }
    }
    expect(stops, `seed ${seed}`).toBe(1);
    expect([...alive], `seed ${seed}`).toEqual([]);
    expect(core.dueMs, `seed ${seed}`).toBeUndefined();
  }
});

/** Which life a child is in. */
function livesOf(core: SupervisorCore, id: string): number {
  const state = core.stateOf(id);
  return "counter" in state ? state.counter : 0;
}
