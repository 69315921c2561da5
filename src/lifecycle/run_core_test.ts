/** Tests of the course of a run: events in, actions and outcome out. */

import { create } from "@bufbuild/protobuf";
import { expect, test } from "bun:test";
import {
  type ProcessExited,
  ProcessExitedSchema,
  type ProcessFailed,
  ProcessFailedSchema,
  Role,
  TaskWarningSchema,
} from "../base/gen/heron_bin/packet_pb.ts";
import { seededRandom } from "../base/mod.ts";
import { type RunAction, RunCore, type RunEvent } from "./run_core.ts";

const limits = { startMs: 60_000, drainMs: 10_000, lastWordsMs: 1000, stopMs: 3000, killMs: 2000 };
function newCore(replays = false): RunCore {
  return new RunCore({ limits, replays });
}

/** A call of the task `id` has not returned for long. */
function callOf(id: string, isOver = false): RunEvent {
  const fault = { party: { id }, code: "call_blocked", message: "has not returned" };
  return { type: "warned", warning: create(TaskWarningSchema, { fault, isOver }) };
}

const RUNNING: RunEvent = { type: "running", tasks: 3, containers: 1 };
const GONE: RunEvent = { type: "scheduler_gone", ending: "exit code 0" };

function play(core: RunCore, events: readonly RunEvent[]): RunAction[] {
  return events.flatMap((event) => [...core.handle(event)]);
}

function sent(actions: readonly RunAction[]): string[] {
  return actions.flatMap((action) => action.type === "send" ? [action.body] : []);
}

function failed(id: string, code: string): ProcessFailed {
  return create(ProcessFailedSchema, { party: { id }, code, message: `${id} broke` });
}

function exited(id: string, exitCode: number, expected = false): ProcessExited {
  return create(ProcessExitedSchema, { party: { id }, pid: 7, exitCode, expected });
}

/** A task fails in its life `counter`, and starts again unless it is given up. */
function crash(id: string, counter: number, restarts = true): RunEvent[] {
  const party = { id, role: Role.INSTANCE, incarnation: { epoch: 1, counter } };
  const message = `${id} broke in life ${counter}`;
  return [
    {
      type: "failed",
      failed: create(ProcessFailedSchema, { party, code: "user_code", message }),
    },
    {
      type: "exited",
      exited: create(ProcessExitedSchema, { party, pid: 7, exitCode: 1, restarts }),
    },
  ];
}

/** A process was killed and starts again. */
function killed(id: string, role: Role): RunEvent {
  const party = { id, role, incarnation: { epoch: 1, counter: 1 } };
  const exited = create(ProcessExitedSchema, { party, pid: 7, signal: "SIGKILL", restarts: true });
  return { type: "exited", exited };
}

test("RunCore ends a bounded run with its totals and exit code 0", () => {
  const core = newCore();
  expect(core.start()).toEqual([{ type: "arm", delayMs: 60_000 }]);
  expect(play(core, [RUNNING])).toEqual([{ type: "disarm" }, {
    type: "say_running",
    tasks: 3,
    containers: 1,
  }]);
  expect(play(core, [{ type: "ended", tasks: [] }])).toEqual([
    { type: "send", body: "stop", reason: "all tasks have ended" },
    { type: "arm", delayMs: 3000 },
  ]);
  play(core, [{ type: "exited", exited: exited("tm", 0, true) }, GONE]);
  expect(core.state).toBe("gone");
  expect(core.outcome).toMatchObject({ exitCode: 0, failure: undefined, totals: [], quiet: false });
  expect(core.outcome.restarts.byRole).toEqual([]);
});

test("RunCore drains on the first interrupt and ends with 0 when it is drained", () => {
  const core = newCore();
  const actions = play(core, [RUNNING, { type: "interrupt" }]);
  expect(sent(actions)).toEqual(["drain"]);
  expect(actions).toContainEqual({ type: "say_draining" });
  expect(actions.at(-1)).toEqual({ type: "arm", delayMs: 10_000 });
  expect(sent(play(core, [{ type: "ended", tasks: [] }, GONE]))).toEqual(["stop"]);
  expect(core.outcome.exitCode).toBe(0);
});

test("RunCore stops with a note when draining takes too long", () => {
  const core = newCore();
  expect(play(core, [RUNNING, { type: "time_up" }])).toContainEqual({ type: "say_draining" });
  expect(core.state).toBe("draining");
  const actions = play(core, [{ type: "timer" }]);
  expect(actions[0]?.type).toBe("note");
  expect(sent(actions)).toEqual(["stop"]);
  play(core, [GONE]);
  expect(core.outcome).toMatchObject({ exitCode: 0, totals: undefined });
});

test("RunCore kills on the second interrupt, with 130", () => {
  const core = newCore();
  play(core, [RUNNING, { type: "interrupt" }]);
  const actions = play(core, [{ type: "interrupt" }]);
  expect(actions).toEqual([
    { type: "send", body: "stop", reason: "killed by the user" },
    { type: "arm", delayMs: 2000 },
  ]);
  expect(play(core, [{ type: "timer" }])).toEqual([{ type: "kill" }]);
  play(core, [GONE]);
  expect(core.outcome.exitCode).toBe(130);
});

