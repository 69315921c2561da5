/**
 * What every member of `packing` does alike, as a suite that each runs on
 * itself, over random topologies from seeds.
 */

import { expect, test } from "bun:test";
import type { ComponentDefinition, ConfigMap, TopologyDefinition } from "../api/mod.ts";
import type { ContainerPlan, PackingPlan } from "../base/gen/heron/packing_plan_pb.ts";
import { HeronError, type Random, seededRandom } from "../base/mod.ts";
import { decodeRecord, encodeRecord } from "../plan/mod.ts";
import { PackingPlanSchema } from "../base/gen/heron/packing_plan_pb.ts";
import type { Packing } from "./packing.ts";

const SEEDS = 200;

/** Runs the suite on `pack`. */
export function testPacking(name: string, pack: Packing): void {
  test(`${name} places each instance exactly once, ids dense from 1`, () => {
    forEachSeed((definition, seed) => {
      const placed = pack(definition, "id").containerPlans.flatMap((one) => one.instancePlans);
      const ids = placed.map((plan) => plan.taskId).sort((a, b) => a - b);
      expect(ids, seed).toEqual(ids.map((_, index) => index + 1));
      for (const { name, parallelism } of definition.components) {
        const indexes = placed.filter((plan) => plan.componentName === name)
          .sort((a, b) => a.taskId - b.taskId).map((plan) => plan.componentIndex);
        expect(indexes, seed).toEqual(Array.from({ length: parallelism }, (_, index) => index));
      }
    });
  });

  test(`${name} fills the containers 1 to N, each with what its instances need`, () => {
    forEachSeed((definition, seed) => {
      const plan = pack(definition, "id");
      const wanted = Number(definition.config["topology.stmgrs"]);
      expect(plan.containerPlans.map(({ id }) => id), seed)
        .toEqual(Array.from({ length: wanted }, (_, index) => index + 1));
      for (const container of plan.containerPlans) {
        expect(container.instancePlans.length, seed).toBeGreaterThan(0);
        expectFit(container, seed);
      }
    });
  });

  test(`${name} gives the same plan each time, as a record of Heron`, () => {
    forEachSeed((definition, seed) => {
      const plan = pack(definition, "some id");
      expect(plan.id, seed).toBe("some id");
      expect(pack(definition, "some id"), seed).toEqual(plan);
      expect(roundTrip(plan), seed).toEqual(plan);
    });
  });

  test(`${name} refuses more containers than instances`, () => {
    const definition = topologyOf([componentOf("a", 2)], { "topology.stmgrs": 3 });
    expect(() => pack(definition, "id")).toThrow(HeronError);
    expect(() => pack(definition, "id")).toThrow("found 3 containers for 2 instances");
  });

  test(`${name} refuses values that are none`, () => {
    for (
      const [key, value, fault] of [
        ["topology.stmgrs", 0, 'found "0", expected a whole number from 1'],
        ["topology.container.ram", "much", 'found "much", expected a whole number from 1'],
        ["topology.component.rammap", "a:1.5", 'found "1.5" for "a", expected a whole number'],
        ["topology.component.rammap", "a:1,b", 'expected pairs "component:number"'],
        ["topology.component.cpumap", "b:1", 'found component "b", expected one of [a]'],
      ] as const
    ) {
      const definition = topologyOf([componentOf("a", 2)], { [key]: value });
      expect(() => pack(definition, "id")).toThrow(`Pack by "${key}": `);
      expect(() => pack(definition, "id")).toThrow(fault);
    }
  });
}

function roundTrip(plan: PackingPlan): PackingPlan {
  return decodeRecord(PackingPlanSchema, encodeRecord(PackingPlanSchema, plan), "the plan");
}

function expectFit(container: ContainerPlan, seed: string): void {
  const sum = { cpu: 0, ram: 0n };
  for (const { resource } of container.instancePlans) {
    expect(resource?.cpu, seed).toBeGreaterThan(0);
    expect(resource?.ram, seed).toBeGreaterThanOrEqual(16n << 20n);
    expect(resource?.disk, seed).toBeGreaterThan(0n);
    sum.cpu += resource?.cpu ?? 0;
    sum.ram += resource?.ram ?? 0n;
  }
  const required = container.requiredResource;
  expect(required?.cpu, seed).toBeGreaterThanOrEqual(sum.cpu - 1e-9);
  expect(required?.ram, seed).toBeGreaterThanOrEqual(sum.ram);
}

function forEachSeed(check: (definition: TopologyDefinition, seed: string) => void): void {
  for (let seed = 1; seed <= SEEDS; seed++) {
    check(randomPackable(seededRandom(seed)), `seed ${seed}`);
  }
}

function randomPackable(random: Random): TopologyDefinition {
  const components = Array.from({ length: 1 + random.below(6) }, (_, index) => {
    return componentOf(`c${index}`, 1 + random.below(20));
  });
  const instances = components.reduce((sum, { parallelism }) => sum + parallelism, 0);
  const rams = components.filter(() => random.below(3) === 0)
    .map(({ name }) => `${name}:${(1 + random.below(4)) * (128 << 20)}`);
  return topologyOf(components, {
    "topology.stmgrs": 1 + random.below(instances),
    ...(rams.length === 0 ? {} : { "topology.component.rammap": rams.join(",") }),
  });
}

function topologyOf(
  components: readonly ComponentDefinition[],
  config: ConfigMap,
): TopologyDefinition {
  return { name: "packed", config, components };
}

function componentOf(name: string, parallelism: number): ComponentDefinition {
  return { name, kind: "spout", parallelism, config: {}, outputs: [], inputs: [] };
}
