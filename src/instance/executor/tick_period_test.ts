import { expect, test } from "bun:test";
import { tickPeriodMs } from "./tick_period.ts";

test("tickPeriodMs() reads the period, where there is one", () => {
  expect(tickPeriodMs({ "topology.tick.tuple.freq.ms": 20 })).toBe(20);
  expect(tickPeriodMs({ "topology.tick.tuple.freq.ms": "1500" })).toBe(1500);
  expect(tickPeriodMs({ "topology.tick.tuple.freq.ms": 0 })).toBeUndefined();
  expect(tickPeriodMs({})).toBeUndefined();
});
