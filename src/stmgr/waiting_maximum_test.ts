import { expect, test } from "bun:test";
import { ManualClock } from "../base/mod.ts";
import { WaitingMaximum } from "./waiting_maximum.ts";

test("WaitingMaximum looks while frames come or wait, and leaves an idle process alone", async () => {
  const clock = new ManualClock();
  let [bytes, looks] = [0, 0];
  const waiting = new WaitingMaximum(clock, () => {
    looks++;
    return bytes;
  });
  await clock.advance(1000);
  expect([looks, clock.timers]).toEqual([0, 0]);
  waiting.frameCame();
  waiting.frameCame();
  bytes = 70;
  await clock.advance(100);
  bytes = 50;
  await clock.advance(500);
  expect([looks, clock.timers, waiting.bytesMax]).toEqual([6, 1, 70]);
  bytes = 0;
  await clock.advance(1000);
  expect([looks, clock.timers]).toEqual([7, 0]);
  waiting.frameCame();
  bytes = 90;
  await clock.advance(100);
  expect(waiting.bytesMax).toBe(90);
});
