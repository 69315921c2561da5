import { expect, test } from "bun:test";
import { ManualClock } from "../base/mod.ts";
import { ExceptionLog } from "./exception_log.ts";

const BAD = { message: "Error: bad", stack: "Error: bad\n    at execute (topology.ts:3:1)" };

test("ExceptionLog makes one of those with the same stack, with its first and last time", async () => {
  const clock = new ManualClock();
  const log = new ExceptionLog(clock);
  expect(log.isEmpty).toBe(true);
  const first = new Date(clock.wallMs()).toISOString();
  log.add(BAD);
  await clock.advance(1500);
  log.add(BAD, 4);
  log.add({ message: "thrown: 5", stack: "" });
  const last = new Date(clock.wallMs()).toISOString();
  expect(last).not.toBe(first);
  expect(log.take()).toEqual([
    { stacktrace: BAD.stack, firsttime: first, lasttime: last, count: 5, logging: BAD.message },
    { stacktrace: "thrown: 5", firsttime: last, lasttime: last, count: 1, logging: "thrown: 5" },
  ]);
  expect([log.take(), log.isEmpty, log.logged]).toEqual([[], true, 6]);
});

test("ExceptionLog keeps few kinds and counts all", () => {
  const log = new ExceptionLog(new ManualClock());
  for (let index = 0; index < 100; index++) log.add({ message: `kind ${index}`, stack: "" });
  expect([log.take().length, log.logged]).toEqual([64, 100]);
});
