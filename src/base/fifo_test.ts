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

test("Fifo shows the oldest, and all in order", () => {
  const fifo = new Fifo<string>();
  expect([fifo.first, [...fifo]]).toEqual([undefined, []]);
  for (const item of "abcdefghijklmno") fifo.push(item);
  for (let count = 0; count < 10; count++) fifo.shift();
  // Round the end of the ring, and past its size.
  for (const item of "ABCDEFGHIJKLMNOPQR") fifo.push(item);
  expect([fifo.first, fifo.length, [...fifo].join("")]).toEqual([
    "k",
    23,
    "klmnoABCDEFGHIJKLMNOPQR",
  ]);
});

test("Fifo lets go of what was taken, also while others wait", () => {
  const fifo = new Fifo<object>();
  const taken: WeakRef<object>[] = [];
  fifo.push({});
  for (let count = 0; count < 100; count++) {
    fifo.push({ count });
    const item = fifo.shift();
    if (item !== undefined) taken.push(new WeakRef(item));
  }
  return new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
    Bun.gc(true);
    // What a register or the stack still names may stay.
    expect(taken.filter((ref) => ref.deref() !== undefined).length).toBeLessThan(5);
    expect(fifo.length).toBe(1);
  });
});
