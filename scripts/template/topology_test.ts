/** Tests of topology.ts, run on virtual time by: heron-bin test */

import { createTestTopology, expect, spyOn, test } from "heron-bin/testing";
import define from "./topology.ts";

test("each word is counted", async () => {
  using printed = spyOn(console, "log").mockImplementation(() => {});
  await using topology = await createTestTopology(define, { args: ["to be or", "not to be"] });
  await topology.run();
  expect(printed.mock.calls.flat().toSorted()).toEqual(["be 2", "not 1", "or 1", "to 2"]);
});

test("the same word always goes to the same task", async () => {
  using _printed = spyOn(console, "log").mockImplementation(() => {});
  await using topology = await createTestTopology(define, {
    // In place of the spout the test emits, as many tuples as it likes.
    mockSpouts: { sentences: Array.from({ length: 20 }, () => ["a b c d"]) },
  });
  await topology.run();
  const tasks = new Map<unknown, Set<number>>();
  for (const { values: [word], task } of topology.inputs("count")) {
    tasks.set(word, (tasks.get(word) ?? new Set()).add(task));
  }
  expect([...tasks.keys()].toSorted()).toEqual(["a", "b", "c", "d"]);
  for (const ofWord of tasks.values()) expect(ofWord.size).toBe(1);
});
