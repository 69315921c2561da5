import { expect, test } from "bun:test";
import { ManualClock } from "./manual_clock.ts";
import { afterOwnTime } from "./own_time.ts";

test("afterOwnTime() calls once, after its time, where the process runs all the time", async () => {
  const clock = new ManualClock();
  let calls = 0;
  afterOwnTime(clock, 2000, () => void calls++);
  await clock.advance(1999);
  expect(calls).toBe(0);
  await clock.advance(1);
  expect(calls).toBe(1);
  await clock.advance(10_000);
  expect([calls, clock.timers]).toEqual([1, 0]);
});

test("afterOwnTime() counts little of the time in which the process did not run", async () => {
  const clock = new ManualClock();
  let calls = 0;
  afterOwnTime(clock, 2000, () => void calls++);
  clock.jump(60_000);
  await clock.advance(0);
  // One slice, an eighth, has passed, whatever the clock says.
  await clock.advance(1749);
  expect(calls).toBe(0);
  await clock.advance(1);
  expect(calls).toBe(1);
});

test("afterOwnTime() can be cancelled at any time", async () => {
  const clock = new ManualClock();
  let calls = 0;
  const timer = afterOwnTime(clock, 800, () => void calls++);
  await clock.advance(500);
  timer.cancel();
  await clock.advance(5000);
  expect([calls, clock.timers]).toEqual([0, 0]);
});
