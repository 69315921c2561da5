import { expect, test } from "bun:test";
import { IdleWait } from "./idle_wait.ts";

test("IdleWait waits a sixteenth of the time without input, within its limits", () => {
  const wait = new IdleWait({ minMs: 1, maxMs: 20 });
  expect([1000, 1016, 1032, 1160, 1320, 9000].map((nowMs) => wait.next(nowMs))).toEqual(
    [1, 1, 2, 10, 20, 20],
  );
});

test("IdleWait begins anew when there was something", () => {
  const wait = new IdleWait({ minMs: 1, maxMs: 20 });
  wait.next(0);
  expect(wait.next(500)).toBe(20);
  wait.end();
  expect(wait.next(501)).toBe(1);
  expect(wait.next(565)).toBe(4);
});

test("IdleWait keeps the least where it is more than the most", () => {
  const wait = new IdleWait({ minMs: 50, maxMs: 20 });
  expect([0, 10_000].map((nowMs) => wait.next(nowMs))).toEqual([50, 50]);
});