test("RunCore stops at once when interrupted before it runs", () => {
  const core = newCore();
  expect(sent(play(core, [{ type: "interrupt" }]))).toEqual(["stop"]);
  play(core, [GONE]);
  expect(core.outcome.exitCode).toBe(130);
});

test("RunCore tells of a process that starts again, and goes on", () => {
  const core = newCore(true);
  play(core, [RUNNING]);
  const id = "container_1_count_2";
  expect(play(core, crash(id, 1))).toMatchObject([
    { type: "say_restart", failure: { code: "user_code", message: `${id} broke in life 1` } },
  ]);
  const [said] = play(core, [killed("stmgr-1", Role.STMGR)]);
  expect(said).toMatchObject({ type: "say_restart", failure: { code: "process_died" } });
  play(core, crash(id, 2));
  play(core, [killed("container-1", Role.CONTAINER)]);
  expect(core.state).toBe("running");
  expect(core.outcome.restarts.byRole).toEqual([["instance", 2], ["stmgr", 1], ["container", 1]]);
  // At least once: nothing was lost.
  play(core, [{ type: "ended", tasks: [] }, GONE]);
  expect(core.outcome).toMatchObject({ exitCode: 0, failure: undefined });
});

test("RunCore ends with 4 after failures of user code at most once, and with the first of them", () => {
  const core = newCore();
  play(core, [RUNNING, ...crash("a", 1), ...crash("b", 1), ...crash("a", 2)]);
  play(core, [{ type: "ended", tasks: [] }, GONE]);
  expect(core.outcome).toMatchObject({ exitCode: 4, failure: { message: "a broke in life 1" } });
  const { restarts } = core.outcome;
  expect([restarts.userFailures, restarts.userFailureTasks]).toEqual([3, 2]);
  const drained = newCore();
  play(drained, [RUNNING, ...crash("a", 1), { type: "interrupt" }]);
  play(drained, [{ type: "ended", tasks: [] }, GONE]);
  expect(drained.outcome.exitCode).toBe(4);
});

test("RunCore ends with 0 at most once when processes were killed, and with 130 when it was", () => {
  const core = newCore();
  play(core, [RUNNING, killed("a", Role.INSTANCE), { type: "ended", tasks: [] }, GONE]);
  expect(core.outcome).toMatchObject({ exitCode: 0, failure: undefined });
  const byUser = newCore();
  play(byUser, [RUNNING, ...crash("a", 1), { type: "interrupt" }, { type: "interrupt" }, GONE]);
  expect(byUser.outcome).toMatchObject({ exitCode: 130, failure: undefined });
});

test("RunCore ends when a process is given up, with its last words, however late they end", () => {
  const core = newCore(true);
  const id = "container_1_count_2";
  play(core, [RUNNING, ...crash(id, 1)]);
  // The word that life 2 ended waits for its output; life 3 is quicker to fail.
  const [failed2, exited2] = crash(id, 2);
  const [failed3, exited3] = crash(id, 3, false);
  if (!failed2 || !exited2 || !failed3 || !exited3) throw new Error("four events");
  expect(play(core, [failed2, failed3])).toEqual([]);
  expect(play(core, [exited2])).toMatchObject([
    { type: "say_restart", failure: { message: `${id} broke in life 2` } },
  ]);
  expect(sent(play(core, [exited3]))).toEqual(["stop"]);
  play(core, [GONE]);
  expect(core.outcome).toMatchObject({
    exitCode: 4,
    failure: { code: "user_code", message: `${id} broke in life 3`, exited: { exitCode: 1 } },
  });
});

test("RunCore tells of restarts while it starts and drains, and not when it stops", () => {
  const core = newCore();
  core.start();
  const restart = killed("tm", Role.TM);
  const types = (event: RunEvent) => play(core, [event]).map(({ type }) => type);
  expect(types(restart)).toEqual(["say_restart"]);
  play(core, [RUNNING, { type: "interrupt" }]);
  expect(types(restart)).toEqual(["say_restart"]);
  expect(core.state).toBe("draining");
  play(core, [{ type: "ended", tasks: [] }]);
  expect(types(restart)).toEqual([]);
});

test("RunCore waits for the last words of a process that failed for good", () => {
  const core = newCore();
  play(core, [RUNNING]);
  const id = "container_1_count_2";
  expect(play(core, [{ type: "failed", failed: failed(id, "unstable_topology") }])).toEqual([
    { type: "arm", delayMs: 1000 },
  ]);
  // Others that die of it change nothing.
  expect(play(core, [{ type: "exited", exited: exited("stmgr-1", 5) }])).toEqual([]);
  expect(sent(play(core, [{ type: "exited", exited: exited(id, 4) }]))).toEqual(["stop"]);
  play(core, [GONE]);
  expect(core.outcome).toMatchObject({
    exitCode: 3,
    failure: { code: "unstable_topology", exited: { exitCode: 4 } },
  });
});

