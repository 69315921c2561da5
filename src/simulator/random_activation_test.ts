import { expect, test } from "bun:test";
import { randomActivation } from "./random_activation.ts";
import { mayKill, mayLose } from "./random_faults.ts";

test("randomActivation() has some seeds deactivated for a while, and active in the end", () => {
  const all = Array.from({ length: 1_000 }, (_, seed) => randomActivation(seed));
  const some = all.filter((faults) => faults.length > 0);
  expect(some.length).toBeWithin(100, 200);
  for (const faults of some) {
    const wishes = faults.map((fault) => fault.kind === "activation" && fault.isActive);
    expect(wishes).toEqual(wishes.map((_, index) => index % 2 === 1));
    expect(faults.map(({ atMs }) => atMs)).toEqual(
      faults.map(({ atMs }) => atMs).toSorted((a, b) => a - b),
    );
  }
  expect(all.flat().filter((fault) => mayLose(fault) || mayKill(fault))).toEqual([]);
  expect(randomActivation(9)).toEqual(randomActivation(9));
});
