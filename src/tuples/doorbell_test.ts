import { expect, spyOn, test } from "bun:test";
import { sleepAt } from "../../tests/support/bridges.ts";
import { ManualClock } from "../base/mod.ts";
import { Doorbell } from "./doorbell.ts";

function createWords(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(Doorbell.bytes));
}

/** The bell of a simulated owner, and how often it was rung. */
function createSimulated() {
  const rung = { times: 0 };
  const bell = new Doorbell(createWords(), { onRung: () => void rung.times++ });
  return { bell, rung };
}

test("ring() does nothing to an owner that is awake", () => {
  const { bell, rung } = createSimulated();
  bell.ring();
  bell.prepareSleep();
  bell.cancelSleep();
  bell.ring();
  expect(rung.times).toBe(0);
  expect(bell.isSleeping).toBe(false);
});

test("ring() wakes an owner that sleeps, once", () => {
  const { bell, rung } = createSimulated();
  bell.prepareSleep();
  expect(bell.isSleeping).toBe(true);
  bell.ring();
  bell.ring();
  expect(bell.isSleeping).toBe(false);
  expect(rung.times).toBe(1);
  bell.prepareSleep();
  bell.ring();
  expect(rung.times).toBe(2);
});

test("onRung() may put its owner to sleep again", () => {
  const words = createWords();
  const owner = new Doorbell(words);
  const bell = new Doorbell(words, { onRung: () => void owner.prepareSleep() });
  owner.prepareSleep();
  bell.ring();
  expect(owner.isSleeping).toBe(true);
});

test("sleep() does not wait when the bell was rung since prepareSleep()", () => {
  const words = createWords();
  const bell = new Doorbell(words);
  const ticket = bell.prepareSleep();
  new Doorbell(words).ring();
  expect(sleepAt(bell, ticket)).toBeUndefined();
  expect(sleepAt(bell, ticket, 60_000)).toBeUndefined();
});

test("sleep() ends with a ring of another thread's doorbell object", async () => {
  const words = createWords();
  const bell = new Doorbell(words);
  const sleep = sleepAt(bell, bell.prepareSleep());
  expect(sleep).toBeInstanceOf(Promise);
  new Doorbell(words).ring();
  await sleep;
  expect(bell.isSleeping).toBe(false);
});

test("sleep() ends when its time is over", async () => {
  const clock = new ManualClock();
  const bell = new Doorbell(createWords(), { clock });
  const late = sleepAt(bell, bell.prepareSleep(), 50);
  await clock.advance(49);
  expect(bell.isSleeping).toBe(true);
  await clock.advance(1);
  await late;
  expect(bell.isSleeping).toBe(false);
});

test("sleep() sets no timer where that of an earlier sleep is due before", async () => {
  const clock = new ManualClock();
  const bell = new Doorbell(createWords(), { clock });
  for (let sleeps = 0; sleeps < 3; sleeps++) {
    const rung = sleepAt(bell, bell.prepareSleep(), 50);
    bell.ring();
    await rung;
    await clock.advance(20);
  }
  expect(clock.timers).toBe(0);
  const rung = sleepAt(bell, bell.prepareSleep(), 50);
  bell.ring();
  await rung;
  await clock.advance(10);
  // The timer is due in 40 ms: before the first time, behind the second.
  const late = sleepAt(bell, bell.prepareSleep(), 50);
  expect(clock.timers).toBe(1);
  await clock.advance(49);
  expect(bell.isSleeping).toBe(true);
  await clock.advance(1);
  await late;
  const longer = sleepAt(bell, bell.prepareSleep(), 50);
  bell.ring();
  await longer;
  const sooner = sleepAt(bell, bell.prepareSleep(), 20);
  expect(clock.timers).toBe(1);
  await clock.advance(20);
  await sooner;
  expect(bell.isSleeping).toBe(false);
});

