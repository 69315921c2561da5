import { expect, test } from "bun:test";
import { Culprit } from "./culprit.ts";

const LIFE = { epoch: 1, counter: 1 };

test("Culprit.take() knows a wait until it ends, is answered, or is not repeated", () => {
  const culprit = new Culprit();
  expect(culprit.isAwaited).toBe(false);
  expect(culprit.take({ source: 1, life: LIFE, wait: 1 }, 50)).toBe(true);
  expect(culprit.take({ source: 2, life: LIFE, wait: 9 }, 40)).toBe(true);
  expect(culprit.voidAtMs).toBe(40);
  culprit.expire(40);
  expect(culprit.voidAtMs).toBe(50);
  culprit.end({ source: 1, life: LIFE, wait: 1 });
  expect(culprit.isAwaited).toBe(false);
  expect(culprit.take({ source: 1, life: LIFE, wait: 1 }, 90)).toBe(false);
  expect(culprit.take({ source: 1, life: LIFE, wait: 2 }, 90)).toBe(true);
  culprit.answer();
  expect(culprit.isAwaited).toBe(false);
  expect(culprit.take({ source: 1, life: LIFE, wait: 2 }, 120)).toBe(false);
  expect(culprit.take({ source: 1, life: LIFE, wait: 3 }, 120)).toBe(true);
});

test("Culprit.take() and end() pass over what an earlier wait or life says late", () => {
  const culprit = new Culprit();
  const life = { epoch: 1, counter: 2 };
  culprit.take({ source: 1, life, wait: 4 }, 50);
  expect(culprit.take({ source: 1, life: LIFE, wait: 9 }, 90)).toBe(false);
  expect(culprit.take({ source: 1, life, wait: 3 }, 90)).toBe(false);
  culprit.end({ source: 1, life: LIFE, wait: 9 });
  culprit.end({ source: 1, life, wait: 3 });
  expect(culprit.isAwaited).toBe(true);
  expect(culprit.voidAtMs).toBe(50);
  culprit.end({ source: 1, life: { epoch: 2, counter: 0 }, wait: 1 });
  expect(culprit.isAwaited).toBe(false);
});

test("Culprit.expire() forgets a wait: when it is repeated, it is news", () => {
  const culprit = new Culprit();
  culprit.take({ source: 1, life: LIFE, wait: 1 }, 50);
  culprit.expire(49);
  expect(culprit.isAwaited).toBe(true);
  culprit.expire(50);
  expect(culprit.isAwaited).toBe(false);
  expect(culprit.take({ source: 1, life: LIFE, wait: 1 }, 90)).toBe(true);
});
