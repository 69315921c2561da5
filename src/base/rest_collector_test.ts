import { expect, test } from "bun:test";
import { ManualClock } from "./manual_clock.ts";
import { collectAtRest, collectNowAndThen } from "./rest_collector.ts";

test("collectAtRest() collects once after each time of work, and never at work", async () => {
  const clock = new ManualClock();
  let done = 0;
  let collected = 0;
  const timer = collectAtRest({ clock, done: () => done, collect: () => void collected++ });
  await clock.advance(5000);
  expect(collected).toBe(0);
  for (let second = 0; second < 3; second++) {
    done++;
    await clock.advance(5000);
    expect(collected).toBe(0);
  }
  await clock.advance(5000);
  expect(collected).toBe(1);
  done++;
  await clock.advance(10_000);
  expect(collected).toBe(2);
  done++;
  timer.cancel();
  await clock.advance(10_000);
  expect(collected).toBe(2);
});

test("collectNowAndThen() collects once a minute, until cancelled", async () => {
  const clock = new ManualClock();
  let collected = 0;
  const timer = collectNowAndThen(clock, () => void collected++);
  await clock.advance(59_999);
  expect(collected).toBe(0);
  await clock.advance(60_001);
  expect(collected).toBe(2);
  timer.cancel();
  await clock.advance(600_000);
  expect(collected).toBe(2);
});
