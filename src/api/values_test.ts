/** Tests of Storm's list of values. */

import { expect, test } from "bun:test";
import { Values } from "./values.ts";

test("Values holds what it is given, a single number too", () => {
  expect([...new Values("a", 1, null)]).toEqual(["a", 1, null]);
  expect([...new Values(3)]).toEqual([3]);
  expect(new Values().length).toBe(0);
  expect(Array.isArray(new Values(1))).toBe(true);
});

test("Values gives plain arrays when mapped or sliced", () => {
  const mapped = new Values(2, 3).map((value) => value);
  expect(mapped).toEqual([2, 3]);
  expect(mapped).not.toBeInstanceOf(Values);
  expect(new Values(2).slice()).toEqual([2]);
});
