/** Tests of durations as they are written. */

import { expect, test } from "bun:test";
import { durationMsOf, durationText } from "./duration.ts";

test("durationMsOf() reads a number with its unit, and nothing else", () => {
  const read = ["250ms", "30s", "1.5m", " 2h ", "0s", "600h"].map(durationMsOf);
  expect(read).toEqual([250, 30_000, 90_000, 7_200_000, 0, 2_160_000_000]);
  for (const text of ["", "30", "s", "-1s", "1d", "1 s", "1e3s", "NaNs", `${"9".repeat(400)}h`]) {
    expect(durationMsOf(text)).toBeUndefined();
  }
});

test("durationText() takes the largest unit that fits, and is read back", () => {
  expect([0, 250, 1000, 90_000, 7_200_000].map(durationText))
    .toEqual(["0ms", "250ms", "1s", "90s", "2h"]);
  for (const ms of [0, 1, 999, 60_000, 86_400_000]) expect(durationMsOf(durationText(ms))).toBe(ms);
});
