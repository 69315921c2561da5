import { expect, test } from "bun:test";
import { Fifo } from "./fifo.ts";

test("Fifo gives what it took, in order, also past its gaps", () => {
  const fifo = new Fifo<number>();
  let [next, expected] = [0, 0];
  for (let round = 0; round < 50; round++) {
    for (let count = 0; count < 200; count++) fifo.push(next++);
    for (let count = 0; count < 150; count++) expect(fifo.shift()).toBe(expected++);
    expect(fifo.length).toBe(next - expected);
  }
  while (fifo.length > 0) expect(fifo.shift()).toBe(expected++);
  expect([expected, fifo.shift()]).toEqual([next, undefined]);
});
