import { expect, test } from "bun:test";
import { LifeTable } from "./life_table.ts";

const FIRST = { epoch: 1, counter: 1 };
const SECOND = { epoch: 1, counter: 2 };
const THIRD = { epoch: 1, counter: 3 };
const NEXT_EPOCH = { epoch: 2, counter: 1 };
const UNBORN = { epoch: 0, counter: 0 };

test("LifeTable only lets lives grow, and tells once that one was lost unseen", () => {
  const lives = new LifeTable<number>();
  expect(lives.learn(1, UNBORN)).toBeUndefined();
  expect(lives.learn(1, undefined)).toBeUndefined();
  expect([...lives.entries()]).toEqual([]);
  expect(lives.learn(1, SECOND)).toBeUndefined();
  expect(lives.learn(1, SECOND)).toBeUndefined();
  expect(lives.learn(1, FIRST)).toBeUndefined();
  expect(lives.get(1)).toEqual({ epoch: 1, counter: 2 });
  expect(lives.learn(1, NEXT_EPOCH)).toEqual({ epoch: 1, counter: 2 });
  expect(lives.learn(1, NEXT_EPOCH)).toBeUndefined();
});

test("LifeTable knows who was replaced", () => {
  const lives = new LifeTable<string>();
  expect(lives.isReplaced("a", FIRST)).toBe(false);
  lives.learn("a", SECOND);
  expect([FIRST, SECOND, NEXT_EPOCH].map((life) => lives.isReplaced("a", life)))
    .toEqual([true, false, false]);
  expect(lives.isReplaced("a", undefined)).toBe(true);
});

test("LifeTable does not tell again of a life whose loss was told before its next one came", () => {
  const lives = new LifeTable<number>();
  lives.learn(1, FIRST);
  expect(lives.lose(1, FIRST)).toBe(true);
  expect(lives.learn(1, SECOND)).toBeUndefined();
  expect(lives.learn(1, THIRD)).toEqual({ epoch: 1, counter: 2 });
});

test("LifeTable.lose() takes each loss of the newest life, and no late one of a life that was told", () => {
  const lives = new LifeTable<number>();
  expect(lives.lose(1, FIRST)).toBe(true);
  expect(lives.lose(1, FIRST)).toBe(true);
  expect(lives.get(1)).toEqual({ epoch: 1, counter: 1 });
  lives.learn(1, SECOND);
  expect(lives.lose(1, FIRST)).toBe(false);
  expect(lives.lose(1, SECOND)).toBe(true);
});
