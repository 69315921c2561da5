import { expect, test } from "bun:test";
import { Stopwatch } from "./stopwatch.ts";

test("Stopwatch.totalMs() sums all times, the one that lasts included", () => {
  const watch = new Stopwatch();
  watch.set(false, 5);
  expect(watch.totalMs(10)).toBe(0);
  watch.set(true, 10);
  watch.set(true, 20);
  expect(watch.totalMs(25)).toBe(15);
  watch.set(false, 30);
  watch.set(false, 40);
  expect(watch.totalMs(50)).toBe(20);
  watch.set(true, 60);
  expect(watch.totalMs(61)).toBe(21);
});
