/** Scenarios: repeatable, well formed, and as many-sided as the simulation promises. */

import { expect, test } from "bun:test";
import { seededRandom } from "../base/mod.ts";
import { tuplesByComponent } from "./random_behaviour.ts";
import { between, logUniform, pick, shuffled } from "./random_choice.ts";
import { mayKill, mayLose, PATIENCE_MS, randomFaults } from "./random_faults.ts";
import { mayBeParted } from "./random_parts.ts";
import { randomComponents } from "./random_topology.ts";
import { packScattered } from "./scattered_packing.ts";
import { createScenario } from "./scenario.ts";

const SEEDS = 600;
const SCENARIOS = Array.from({ length: SEEDS }, (_, seed) => createScenario(seed));

test("createScenario() gives the same for the same seed", () => {
  expect(createScenario(12)).toEqual(createScenario(12));
  expect(createScenario(12)).not.toEqual(createScenario(13));
});

test("createScenario() covers all groupings, faults and expectations", () => {
  const groupings = SCENARIOS.flatMap(({ definition }) =>
    definition.components.flatMap(({ inputs }) => inputs.map(({ grouping }) => grouping.type))
  );
  expect([...new Set(groupings)].sort()).toEqual([
    "all",
    "custom",
    "direct",
    "fields",
    "global",
    "localOrShuffle",
    "none",
    "partialKey",
    "shuffle",
  ]);
  const faults = SCENARIOS.flatMap((one) => one.faults.map(({ kind }) => kind));
  expect([...new Set(faults)].sort()).toEqual([
    "activation",
    "crash",
    "cut_end",
    "cut_instance",
    "cut_peer",
    "cut_tm",
    "cut_tuple",
    "die",
    "part",
    "slow_disk",
    "stale_grant",
    "stale_plan",
    "stop",
    "zombie",
  ]);
  expect([...new Set(SCENARIOS.map((one) => one.expectation))].sort()).toEqual([
    "ends",
    "ends_or_stalls",
    "stalls",
  ]);
  const containers = SCENARIOS.map((one) => one.packingPlan.containerPlans.length);
  expect([Math.min(...containers), Math.max(...containers)]).toEqual([1, 8]);
});

test("createScenario() has tuples followed in about two thirds of the seeds", () => {
  const acked = SCENARIOS.filter(({ isAcked }) => isAcked).length / SEEDS;
  expect(acked).toBeWithin(0.6, 0.8);
  for (const { isAcked, definition, isTimely, isHealing, faults } of SCENARIOS) {
    const mode = isAcked ? "ATLEAST_ONCE" : "ATMOST_ONCE";
    expect(definition.config["topology.reliability.mode"]).toBe(mode);
    if (isTimely || isHealing) expect(isAcked).toBe(true);
    if (isTimely) expect(faults).toEqual([]);
  }
});

test("mayLose() and mayKill() tell what costs tuples", () => {
  const crash = { kind: "crash", target: { role: "tm" } } as const;
  expect([mayLose(crash), mayKill(crash)]).toEqual([false, false]);
  const target = { role: "stmgr", container: 1 } as const;
  expect(mayKill({ kind: "crash", target })).toBe(true);
  expect(mayLose({ kind: "stop", target, forMs: PATIENCE_MS + 1 })).toBe(true);
  expect(mayLose({ kind: "stop", target, forMs: PATIENCE_MS - 1 })).toBe(false);
});

test("createScenario() keeps a frame within half a ring, and a tuple within its limit or a batch", () => {
  let parted = 0;
  for (const { config, ringBytes, behaviours } of SCENARIOS) {
    const tupleMax = Math.max(...[...behaviours.values()].map((one) => one.bytesMax));
    expect(config.topologyTupleMaxBytes).toBeGreaterThan(tupleMax + 64);
    if (mayBeParted(config)) parted++;
    else expect(config.instanceBatchBytes).toBeGreaterThan(tupleMax + 64);
    expect(2 * config.instanceBatchBytes + 128).toBeLessThan(ringBytes / 2);
  }
  expect(parted / SEEDS).toBeWithin(0.15, 0.4);
});

test("packScattered() packs each task once and leaves no container empty", () => {
  for (const { definition, packingPlan } of SCENARIOS) {
    const tasks = packingPlan.containerPlans.flatMap((one) => one.instancePlans);
    const sum = definition.components.reduce((all, one) => all + one.parallelism, 0);
    expect(tasks.map((task) => task.taskId).sort((a, b) => a - b))
      .toEqual(Array.from({ length: sum }, (_, index) => index + 1));
    expect(packingPlan.containerPlans.every((one) => one.instancePlans.length > 0)).toBe(true);
  }
  const [{ definition } = createScenario(0)] = SCENARIOS;
  expect(packScattered(seededRandom(5), definition)).toEqual(
    packScattered(seededRandom(5), definition),
  );
});

test("randomComponents() reads only what was declared, and closes a cycle when asked", () => {
  for (let seed = 0; seed < 200; seed++) {
    const components = randomComponents(seededRandom(seed), { size: "small", hasCycle: true });
    const names = components.map((one) => one.name);
    for (const { inputs } of components) {
      for (const { component } of inputs) expect(names).toContain(component);
    }
    const first = components.find((one) => one.kind === "bolt");
    const last = components.at(-1);
    expect(first?.inputs.map((input) => input.component)).toContain(last?.name ?? "");
    expect(last?.inputs.map((input) => input.component)).toContain(first?.name ?? "");
  }
});

test("randomFaults() names only what is there", () => {
  for (const { packingPlan } of SCENARIOS) {
    const containers = packingPlan.containerPlans.map((one) => one.id);
    const options = { plan: packingPlan, isLossless: false, isShort: false };
    for (const fault of randomFaults(seededRandom(3), options)) {
      if (fault.kind !== "cut_peer") continue;
      expect(containers).toContain(fault.first);
      expect(containers).toContain(fault.second);
      expect(fault.first).not.toBe(fault.second);
    }
  }
});

test("tuplesByComponent() multiplies by all grouping and gain", () => {
  const { definition, behaviours } = createScenario(1);
  const [spout] = definition.components;
  const behaviour = behaviours.get(spout?.name ?? "");
  if (spout === undefined || behaviour === undefined) throw new Error("No spout");
  const source = { ...spout, parallelism: 2, outputs: spout.outputs.slice(0, 1) };
  const reads = { component: spout.name, stream: "default", grouping: { type: "all" as const } };
  const bolt = { ...source, name: "bolt", kind: "bolt" as const, parallelism: 3, inputs: [reads] };
  const given = new Map([[spout.name, { ...behaviour, tuples: 5 }], ["bolt", behaviour]]);
  expect(tuplesByComponent([source, bolt], given).get("bolt")).toBe(2 * 5 * 3);
});

test("choices stay in their ranges", () => {
  const random = seededRandom(9);
  for (let index = 0; index < 500; index++) {
    expect([1, 2, 3]).toContain(pick(random, [1, 2, 3]));
    expect(between(random, 2, 4)).toBeWithin(2, 5);
    expect(logUniform(random, 1, 100)).toBeWithin(1, 100.001);
  }
  expect(shuffled(random, [1, 2, 3, 4]).sort()).toEqual([1, 2, 3, 4]);
  expect(() => pick(random, [])).toThrow(RangeError);
});
