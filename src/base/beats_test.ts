import { expect, test } from "bun:test";
import { Beats } from "./beats.ts";
import { ManualClock } from "./manual_clock.ts";

function setUp(startMs = 0) {
  const clock = new ManualClock();
  clock.jump(startMs);
  let wakes = 0;
  const beats = new Beats({
    nowMs: () => clock.nowMs(),
    wait: (delayMs, run) => {
      expect(delayMs).toBe(Math.floor(delayMs));
      const timer = clock.after(delayMs, () => {
        wakes++;
        run();
      });
      return () => timer.cancel();
    },
  });
  const told: string[] = [];
  const note = (name: string) => () => void told.push(`${name} ${clock.nowMs()}`);
  return { clock, beats, told, note, wakes: () => wakes };
}

test("Beats of one period fall together, whenever they began", async () => {
  const { clock, beats, told, note, wakes } = setUp(300);
  beats.every(1000, note("a"));
  await clock.advance(350);
  beats.every(1000, note("b"));
  beats.every(2000, note("c"));
  await clock.advance(3500);
  expect(told).toEqual([
    "a 1000",
    "a 2000",
    "b 2000",
    "c 2000",
    "a 3000",
    "b 3000",
    "a 4000",
    "b 4000",
    "c 4000",
  ]);
  expect(wakes()).toBe(4);
});

test("Beats come first after half a period at least, and after half as much again at most", async () => {
  for (const startMs of [0, 1, 499, 500, 501, 999.5]) {
    const { clock, beats, told, note } = setUp(startMs);
    beats.every(1000, note("a"));
    await clock.advance(499);
    expect(told).toEqual([]);
    await clock.advance(1002);
    expect(told.length).toBeGreaterThanOrEqual(1);
  }
});

test("Beats that were missed are not made up for", async () => {
  const { clock, beats, told, note } = setUp();
  beats.every(1000, note("a"));
  clock.jump(5300);
  await clock.advance(1000);
  expect(told).toEqual(["a 5300", "a 6000"]);
});

test("Beats that are cancelled do not come, also by one that comes with them", async () => {
  const { clock, beats, told, note } = setUp();
  const all = ["a", "b", "c"].map((name) => beats.every(1000, note(name)));
  all[0]?.cancel();
  const killer = beats.every(1000, () => all[2]?.cancel());
  await clock.advance(1000);
  expect(told).toEqual(["b 1000", "c 1000"]);
  await clock.advance(1000);
  expect(told.slice(2)).toEqual(["b 2000"]);
  all[1]?.cancel();
  all[1]?.cancel();
  killer.cancel();
  expect(clock.timers).toBe(0);
});

test("Beats go on when one throws", () => {
  const told: string[] = [];
  let nowMs = 0;
  let fire = () => {};
  const beats = new Beats({
    nowMs: () => nowMs,
    wait: (_delayMs, run) => {
      fire = run;
      return () => {};
    },
  });
  beats.every(1000, () => {
    told.push(`a ${nowMs}`);
    throw new Error("it failed");
  });
  beats.every(1000, () => void told.push(`b ${nowMs}`));
  for (nowMs = 1000; nowMs <= 2000; nowMs += 1000) {
    expect(() => fire()).toThrow("it failed");
    fire();
  }
  expect(told).toEqual(["a 1000", "b 1000", "a 2000", "b 2000"]);
});
