import { expect, test } from "bun:test";
import { randomHalf } from "./random_half.ts";

test("randomHalf() is an int32 and never 0", () => {
  const given = [0, 0, 2 ** 32 - 1, 7];
  const random = { uint32: () => given.shift() ?? 1, below: () => 0, unit: () => 0 };
  expect([randomHalf(random), randomHalf(random)]).toEqual([-1, 7]);
});
