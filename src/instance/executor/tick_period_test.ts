import { expect, test } from "bun:test";
import { tickPeriodMs, Ticks } from "./tick_period.ts";

test("tickPeriodMs() reads the period, where there is one", () => {
  expect(tickPeriodMs({ "topology.tick.tuple.freq.ms": 20 })).toBe(20);
  expect(tickPeriodMs({ "topology.tick.tuple.freq.ms": "1500" })).toBe(1500);
  expect(tickPeriodMs({ "topology.tick.tuple.freq.ms": 0 })).toBeUndefined();
  expect(tickPeriodMs({})).toBeUndefined();
});

test("Ticks: one is due each period, those missed are left out, and none comes after the end", () => {
  const ticks = new Ticks({ "topology.tick.tuple.freq.ms": 100 });
  expect([ticks.areAsked, ticks.nextAtMs, ticks.take(1000)]).toEqual([true, Infinity, false]);
  ticks.begin(1000);
  ticks.begin(1050);
  expect([ticks.nextAtMs, ticks.take(1099), ticks.take(1100)]).toEqual([1100, false, true]);
  expect([ticks.take(1500), ticks.take(1599), ticks.take(1600)]).toEqual([true, false, true]);
  ticks.end();
  ticks.begin(1650);
  expect([ticks.nextAtMs, ticks.take(5000)]).toEqual([Infinity, false]);
});

test("Ticks: there are none unless they are asked for", () => {
  const ticks = new Ticks({});
  ticks.begin(0);
  expect([ticks.areAsked, ticks.take(1e9)]).toEqual([false, false]);
});
