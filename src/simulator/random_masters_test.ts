import { expect, test } from "bun:test";
import { mayLose } from "./random_faults.ts";
import { randomLateMasters } from "./random_masters.ts";
import { createScenario } from "./scenario.ts";

function packingOf(containers: number) {
  for (let seed = 1;; seed++) {
    const { packingPlan } = createScenario(seed);
    if (packingPlan.containerPlans.length === containers) return packingPlan;
  }
}

test("randomLateMasters() gives some seeds late plans and masters, which lose nothing", () => {
  const plan = packingOf(3);
  const faults = Array.from({ length: 1_000 }, (_, seed) => randomLateMasters(seed, plan));
  const withPlans = faults.filter((some) => some.some(({ kind }) => kind === "stale_plan"));
  const withMasters = faults.filter((some) => some.some(({ kind }) => kind === "zombie"));
  expect(withPlans.length).toBeWithin(180, 320);
  expect(withMasters.length).toBeWithin(130, 270);
  expect(faults.flat().filter(mayLose)).toEqual([]);
  expect(randomLateMasters(9, plan)).toEqual(randomLateMasters(9, plan));
});

test("randomLateMasters() has no plan for another container where there is none", () => {
  const plan = packingOf(1);
  const faults = Array.from({ length: 300 }, (_, seed) => randomLateMasters(seed, plan)).flat();
  expect(new Set(faults.map(({ kind }) => kind))).toEqual(new Set(["zombie"]));
});
