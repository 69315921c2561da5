import { expect, spyOn, test } from "bun:test";
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
  expect(bell.sleep(ticket)).toBeUndefined();
  expect(bell.sleep(ticket, 60_000)).toBeUndefined();
});

test("sleep() ends with a ring of another thread's doorbell object", async () => {
  const words = createWords();
  const bell = new Doorbell(words);
  const sleep = bell.sleep(bell.prepareSleep());
  expect(sleep).toBeInstanceOf(Promise);
  new Doorbell(words).ring();
  await sleep;
  expect(bell.isSleeping).toBe(false);
});

test("sleep() ends when its time is over, and no timer stays behind", async () => {
  const clock = new ManualClock();
  const bell = new Doorbell(createWords(), { clock });
  const late = bell.sleep(bell.prepareSleep(), 50);
  await clock.advance(49);
  expect(bell.isSleeping).toBe(true);
  await clock.advance(1);
  await late;
  expect(bell.isSleeping).toBe(false);
  const rung = bell.sleep(bell.prepareSleep(), 50);
  bell.ring();
  await rung;
  expect(clock.timers).toBe(0);
});

test("sleep() asks the engine once for the next ring, however many sleeps run out before it", async () => {
  const clock = new ManualClock();
  const words = createWords();
  const bell = new Doorbell(words, { clock });
  using asked = spyOn(Atomics, "waitAsync");
  for (let sleeps = 1; sleeps <= 3; sleeps++) {
    const sleep = bell.sleep(bell.prepareSleep(), 50);
    await clock.advance(50);
    await sleep;
  }
  expect(asked).toHaveBeenCalledTimes(1);
  const rung = bell.sleep(bell.prepareSleep(), 50);
  new Doorbell(words).ring();
  await rung;
  expect(bell.isSleeping).toBe(false);
  const again = bell.sleep(bell.prepareSleep());
  new Doorbell(words).ring();
  await again;
  expect(asked).toHaveBeenCalledTimes(2);
});

test("sleep() whose ring came before it does not wait, though an earlier one ran out", async () => {
  const clock = new ManualClock();
  const words = createWords();
  const bell = new Doorbell(words, { clock });
  const late = bell.sleep(bell.prepareSleep(), 50);
  await clock.advance(50);
  await late;
  const ticket = bell.prepareSleep();
  new Doorbell(words).ring();
  expect(bell.sleep(ticket)).toBeUndefined();
  // What the engine tells of that ring is told in the next sleep.
  await bell.sleep(bell.prepareSleep());
  expect(bell.isSleeping).toBe(false);
});

test("sleep() without time does not wait", () => {
  const bell = new Doorbell(createWords());
  expect(bell.sleep(bell.prepareSleep(), 0)).toBeUndefined();
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
  const sleep = bell.sleep(bell.prepareSleep(), Infinity);
  bell.ring();
  await sleep;
  expect(delaysMs).toEqual([2 ** 31 - 1]);
});

test("sleep() that is looked at late does not end the next sleep", async () => {
  const bell = new Doorbell(createWords());
  const first = bell.sleep(bell.prepareSleep());
  bell.ring();
  const ticket = bell.prepareSleep();
  await first;
  expect(bell.isSleeping).toBe(true);
  const second = bell.sleep(ticket);
  bell.ring();
  await second;
});

test("sleep() with a ticket of an earlier sleep does not wait", () => {
  const bell = new Doorbell(createWords());
  const ticket = bell.prepareSleep();
  bell.cancelSleep();
  bell.prepareSleep();
  expect(bell.sleep(ticket)).toBeUndefined();
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
  expect(() => bell.sleep(ticket)).toThrow(TypeError);
  expect(() => bell.sleepBlocking(ticket)).toThrow(TypeError);
});