test("endSleep() ends a sleep, and what was given to it is not called", async () => {
  const clock = new ManualClock();
  const words = createWords();
  const bell = new Doorbell(words, { clock });
  expect(bell.endSleep()).toBe(false);
  let awake = 0;
  bell.sleep(bell.prepareSleep(), () => awake++, 50);
  expect([bell.endSleep(), bell.endSleep(), bell.isSleeping]).toEqual([true, false, false]);
  await clock.advance(50);
  // What the engine was asked in that sleep tells of the ring in the next.
  const rung = sleepAt(bell, bell.prepareSleep());
  new Doorbell(words).ring();
  await rung;
  expect(awake).toBe(0);
});

test("sleep() asks the engine once for the next ring, however many sleeps run out before it", async () => {
  const clock = new ManualClock();
  const words = createWords();
  const bell = new Doorbell(words, { clock });
  using asked = spyOn(Atomics, "waitAsync");
  for (let sleeps = 1; sleeps <= 3; sleeps++) {
    const sleep = sleepAt(bell, bell.prepareSleep(), 50);
    await clock.advance(50);
    await sleep;
  }
  expect(asked).toHaveBeenCalledTimes(1);
  const rung = sleepAt(bell, bell.prepareSleep(), 50);
  new Doorbell(words).ring();
  await rung;
  expect(bell.isSleeping).toBe(false);
  const again = sleepAt(bell, bell.prepareSleep());
  new Doorbell(words).ring();
  await again;
  expect(asked).toHaveBeenCalledTimes(2);
});

test("sleep() whose ring came before it does not wait, though an earlier one ran out", async () => {
  const clock = new ManualClock();
  const words = createWords();
  const bell = new Doorbell(words, { clock });
  const late = sleepAt(bell, bell.prepareSleep(), 50);
  await clock.advance(50);
  await late;
  const ticket = bell.prepareSleep();
  new Doorbell(words).ring();
  expect(sleepAt(bell, ticket)).toBeUndefined();
  // What the engine tells of that ring is told in the next sleep.
  await sleepAt(bell, bell.prepareSleep());
  expect(bell.isSleeping).toBe(false);
});

test("sleep() without time does not wait", () => {
  const bell = new Doorbell(createWords());
  expect(sleepAt(bell, bell.prepareSleep(), 0)).toBeUndefined();
  expect(bell.isSleeping).toBe(false);
});

test("sleep() takes a time that is longer than timers take", async () => {
  const clock = new ManualClock();
  const delaysMs: number[] = [];
  const after = (delayMs: number, run: () => void) => {
    delaysMs.push(delayMs);
    return clock.after(delayMs, run);
  };
  const bell = new Doorbell(createWords(), {
    clock: { nowMs: () => 0, wallMs: () => 0, every: clock.every.bind(clock), after },
  });
  const sleep = sleepAt(bell, bell.prepareSleep(), 2 ** 40);
  bell.ring();
  await sleep;
  expect(delaysMs).toEqual([2 ** 31 - 1]);
});

test("sleep() that is looked at late does not end the next sleep", async () => {
  const bell = new Doorbell(createWords());
  const first = sleepAt(bell, bell.prepareSleep());
  bell.ring();
  const ticket = bell.prepareSleep();
  await first;
  expect(bell.isSleeping).toBe(true);
  const second = sleepAt(bell, ticket);
  bell.ring();
  await second;
});

test("sleep() with a ticket of an earlier sleep does not wait", () => {
  const bell = new Doorbell(createWords());
  const ticket = bell.prepareSleep();
  bell.cancelSleep();
  bell.prepareSleep();
  expect(sleepAt(bell, ticket)).toBeUndefined();
  bell.sleepBlocking(ticket);
});

test("sleepBlocking() ends when its time is over", () => {
  const bell = new Doorbell(createWords());
  bell.sleepBlocking(bell.prepareSleep(), 1);
  expect(bell.isSleeping).toBe(false);
});

test("sleep() and sleepBlocking() are refused where onRung is called instead", () => {
  const { bell } = createSimulated();
  const ticket = bell.prepareSleep();
  expect(() => sleepAt(bell, ticket)).toThrow(TypeError);
  expect(() => bell.sleepBlocking(ticket)).toThrow(TypeError);
});
