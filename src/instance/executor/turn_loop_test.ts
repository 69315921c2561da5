import { expect, test } from "bun:test";
import { ManualClock, nextTurn, onTurnEnd } from "../../base/mod.ts";
import type { Executor } from "./executor.ts";
import { AGAIN, type TurnResult, WAITING } from "./turn_result.ts";
import { TurnLoop } from "./turn_loop.ts";

/** A loop over an executor of which each turn gives the next of `results`. */
function openLoop(results: TurnResult[]) {
  const clock = new ManualClock();
  const seen: string[] = [];
  const failed: unknown[] = [];
  const loop: TurnLoop = new TurnLoop({
    clock,
    closed: () => void seen.push("closed"),
    failed: (thrown) => void failed.push(thrown),
  });
  const state = { isClosing: false, isBusy: false };
  const executor = {
    get isClosing() {
      return state.isClosing;
    },
    turn() {
      seen.push("turn");
      const result = results.shift();
      if (result === undefined) throw new Error("thrown on purpose");
      return result;
    },
    prepareSleep() {
      const ticket = loop.bell.prepareSleep();
      if (!state.isBusy) return ticket;
      loop.bell.cancelSleep();
      return undefined;
    },
  };
  // As much of an executor as a loop knows.
  loop.start(executor as unknown as Executor);
  return { clock, seen, failed, loop, state };
}

test("TurnLoop takes turns at the end of event-loop turns, and sleeps until it is rung", async () => {
  const { seen, loop } = openLoop([WAITING, WAITING, WAITING]);
  expect(seen).toEqual([]);
  await nextTurn();
  expect(seen).toEqual(["turn"]);
  await nextTurn();
  loop.bell.ring();
  loop.bell.ring();
  // Behind all that this event-loop turn brings.
  onTurnEnd(() => seen.push("brought"));
  expect(seen).toEqual(["turn"]);
  await nextTurn();
  await nextTurn();
  expect(seen).toEqual(["turn", "turn", "brought"]);
});

test("TurnLoop lets others have their event-loop turn between two turns", async () => {
  const { seen } = openLoop([AGAIN, AGAIN, AGAIN, WAITING]);
  for (let turns = 1; turns <= 4; turns++) {
    await nextTurn();
    seen.push("others");
  }
  await nextTurn();
  expect(seen.filter((one) => one === "turn").length).toBe(4);
  expect(seen.join(" ")).not.toContain("turn turn");
});

test("TurnLoop goes on by itself when its time has come or there was something to do", async () => {
  const { clock, seen, loop, state } = openLoop([
    { kind: "wait", untilMs: 30 },
    { kind: "wait", untilMs: 70 },
    { kind: "wait", untilMs: 20 },
    WAITING,
    WAITING,
  ]);
  await nextTurn();
  await clock.advance(29);
  await nextTurn();
  expect(seen.length).toBe(1);
  await clock.advance(1);
  await nextTurn();
  expect(seen.length).toBe(2);
  // Rung before its time; the next time lies in the past.
  loop.bell.ring();
  for (let turns = 0; turns < 3; turns++) await nextTurn();
  expect(seen.length).toBe(4);
  await clock.advance(100);
  await nextTurn();
  expect(seen.length).toBe(4);
  state.isBusy = true;
  loop.bell.ring();
  await nextTurn();
  expect(seen.length).toBe(5);
});

test("TurnLoop ends when the executor is closed, and when a turn throws", async () => {
  const { seen, loop, state } = openLoop([WAITING]);
  await nextTurn();
  state.isClosing = true;
  loop.bell.ring();
  await nextTurn();
  loop.bell.ring();
  await nextTurn();
  expect(seen).toEqual(["turn", "closed"]);
  const broken = openLoop([]);
  await nextTurn();
  broken.loop.bell.ring();
  await nextTurn();
  expect(broken.seen).toEqual(["turn"]);
  expect(broken.failed).toEqual([new Error("thrown on purpose")]);
});