test("RunCore does not wait for an exit for ever", () => {
  const core = newCore();
  play(core, [RUNNING, { type: "failed", failed: failed("tm", "stalled") }]);
  expect(sent(play(core, [{ type: "timer" }]))).toEqual(["stop"]);
  play(core, [GONE]);
  expect(core.outcome.exitCode).toBe(6);
});

test("RunCore ends with 6 when a process is given up without a word", () => {
  const core = newCore();
  expect(sent(play(core, [RUNNING, { type: "exited", exited: exited("stmgr-1", 137) }]))).toEqual([
    "stop",
  ]);
  play(core, [GONE]);
  expect(core.outcome.exitCode).toBe(6);
  expect(core.outcome.failure?.message).toContain('"stmgr-1" (pid 7) ended unasked');
});

test("RunCore takes expected exits as they are", () => {
  const core = newCore();
  expect(play(core, [RUNNING, { type: "exited", exited: exited("tm", 0, true) }]).length).toBe(2);
  expect(core.state).toBe("running");
});

test("RunCore ends with 6 when the scheduler dies", () => {
  const core = newCore();
  play(core, [RUNNING, { type: "scheduler_gone", ending: "signal SIGKILL" }]);
  expect(core.outcome.exitCode).toBe(6);
  expect(core.outcome.failure?.message).toContain("signal SIGKILL");
});

test("RunCore gives up a start that takes too long", () => {
  const core = newCore();
  expect(sent(play(core, [{ type: "timer" }]))).toEqual(["stop"]);
  play(core, [GONE]);
  expect(core.outcome.exitCode).toBe(5);
});

test("RunCore ends quietly when standard output is closed", () => {
  const core = newCore();
  expect(sent(play(core, [RUNNING, { type: "output_closed" }, { type: "output_closed" }]))).toEqual(
    ["stop"],
  );
  play(core, [GONE]);
  expect(core.outcome).toMatchObject({ exitCode: 0, quiet: true });
});

test("RunCore always ends: any order of events, then timers, sends one stop at most and then kills", () => {
  for (let seed = 1; seed <= 500; seed++) {
    const random = seededRandom(seed);
    const core = newCore();
    const actions = [...core.start()];
    const kinds: readonly RunEvent[] = [
      RUNNING,
      { type: "ended", tasks: [] },
      { type: "failed", failed: failed("a", "user_code") },
      { type: "exited", exited: exited("a", 4) },
      killed("b", Role.INSTANCE),
      { type: "interrupt" },
      { type: "time_up" },
      { type: "output_closed" },
    ];
    for (let step = 0; step < 8; step++) {
      const event = kinds[random.below(kinds.length)];
      if (event !== undefined) actions.push(...core.handle(event));
    }
    if (core.state === "running") actions.push(...core.handle({ type: "interrupt" }));
    const timers = play(core, [{ type: "timer" }, { type: "timer" }, { type: "timer" }]);
    actions.push(...timers);
    expect({ seed, killed: timers.some((action) => action.type === "kill") }).toEqual({
      seed,
      killed: true,
    });
    expect(sent(actions).filter((body) => body === "stop").length).toBe(1);
    play(core, [GONE]);
    expect(core.state).toBe("gone");
  }
});

test("RunCore is not impatient while a slow reader takes the last lines", () => {
  const core = newCore();
  core.start();
  core.handle({ type: "running", tasks: 1, containers: 1 });
  expect(core.handle({ type: "showing" })).toEqual([]);
  expect(core.handle({ type: "shown" })).toEqual([]);
  core.handle({ type: "ended", tasks: [] });
  expect(core.handle({ type: "showing" })).toEqual([{ type: "disarm" }]);
  expect(core.handle({ type: "shown" })).toEqual([{ type: "arm", delayMs: limits.stopMs }]);
  // Whoever wants it killed does not wait for as long as one that stops.
  core.handle({ type: "interrupt" });
  core.handle({ type: "interrupt" });
  core.handle({ type: "showing" });
  expect(core.handle({ type: "shown" })).toEqual([{ type: "arm", delayMs: limits.killMs }]);
});

test("RunCore ends with the call that kept the run from draining, and only then", () => {
  const core = newCore();
  const events: RunEvent[] = [RUNNING, callOf("a"), { type: "time_up" }, { type: "timer" }, GONE];
  const actions = play(core, events);
  expect(actions.filter(({ type }) => type === "say_warning").length).toBe(1);
  expect(core.outcome).toMatchObject({
    exitCode: 4,
    failure: {
      code: "call_blocked",
      message: "has not returned, and the run could not drain for it",
    },
  });
  const returned = newCore();
  play(returned, [RUNNING, callOf("a"), callOf("a", true), ...events.slice(2)]);
  expect(returned.outcome).toMatchObject({ exitCode: 0, failure: undefined });
  const ended = newCore();
  play(ended, [RUNNING, callOf("a"), { type: "time_up" }, { type: "ended", tasks: [] }, GONE]);
  expect(ended.outcome).toMatchObject({ exitCode: 0, failure: undefined });
});
