import { expect, test } from "bun:test";
import { sleep } from "./clock.ts";
import { ManualClock } from "./manual_clock.ts";

test("ManualClock.advance() fires timers in the order of their times, at their times", async () => {
  const clock = new ManualClock(1000);
  const fired: string[] = [];
  clock.after(20, () => fired.push(`b${clock.nowMs()}`));
  clock.after(10, () => {
    fired.push(`a${clock.nowMs()}`);
    clock.after(5, () => fired.push(`c${clock.nowMs()}`));
  });
  const every = clock.every(8, () => fired.push(`e${clock.nowMs()}`));
  clock.after(12, () => fired.push("never")).cancel();
  await clock.advance(19);
  expect(fired).toEqual(["e8", "a10", "c15", "e16"]);
  every.cancel();
  await clock.advance(100);
  expect(fired.at(-1)).toBe("b20");
  expect([clock.nowMs(), clock.wallMs(), clock.timers]).toEqual([119, 1119, 0]);
});

test("ManualClock.advance() gives promises between two timers their turn", async () => {
  const clock = new ManualClock();
  const seen: number[] = [];
  const sleeper = (async () => {
    for (let round = 0; round < 3; round++) {
      await sleep(clock, 10);
      seen.push(clock.nowMs());
    }
  })();
  await clock.advance(30);
  await sleeper;
  expect(seen).toEqual([10, 20, 30]);
});

test("ManualClock.jump() moves time alone, the timers come late", async () => {
  const clock = new ManualClock();
  const fired: number[] = [];
  clock.after(10, () => fired.push(clock.nowMs()));
  clock.jump(50);
  expect([clock.nowMs(), fired.length]).toEqual([50, 0]);
  await clock.advance(0);
  expect(fired).toEqual([50]);
  expect(() => clock.every(0, () => {})).toThrow(RangeError);
});
