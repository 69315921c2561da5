import { expect, test } from "bun:test";
import { Counter } from "./counter.ts";

test("Counter counts since it was last taken", () => {
  const counter = new Counter();
  counter.add();
  counter.add(41);
  expect(counter.value).toBe(42);
  expect(counter.take()).toBe(42);
  expect(counter.take()).toBe(0);
});
