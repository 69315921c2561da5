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
  const limits = { crashesMax: 3, delayMaxMs: 5000 };
  return new SupervisorCore({ children: CHILDREN, stopMs: 100, limits, ...options });
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

function killOf(id: string) {
  return { type: "exited", id, exit: { pid: 7, code: 0, signal: "SIGKILL" } } as const;
}

function brief(actions: readonly SupervisorAction[]): string[] {
  return actions.map((action) => {
    if (action.type === "stopped") return "stopped";
    if (action.type === "exited") {
      const { id, expected, restarts } = action;
      return `exited ${id} ${expected}${restarts ? " restarts" : ""}`;
    }
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

test("a child that ends unasked starts again at once, in its next life; the others stay", () => {
  const core = runningCore();
  core.handle({ type: "up", id: "task" }, 0);
  const actions = core.handle(killOf("task"), 1);
  expect(brief(actions)).toEqual(["exited task false restarts", "spawn task 2"]);
  expect(actions[0]).toMatchObject({ counter: 1, givenUp: "" });
  expect(core.awaits("task", 1)).toBe(false);
  expect(core.awaits("task", 2)).toBe(true);
  expect(core.stateOf("stmgr")).toMatchObject({ type: "running" });
  expect(core.dueMs).toBeUndefined();
  // Whose connection ends only now is of the older life.
  core.handle({ type: "disconnected", id: "task" }, 2);
  expect(core.stateOf("task")).toMatchObject({ type: "starting", counter: 2 });
});

test("crashes in a row make it wait; a stop meanwhile ends the wait", () => {
  const core = runningCore();
  expect(brief(core.handle(exitOf("task"), 10))).toContain("spawn task 2");
  expect(brief(core.handle(exitOf("task"), 20))).toEqual(["exited task false restarts"]);
  expect(core.dueMs).toBe(70);
  expect(core.awaits("task", 2)).toBe(false);
  expect(core.handle({ type: "timer", mayKill: true }, 69)).toEqual([]);
  expect(brief(core.handle({ type: "timer", mayKill: true }, 70))).toEqual(["spawn task 3"]);
  const stopped = runningCore();
  for (const nowMs of [10, 20]) stopped.handle(exitOf("task"), nowMs);
  expect(brief(stopped.handle({ type: "stop", reason: "" }, 30))).toEqual(["tell_stop stmgr"]);
  expect(stopped.stateOf("task")).toEqual({ type: "gone" });
  expect(stopped.handle({ type: "timer", mayKill: true }, 70)).toEqual([]);
  expect(brief(stopped.handle(exitOf("stmgr"), 80))).toEqual(["exited stmgr true", "stopped"]);
});

test("a child that is given up is told as such and stays away; the others stay", () => {
  const core = runningCore();
  const failure = { code: "invalid_topology", message: "bad" };
  core.handle({ type: "failed", id: "task", failure }, 5);
  const [told] = core.handle(exitOf("task"), 10);
  expect(told).toMatchObject({ expected: false, restarts: false });
  expect(told).toMatchObject({ givenUp: '"invalid_topology" is the same in every life' });
  expect(core.stateOf("task")).toEqual({ type: "gone" });
  expect(core.dueMs).toBeUndefined();
  expect(brief(core.handle({ type: "stop", reason: "" }, 20))).toEqual(["tell_stop stmgr"]);
});

test("progress is asked of those that need it, and counts for one life", () => {
  const children = CHILDREN.map((child) => ({ ...child, needsProgress: child.id === "task" }));
  const core = runningCore({ children });
  const ends: string[] = [];
  const lives = [false, false, true, false, false, false];
  for (const [life, hasProgressed] of lives.entries()) {
    const nowMs = life * 1000;
    core.handle({ type: "timer", mayKill: true }, nowMs);
    core.handle({ type: "up", id: "task" }, nowMs);
    if (hasProgressed) core.handle({ type: "progressed", id: "task" }, nowMs);
    ends.push(...brief(core.handle(killOf("task"), nowMs + 1)).slice(0, 1));
  }
  expect(ends).toEqual([...Array(5).fill("exited task false restarts"), "exited task false"]);
});

test("a child that lost its life line is killed if it does not end itself, and starts again", () => {
  const core = runningCore();
  core.handle({ type: "up", id: "task" }, 0);
  expect(core.handle({ type: "disconnected", id: "task" }, 10)).toEqual([]);
  expect(core.dueMs).toBe(110);
  expect(brief(core.handle({ type: "timer", mayKill: true }, 110))).toEqual(["kill task"]);
  expect(brief(core.handle(killOf("task"), 111)))
    .toEqual(["exited task false restarts", "spawn task 2"]);
  const ended = runningCore();
  ended.handle({ type: "disconnected", id: "task" }, 10);
  expect(brief(ended.handle(exitOf("task"), 20))).toContain("spawn task 2");
  expect(ended.dueMs).toBeUndefined();
});

test("whatever happens in whatever order, each life ends once and stop comes to its end", () => {
  for (let seed = 1; seed <= 2000; seed++) {
    const random = seededRandom(seed);
    const children = Array.from({ length: 4 }, (_, at) => ({ id: `${at}`, stopPhase: at % 3 }));
    const core = new SupervisorCore({
      children,
      stopMs: 100,
      limits: { crashesMax: 1 + random.below(4), delayMaxMs: 40 },
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

const WITH_LAST = [...CHILDREN, { id: "metrics", stopPhase: 2, startsLast: true }];

test("start holds back who starts last until each of the others was up, or has ended", () => {
  const core = createCore({ children: WITH_LAST });
  expect(brief(core.handle({ type: "start" }, 0))).toEqual(["spawn stmgr 1", "spawn task 1"]);
  core.handle({ type: "connected", id: "stmgr" }, 1);
  expect(core.handle({ type: "up", id: "stmgr" }, 1)).toEqual([]);
  expect(core.awaits("metrics", 1)).toBe(false);
  expect(brief(core.handle(exitOf("task"), 2))).toEqual([
    "exited task false restarts",
    "spawn task 2",
    "spawn metrics 1",
  ]);
  expect(core.awaits("metrics", 1)).toBe(true);
  expect(core.handle({ type: "up", id: "task" }, 3)).toEqual([]);
});

test("Who starts last does so after 10 s in any case, and not once all are to stop", () => {
  const core = createCore({ children: WITH_LAST });
  core.handle({ type: "start" }, 0);
  expect(core.dueMs).toBe(10_000);
  expect(core.handle({ type: "timer", mayKill: true }, 9999)).toEqual([]);
  expect(brief(core.handle({ type: "timer", mayKill: true }, 10_000))).toEqual(["spawn metrics 1"]);
  expect(core.dueMs).toBeUndefined();
  const stopped = createCore({ children: WITH_LAST });
  stopped.handle({ type: "start" }, 0);
  stopped.handle({ type: "stop", reason: "test" }, 1);
  for (const { id } of CHILDREN) stopped.handle({ type: "connected", id }, 2);
  expect(stopped.handle({ type: "up", id: "stmgr" }, 2)).toEqual([]);
  expect(brief(stopped.handle(exitOf("task"), 3))).toContain("tell_stop stmgr");
  expect(brief(stopped.handle(exitOf("stmgr"), 4))).toEqual(["exited stmgr true", "stopped"]);
  expect(stopped.dueMs).toBeUndefined();
});

test("start begins with who starts last where there is nobody else", () => {
  const core = createCore({ children: [{ id: "metrics", stopPhase: 2, startsLast: true }] });
  expect(brief(core.handle({ type: "start" }, 0))).toEqual(["spawn metrics 1"]);
});

test("restart ends a child in order and starts it again at once, which is no crash", () => {
  const core = runningCore({ limits: { crashesMax: 1, delayMaxMs: 5000 } });
  for (let life = 1; life < 5; life++) {
    const asked = core.handle({ type: "restart", id: "task", reason: "asked" }, life);
    expect(brief(asked)).toEqual(["tell_stop task"]);
    expect(core.handle({ type: "restart", id: "task", reason: "again" }, life)).toEqual([]);
    expect(core.dueMs).toBe(life + 100);
    expect(brief(core.handle(exitOf("task"), life))).toEqual([
      "exited task true restarts",
      `spawn task ${life + 1}`,
    ]);
    core.handle({ type: "connected", id: "task" }, life);
  }
});

test("restart kills a child that is late, and of one that starts, or is stopped, does nothing", () => {
  const core = runningCore();
  core.handle({ type: "restart", id: "task", reason: "" }, 0);
  expect(core.handle({ type: "timer", mayKill: true }, 99)).toEqual([]);
  expect(brief(core.handle({ type: "timer", mayKill: true }, 100))).toEqual(["kill task"]);
  expect(brief(core.handle(killOf("task"), 101))).toEqual([
    "exited task false restarts",
    "spawn task 2",
  ]);
  expect(core.handle({ type: "restart", id: "task", reason: "" }, 102)).toEqual([]);
  core.handle({ type: "connected", id: "task" }, 103);
  core.handle({ type: "stop", reason: "" }, 104);
  expect(core.handle({ type: "restart", id: "task", reason: "" }, 105)).toEqual([]);
});

test("stop of a child that restarts waits for its end and starts it no more", () => {
  const core = runningCore();
  core.handle({ type: "restart", id: "task", reason: "" }, 0);
  expect(core.handle({ type: "stop", reason: "" }, 1)).toEqual([]);
  expect(brief(core.handle(exitOf("task"), 2))).toEqual(["exited task true", "tell_stop stmgr"]);
  expect(brief(core.handle(exitOf("stmgr"), 3))).toEqual(["exited stmgr true", "stopped"]);
});
