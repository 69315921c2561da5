import { expect, test } from "bun:test";
import { ReadyWaiters } from "./ready_waiters.ts";

test("ReadyWaiters lets all that wait go on, once", async () => {
  const waiters = new ReadyWaiters();
  expect(waiters.areThere).toBe(false);
  waiters.wake();
  const first = waiters.wait();
  const second = waiters.wait();
  expect(waiters.areThere).toBe(true);
  waiters.wake();
  await Promise.all([first, second]);
  expect(waiters.areThere).toBe(false);
});

test("ReadyWaiters keeps who comes after a wake() for the next one", async () => {
  const waiters = new ReadyWaiters();
  let isOn = false;
  const first = waiters.wait().then(() => {
    void waiters.wait().then(() => {
      isOn = true;
    });
  });
  waiters.wake();
  await first;
  await Promise.resolve();
  expect([isOn, waiters.areThere]).toEqual([false, true]);
});
