import { expect, test } from "bun:test";
import { completeLimits, limitsOfAccepted } from "./limits.ts";

test("completeLimits() fills in the defaults and freezes", () => {
  const limits = completeLimits({ pingMs: 5 });
  expect(limits).toMatchObject({ pingMs: 5, silenceMs: 10_000, helloBytesMax: 65_536 });
  expect(Object.isFrozen(limits)).toBe(true);
});

test("completeLimits() names every limit that is not positive", () => {
  expect(() => completeLimits({ pingMs: 0, frameBytesMax: -1, lingerMs: NaN })).toThrow(
    'frameBytesMax "-1", pingMs "0", lingerMs "NaN"',
  );
});

test("limitsOfAccepted() pings later than who connected, and no later than it gives up", () => {
  const of = (pingMs: number, silenceMs: number) =>
    limitsOfAccepted(completeLimits({ pingMs, silenceMs })).pingMs;
  expect([of(3000, 10_000), of(4000, 4000), of(30_000, Infinity)]).toEqual([4500, 4000, 45_000]);
});
