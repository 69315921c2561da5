/** Promises of user code are waited for, in real time and not for ever; waits for credit are not. */

import { expect, test } from "bun:test";
import { systemClock } from "../base/mod.ts";
import { UserWaits } from "./user_waits.ts";

function createWaits(limitMs: number) {
  const overdue: string[] = [];
  const waits = new UserWaits({
    clock: systemClock,
    limitMs,
    overdue: (call) => void overdue.push(call),
  });
  return { waits, overdue };
}

test("between() waits until a call has returned, or was rejected", async () => {
  const { waits, overdue } = createWaits(60_000);
  expect(waits.between()).toBeUndefined();
  const first = Promise.withResolvers<void>();
  const second = Promise.withResolvers<void>();
  waits.follow("first", first.promise);
  waits.follow("second", second.promise);
  let isOver = false;
  const wait = waits.between()?.then(() => void (isOver = true));
  first.resolve();
  await Bun.sleep(1);
  expect(isOver).toBe(false);
  second.reject(new Error("refused"));
  await wait;
  expect(overdue).toEqual([]);
  expect(waits.between()).toBeUndefined();
});

test("between() leaves a call that waits for credit alone", async () => {
  const { waits } = createWaits(60_000);
  const credit = Promise.withResolvers<void>();
  const call = waits.ready(credit.promise);
  waits.follow("call", call);
  expect(waits.between()).toBeUndefined();
  credit.resolve();
  await call;
  expect(waits.between()).toBeUndefined();
});

test("between() names the calls that take too long", async () => {
  const { waits, overdue } = createWaits(5);
  waits.follow("bolt[0].execute", new Promise(() => {}));
  await waits.between();
  expect(overdue).toEqual(["bolt[0].execute"]);
});
