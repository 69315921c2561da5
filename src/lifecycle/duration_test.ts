/** Tests of reading and writing durations. */

import { expect, test } from "bun:test";
import { HeronError } from "../base/mod.ts";
import { formatDuration, parseDurationMs } from "./duration.ts";

test.each([["250ms", 250], ["30s", 30_000], ["1.5m", 90_000], ["2h", 7_200_000], [" 1s ", 1000]])(
  "parseDurationMs() reads %p",
  (text, ms) => expect(parseDurationMs(text, "--for")).toBe(ms),
);

test.each(["", "30", "s", "-1s", "0s", "1d", "1 s", "1e3s", "NaNs", "600h", "1s2"])(
  "parseDurationMs() refuses %p by name",
  (text) => {
    expect(() => parseDurationMs(text, "--for")).toThrow(HeronError);
    expect(() => parseDurationMs(text, "--for")).toThrow(`Read --for: found "${text}"`);
  },
);

test.each([[240, "0.24 s"], [12_340, "12.3 s"], [185_000, "3 min 5 s"], [119_900, "2 min 0 s"], [
  7_500_000,
  "2 h 5 min",
]])("formatDuration() writes %p", (ms, text) => expect(formatDuration(ms)).toBe(text));
