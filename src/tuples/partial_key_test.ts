import { expect, test } from "bun:test";
import { hashValues } from "./canonical_hash.ts";
import { firstCandidate, secondCandidate } from "./partial_key.ts";

test("firstCandidate() and secondCandidate() differ, and use all pairs about as often", () => {
  for (const count of [2, 3, 8]) {
    const pairs = new Map<string, number>();
    for (let key = 0; key < 10_000; key++) {
      const hash = hashValues([`key ${key}`]);
      const [first, second] = [firstCandidate(hash, count), secondCandidate(hash, count)];
      expect(first).toBeWithin(0, count);
      expect(second).toBeWithin(0, count);
      expect(first).not.toBe(second);
      pairs.set(`${first} ${second}`, (pairs.get(`${first} ${second}`) ?? 0) + 1);
    }
    const mean = 10_000 / (count * (count - 1));
    expect(pairs.size).toBe(count * (count - 1));
    for (const [pair, keys] of pairs) {
      expect(keys, `${pair} of ${count}`).toBeWithin(mean * 0.7, mean * 1.3);
    }
  }
  expect([firstCandidate(7, 1), secondCandidate(7, 1)]).toEqual([0, 0]);
});
