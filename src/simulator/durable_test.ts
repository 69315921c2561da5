import { expect, test } from "bun:test";
import { Durable } from "./durable.ts";

test("Durable notes positions now and then: a new life begins at or behind what is done", () => {
  const lags = new Set<number>();
  for (let seed = 1; seed <= 60; seed++) {
    const durable = new Durable({ seed, isAcked: true });
    expect([durable.positionOf(1), durable.startOf(1)]).toEqual([0, 0]);
    for (let position = 1; position <= 250; position++) durable.store(1, position);
    durable.store(1, 7);
    expect([durable.positionOf(1), durable.positionOf(2)]).toEqual([250, 0]);
    lags.add(250 - durable.startOf(1));
  }
  expect([...lags].sort((a, b) => a - b)).toEqual([0, 50, 250]);
});

test("Durable notes each position where nobody acks", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const durable = new Durable({ seed, isAcked: false });
    durable.store(1, 13);
    expect(durable.startOf(1)).toBe(13);
  }
});
