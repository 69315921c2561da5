import { expect, test } from "bun:test";
import { allocateSlots, completionCapacity, SLOT_FIELD } from "./slot_memory.ts";

test("allocateSlots() takes shared memory for each slot and its completion", () => {
  const { slots, completions, count } = allocateSlots(1000);
  expect(count).toBe(1000);
  expect(slots).toBeInstanceOf(SharedArrayBuffer);
  expect(slots.byteLength).toBeGreaterThanOrEqual(1000 * 4 * SLOT_FIELD.words);
  expect(completions.byteLength).toBeGreaterThanOrEqual(4 * 1024);
});

test("allocateSlots() refuses what is no number of slots", () => {
  for (const count of [0, -1, 1.5, NaN, 2 ** 24 + 1]) {
    expect(() => allocateSlots(count)).toThrow(`found "${count}", expected 1 to 16777216`);
  }
});

test("completionCapacity() is a power of two that is enough", () => {
  expect([1, 2, 3, 4, 5, 65_536, 65_537].map(completionCapacity)).toEqual([
    1,
    2,
    4,
    4,
    8,
    65_536,
    131_072,
  ]);
});
