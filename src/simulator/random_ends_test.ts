import { expect, test } from "bun:test";
import { createScenario } from "./scenario.ts";
import { randomEndCuts } from "./random_ends.ts";

test("randomEndCuts() gives some seeds up to three, and each seed the same again", () => {
  const { definition } = createScenario(1);
  const cuts = Array.from({ length: 1_000 }, (_, seed) => randomEndCuts(seed, definition));
  const withSome = cuts.filter(({ length }) => length > 0);
  expect(withSome.length).toBeWithin(150, 350);
  expect(new Set(withSome.map(({ length }) => length))).toEqual(new Set([1, 2, 3]));
  expect(new Set(cuts.flat().map((cut) => cut.kind === "cut_end" ? cut.victim : cut.kind)))
    .toEqual(new Set(["task", "stmgr", "container", "tm_and_container"]));
  expect(randomEndCuts(7, definition)).toEqual(randomEndCuts(7, definition));
});
