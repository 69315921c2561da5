import { expect, test } from "bun:test";
import { Backoff } from "./backoff.ts";
import { seededRandom } from "./random.ts";

test("Backoff.next() doubles up to the bound, each delay in its upper half", () => {
  for (let seed = 1; seed <= 50; seed++) {
    const backoff = new Backoff(seededRandom(seed), { firstMs: 10, maxMs: 100 });
    for (const boundMs of [10, 20, 40, 80, 100, 100]) {
      const delayMs = backoff.next();
      expect(delayMs).toBeGreaterThanOrEqual(boundMs / 2);
      expect(delayMs).toBeLessThanOrEqual(boundMs);
    }
    expect(backoff.attempts).toBe(6);
  }
});

test("Backoff.next() differs between processes and repeats from a seed", () => {
  const first = (seed: number): number => new Backoff(seededRandom(seed)).next();
  expect(first(1)).toBe(first(1));
  expect(first(1)).not.toBe(first(2));
});

test("Backoff.reset() starts again", () => {
  const backoff = new Backoff(seededRandom(1), { firstMs: 1, maxMs: 1000, factor: 10 });
  for (let i = 0; i < 5; i++) backoff.next();
  backoff.reset();
  expect(backoff.attempts).toBe(0);
  expect(backoff.next()).toBeLessThanOrEqual(1);
});

test("Backoff refuses bounds that make no sense", () => {
  const random = seededRandom(1);
  expect(() => new Backoff(random, { firstMs: 0 })).toThrow(RangeError);
  expect(() => new Backoff(random, { firstMs: 10, maxMs: 5 })).toThrow(RangeError);
  expect(() => new Backoff(random, { factor: 0.5 })).toThrow(RangeError);
});
