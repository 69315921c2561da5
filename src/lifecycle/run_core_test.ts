/** Tests of the course of a run: events in, actions and outcome out. */

import { create } from "@bufbuild/protobuf";
import { expect, test } from "bun:test";
import {
  type ProcessExited,
  ProcessExitedSchema,
  type ProcessFailed,
  ProcessFailedSchema,
} from "../base/gen/heron_bin/packet_pb.ts";
import { seededRandom } from "../base/mod.ts";
import { type RunAction, RunCore, type RunEvent } from "./run_core.ts";

const limits = { startMs: 60_000, drainMs: 10_000, lastWordsMs: 1000, stopMs: 3000, killMs: 2000 };
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

test("RunCore ends a bounded run with its totals and exit code 0", () => {
  const core = new RunCore(limits);
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
  expect(core.outcome).toEqual({ exitCode: 0, failure: undefined, totals: [], quiet: false });
});

test("RunCore drains on the first interrupt and ends with 0 when it is drained", () => {
  const core = new RunCore(limits);
  const actions = play(core, [RUNNING, { type: "interrupt" }]);
  expect(sent(actions)).toEqual(["drain"]);
  expect(actions.at(-1)).toEqual({ type: "arm", delayMs: 10_000 });
  expect(sent(play(core, [{ type: "ended", tasks: [] }, GONE]))).toEqual(["stop"]);
  expect(core.outcome.exitCode).toBe(0);
});

test("RunCore stops with a note when draining takes too long", () => {
  const core = new RunCore(limits);
  play(core, [RUNNING, { type: "time_up" }]);
  expect(core.state).toBe("draining");
  const actions = play(core, [{ type: "timer" }]);
  expect(actions[0]?.type).toBe("note");
  expect(sent(actions)).toEqual(["stop"]);
  play(core, [GONE]);
  expect(core.outcome).toMatchObject({ exitCode: 0, totals: undefined });
});

test("RunCore kills on the second interrupt, with 130", () => {
  const core = new RunCore(limits);
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
  const core = new RunCore(limits);
  expect(sent(play(core, [{ type: "interrupt" }]))).toEqual(["stop"]);
  play(core, [GONE]);
  expect(core.outcome.exitCode).toBe(130);
});

test("RunCore waits for the last words of a process that failed", () => {
  const core = new RunCore(limits);
  play(core, [RUNNING]);
  const id = "container_1_count_2";
  expect(play(core, [{ type: "failed", failed: failed(id, "user_code") }])).toEqual([
    { type: "arm", delayMs: 1000 },
  ]);
  // Others that die of it change nothing.
  expect(play(core, [{ type: "exited", exited: exited("stmgr-1", 5) }])).toEqual([]);
  expect(sent(play(core, [{ type: "exited", exited: exited(id, 4) }]))).toEqual(["stop"]);
  play(core, [GONE]);
  expect(core.outcome).toMatchObject({
    exitCode: 4,
    failure: { code: "user_code", exited: { exitCode: 4 } },
  });
});

test("RunCore does not wait for an exit for ever", () => {
  const core = new RunCore(limits);
  play(core, [RUNNING, { type: "failed", failed: failed("tm", "internal") }]);
  expect(sent(play(core, [{ type: "timer" }]))).toEqual(["stop"]);
  play(core, [GONE]);
  expect(core.outcome.exitCode).toBe(70);
});

test("RunCore ends with 6 when a process dies without a word", () => {
  const core = new RunCore(limits);
  expect(sent(play(core, [RUNNING, { type: "exited", exited: exited("stmgr-1", 137) }]))).toEqual([
    "stop",
  ]);
  play(core, [GONE]);
  expect(core.outcome.exitCode).toBe(6);
  expect(core.outcome.failure?.message).toContain('"stmgr-1" (pid 7) ended unasked');
});

test("RunCore takes expected exits as they are", () => {
  const core = new RunCore(limits);
  expect(play(core, [RUNNING, { type: "exited", exited: exited("tm", 0, true) }]).length).toBe(2);
  expect(core.state).toBe("running");
});

test("RunCore ends with 6 when the scheduler dies", () => {
  const core = new RunCore(limits);
  play(core, [RUNNING, { type: "scheduler_gone", ending: "signal SIGKILL" }]);
  expect(core.outcome.exitCode).toBe(6);
  expect(core.outcome.failure?.message).toContain("signal SIGKILL");
});

test("RunCore gives up a start that takes too long", () => {
  const core = new RunCore(limits);
  expect(sent(play(core, [{ type: "timer" }]))).toEqual(["stop"]);
  play(core, [GONE]);
  expect(core.outcome.exitCode).toBe(5);
});

test("RunCore ends quietly when standard output is closed", () => {
  const core = new RunCore(limits);
  expect(sent(play(core, [RUNNING, { type: "output_closed" }, { type: "output_closed" }]))).toEqual(
    ["stop"],
  );
  play(core, [GONE]);
  expect(core.outcome).toMatchObject({ exitCode: 0, quiet: true });
});

test("RunCore always ends: any order of events, then timers, sends one stop at most and then kills", () => {
  for (let seed = 1; seed <= 500; seed++) {
    const random = seededRandom(seed);
    const core = new RunCore(limits);
    const actions = [...core.start()];
    const kinds: readonly RunEvent[] = [
      RUNNING,
      { type: "ended", tasks: [] },
      { type: "failed", failed: failed("a", "user_code") },
      { type: "exited", exited: exited("a", 4) },
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
  const core = new RunCore(limits);
  core.start();
  core.handle({ type: "running", tasks: 1, containers: 1 });
  expect(core.handle({ type: "showing" })).toEqual([]);
  expect(core.handle({ type: "shown" })).toEqual([]);
  core.handle({ type: "ended", tasks: [] });
  expect(core.handle({ type: "showing" })).toEqual([{ type: "disarm" }]);
  expect(core.handle({ type: "shown" })).toEqual([{ type: "arm", delayMs: limits.stopMs }]);
});
