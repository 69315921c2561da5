import { expect, test } from "bun:test";
import { completeLimits } from "./limits.ts";

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
