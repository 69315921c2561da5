import { expect, test } from "bun:test";
import { COUNTER } from "../bridge.ts";
import { EngineFigures } from "./engine_figures.ts";

test("EngineFigures tells of its thread at once, and of the heap once a second", () => {
  const words = new Float64Array(COUNTER.firstStream);
  const figures = new EngineFigures(words);
  expect(words[COUNTER.threadId]).toBe(process.pid);
  expect(words[COUNTER.heapBytes]).toBe(0);
  figures.turn(5000);
  expect(words[COUNTER.heapBytes]).toBeGreaterThan(1e5);
  words[COUNTER.heapBytes] = 0;
  figures.turn(5999);
  expect(words[COUNTER.heapBytes]).toBe(0);
  figures.turn(6000);
  expect(words[COUNTER.heapBytes]).toBeGreaterThan(1e5);
  words[COUNTER.heapBytes] = 0;
  figures.show();
  expect(words[COUNTER.heapBytes]).toBeGreaterThan(1e5);
});
