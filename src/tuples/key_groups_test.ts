/** Tests of key groups and their ranges. */

import { expect, test } from "bun:test";
import { indexOfKeyGroup, keyGroupOf, rangeOf } from "./key_groups.ts";

test("rangeOf() covers all groups in contiguous ranges that differ by one at most", () => {
  for (const keyGroups of [1024, 4096, 1000]) {
    for (const parallelism of [1, 2, 3, 5, 7, 32, 100, 999, 1000]) {
      let next = 0;
      const sizes = new Set<number>();
      for (let index = 0; index < parallelism; index++) {
        const { first, end } = rangeOf(index, keyGroups, parallelism);
        expect(first).toBe(next);
        sizes.add(end - first);
        next = end;
        for (let group = first; group < end; group++) {
          if (indexOfKeyGroup(group, keyGroups, parallelism) !== index) {
            throw new Error(`Group ${group} of ${keyGroups} is not of ${index} of ${parallelism}`);
          }
        }
      }
      expect(next).toBe(keyGroups);
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
    }
  }
});

test("keyGroupOf() gives a group for every hash", () => {
  expect(keyGroupOf(0, 1024)).toBe(0);
  expect(keyGroupOf(0xffffffff, 1024)).toBe(1023);
  expect(keyGroupOf(0x12345678, 65536)).toBe(0x5678);
});

test("rangeOf() refuses indexes outside and more instances than groups", () => {
  expect(() => rangeOf(-1, 1024, 4)).toThrow(RangeError);
  expect(() => rangeOf(4, 1024, 4)).toThrow(RangeError);
  expect(() => rangeOf(0, 4, 5)).toThrow(RangeError);
});
