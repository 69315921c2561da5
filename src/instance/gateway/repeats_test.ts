import { expect, test } from "bun:test";
import { Repeats } from "./repeats.ts";

test("Repeats.take() tells of each kind after 1, 2, 4, … times", () => {
  const repeats = new Repeats();
  const told = Array.from({ length: 9 }, () => repeats.take("a"));
  expect(told.filter((times) => times !== undefined)).toEqual([1, 2, 4, 8]);
  expect(repeats.take("b")).toBe(1);
});

test("Repeats takes kinds beyond a bound for one", () => {
  const repeats = new Repeats();
  for (let kind = 0; kind < 64; kind++) expect(repeats.take(String(kind))).toBe(1);
  const told = Array.from({ length: 1000 }, (_, kind) => repeats.take(`other ${kind}`));
  expect(told.filter((times) => times !== undefined).length).toBe(10);
});
