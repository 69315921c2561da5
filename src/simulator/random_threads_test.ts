import { expect, test } from "bun:test";
import { threadsOf } from "./random_threads.ts";

const SEEDS = 1_000;

test("threadsOf() gives seeds of two threads, of one, and of both", () => {
  const kinds = new Map<string, number>();
  for (let seed = 0; seed < SEEDS; seed++) {
    const threads = new Set(Array.from({ length: 20 }, (_, task) => threadsOf(seed, task + 1)));
    const kind = [...threads].sort().join(" and ");
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }
  expect([...kinds.keys()].sort()).toEqual(["1", "1 and 2", "2"]);
  for (const count of kinds.values()) expect(count).toBeGreaterThan(SEEDS / 10);
});
