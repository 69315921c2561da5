import { expect, test } from "bun:test";
import { ManualClock } from "../mod.ts";
import { HeronError } from "../mod.ts";
import { createPacket } from "./packet.ts";
import { PendingRequests } from "./pending_requests.ts";

function answerTo(responseTo: number) {
  return createPacket({ responseTo, body: { case: "acknowledged", value: {} } });
}

test("PendingRequests.settle() matches answers in any order and drops unknown ones", async () => {
  const clock = new ManualClock();
  const requests = new PendingRequests(clock, 10);
  const [one, two] = [requests.open(100, () => "one"), requests.open(100, () => "two")];
  expect(one.id).not.toBe(two.id);
  requests.settle(answerTo(99));
  requests.settle(answerTo(two.id));
  requests.settle(answerTo(two.id));
  requests.settle(answerTo(one.id));
  expect((await two.answer).responseTo).toBe(two.id);
  expect((await one.answer).responseTo).toBe(one.id);
  expect([requests.size, clock.timers]).toEqual([0, 0]);
});

test("PendingRequests reject after the time-out, and a late answer does nothing", async () => {
  const clock = new ManualClock();
  const requests = new PendingRequests(clock, 10);
  const { id, answer } = requests.open(100, () => 'Request "stop" of tm');
  const outcome = answer.catch((thrown: unknown) => thrown);
  await clock.advance(99);
  expect(requests.size).toBe(1);
  await clock.advance(1);
  expect(await outcome).toMatchObject({
    code: "timeout",
    message: 'Request "stop" of tm: no answer within 100 ms',
  });
  requests.settle(answerTo(id));
  expect(requests.size).toBe(0);
});

test("PendingRequests.open() has a limit and never gives an id that waits", async () => {
  const requests = new PendingRequests(new ManualClock(), 2);
  const opened = [requests.open(1, () => "a"), requests.open(1, () => "b")];
  expect(() => requests.open(1, () => "Ask tm")).toThrow(
    "Ask tm: 2 requests wait, expected fewer than 2",
  );
  const outcomes = opened.map(({ answer }) => answer.catch((thrown: HeronError) => thrown.code));
  requests.rejectAll(new HeronError("unavailable", "gone"));
  expect(await Promise.all(outcomes)).toEqual(["unavailable", "unavailable"]);
  const dropped = requests.open(1, () => "c");
  requests.drop(dropped.id);
  expect(requests.size).toBe(0);
});
