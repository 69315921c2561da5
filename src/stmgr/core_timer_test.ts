import { expect, test } from "bun:test";
import { ManualClock } from "../base/mod.ts";
import { CoreTimer } from "./core_timer.ts";

test("CoreTimer.schedule() calls the core when it is due, and again while it is", async () => {
  const clock = new ManualClock();
  const startMs = clock.nowMs();
  const calls: number[] = [];
  const core = {
    dueMs: undefined as number | undefined, // it comes and goes
    timer: (nowMs: number) => {
      calls.push(nowMs - startMs);
      core.dueMs = calls.length < 2 ? nowMs + 30 : undefined;
    },
  };
  const timer = new CoreTimer(core, clock);
  timer.schedule();
  await clock.advance(100);
  expect(calls).toEqual([]);
  core.dueMs = startMs + 200;
  timer.schedule();
  core.dueMs = startMs + 150;
  timer.schedule();
  await clock.advance(49);
  expect(calls).toEqual([]);
  await clock.advance(1);
  expect(calls).toEqual([150]);
  await clock.advance(1_000);
  expect(calls).toHaveLength(2);
});
