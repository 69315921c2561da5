/** Memory that stays is flat, however it swings; memory that grows is not, however slowly. */

import { expect, test } from "bun:test";
import { seededRandom } from "../../src/base/mod.ts";
import {
  DRIFT_BYTES_MAX,
  flatnessOf,
  JUDGED_MINUTES,
  medianOf,
  type MemoryMinute,
} from "./flatness.ts";

const MIB = 1024 * 1024;

/** @param bytesAt of minutes from 0 */
function course(minutes: number, bytesAt: (minute: number) => number): MemoryMinute[] {
  return Array.from(
    { length: minutes },
    (_, minute) => ({ minute: minute + 1, bytes: bytesAt(minute) }),
  );
}

test("medianOf() is the middle, or between the two in the middle", () => {
  expect([medianOf([3, 1, 2]), medianOf([4, 1, 3, 2]), medianOf([7])]).toEqual([2, 2.5, 7]);
  expect(medianOf([])).toBeNaN();
});

test("flatnessOf() judges no run that is too short to have two windows after the fifth minute", () => {
  expect(flatnessOf(course(JUDGED_MINUTES - 1, () => MIB))).toBeUndefined();
  expect(flatnessOf(course(JUDGED_MINUTES, () => MIB))).toBeDefined();
});

test("flatnessOf() looks at nothing before the sixth minute", () => {
  const bytes = course(10, (minute) => minute < 5 ? minute * 100 * MIB : 200 * MIB);
  expect(flatnessOf(bytes)).toEqual({
    after5Bytes: 200 * MIB,
    endBytes: 200 * MIB,
    driftBytes: 0,
    isFlat: true,
  });
});

test("flatnessOf() finds growth by a percent a minute, also of what shrinks again at the end", () => {
  const grown = flatnessOf(course(20, (minute) => 200 * MIB * 1.01 ** minute));
  expect(grown).toMatchObject({ isFlat: false });
  const bump = course(30, (minute) => (minute > 12 && minute < 22 ? 230 : 200) * MIB);
  expect(flatnessOf(bump)).toMatchObject({
    endBytes: 200 * MIB,
    driftBytes: 30 * MIB,
    isFlat: false,
  });
});

test("flatnessOf() takes what shrinks for a change as well", () => {
  const shrunk = flatnessOf(course(12, (minute) => (minute < 8 ? 200 : 150) * MIB));
  expect(shrunk).toMatchObject({ driftBytes: -50 * MIB, isFlat: false });
});

test("flatnessOf() allows a small process what it allows all, and a large one its share", () => {
  const stepAt9 = (bytes: number, step: number) =>
    flatnessOf(course(12, (minute) => bytes + (minute > 8 ? step : 0)))?.isFlat;
  expect(stepAt9(13 * MIB, DRIFT_BYTES_MAX)).toBe(true);
  expect(stepAt9(13 * MIB, DRIFT_BYTES_MAX + 1)).toBe(false);
  expect(stepAt9(400 * MIB, 20 * MIB)).toBe(true);
  expect(stepAt9(400 * MIB, 20 * MIB + 1)).toBe(false);
});

test("flatnessOf() goes by the number of a minute where others are missing", () => {
  const bytes = course(12, (minute) => (minute < 5 ? 10 : 200) * MIB);
  const missing = bytes.filter(({ minute }) => minute !== 2 && minute !== 8);
  expect(flatnessOf(missing)).toMatchObject({ after5Bytes: 200 * MIB, isFlat: true });
  expect(flatnessOf(bytes.filter(({ minute }) => minute < 9))).toBeUndefined();
});

test("flatnessOf() takes one odd minute in a steady course for none", () => {
  const random = seededRandom(11);
  const swinging = course(
    30,
    (minute) => (minute === 14 ? 160 : 100 + 8 * random.unit()) * MIB,
  );
  expect(flatnessOf(swinging)?.isFlat).toBe(true);
});
