import { expect, test } from "bun:test";
import { CALLS_PER_TURN_MAX, callsToLook, isLook } from "./call_looks.ts";

test("isLook() is true after 1, 2, 4, … calls", () => {
  const looks = Array.from({ length: 70 }, (_, calls) => calls).filter(isLook);
  expect(looks).toEqual([1, 2, 4, 8, 16, 32, 64]);
});

test("callsToLook() leads from any number of calls to the next look, and no further than a turn", () => {
  for (let calls = 0; calls < CALLS_PER_TURN_MAX; calls++) {
    const next = calls + callsToLook(calls);
    expect(isLook(next)).toBe(true);
    for (let between = calls + 1; between < next; between++) expect(isLook(between)).toBe(false);
    expect(next).toBeLessThanOrEqual(CALLS_PER_TURN_MAX);
  }
});
