import { expect, test } from "bun:test";
import type { ConfigMap } from "../api/mod.ts";
import { PackingPlanSchema } from "../base/gen/heron/packing_plan_pb.ts";
import { TopologySchema } from "../base/gen/heron/topology_pb.ts";
import { seededRandom } from "../base/mod.ts";
import { decodeRecord, logicalPlanFromProto } from "../plan/mod.ts";
import { drawTopology, randomTopology } from "../../tests/support/definitions.ts";
import { testPacking } from "./conformance.ts";
import { packRoundRobin } from "./round_robin.ts";

const GIB = 1024 ** 3;
const GOLDEN = `${import.meta.dir}/../../tests/golden/heron`;

testPacking("packRoundRobin()", packRoundRobin);

function pack(config: ConfigMap, parallelism: Readonly<Record<string, number>> = { s: 1, b: 3 }) {
  const plan = packRoundRobin(drawTopology("s b", { config, parallelism }), "id");
  return plan.containerPlans.map((container) => ({
    instances: container.instancePlans.map((one) =>
      `${one.componentName}[${one.componentIndex}]=${one.taskId}`
    ),
    cpu: container.instancePlans.map((one) => one.resource?.cpu),
    ram: container.instancePlans.map((one) => Number(one.resource?.ram) / GIB),
    disk: container.instancePlans.map((one) => Number(one.resource?.disk) / GIB),
    required: {
      cpu: container.requiredResource?.cpu,
      ram: Number(container.requiredResource?.ram) / GIB,
      disk: Number(container.requiredResource?.disk) / GIB,
    },
  }));
}

// Heron writes containers and instances in the order of its hash tables.
async function goldenPlan(topology: string) {
  const bytes = await Bun.file(`${GOLDEN}/${topology}.packingplans.bin`).bytes();
  const plan = decodeRecord(PackingPlanSchema, bytes, "the packing plan");
  for (const container of plan.containerPlans) {
    container.instancePlans.sort((a, b) => a.taskId - b.taskId);
  }
  plan.containerPlans.sort((a, b) => a.id - b.id);
  return plan;
}

test.each(["word_count", "err_topo"])(
  "packRoundRobin() packs %s as Heron did",
  async (topology) => {
    const bytes = await Bun.file(`${GOLDEN}/${topology}.topologies.bin`).bytes();
    const record = decodeRecord(TopologySchema, bytes, "the topology");
    const plan = packRoundRobin(logicalPlanFromProto(record), record.id);
    expect(plan).toEqual(await goldenPlan(topology));
  },
);

test("packRoundRobin() gives defaults when nothing is asked for", () => {
  expect(pack({ "topology.stmgrs": 2 })).toEqual([
    {
      instances: ["s[0]=1", "b[1]=3"],
      cpu: [1, 1],
      ram: [1, 1],
      disk: [1, 1],
      required: { cpu: 3, ram: 4, disk: 14 },
    },
    {
      instances: ["b[0]=2", "b[2]=4"],
      cpu: [1, 1],
      ram: [1, 1],
      disk: [1, 1],
      required: { cpu: 3, ram: 4, disk: 14 },
    },
  ]);
});

test("packRoundRobin() shares the room of the largest container where a container has fewer", () => {
  const [first, second] = pack({ "topology.stmgrs": 2 }, { s: 1, b: 2 });
  expect(first?.ram).toEqual([1, 1]);
  expect(second?.ram).toEqual([2]);
  expect(second?.cpu).toEqual([2]);
  expect(second?.required).toEqual({ cpu: 3, ram: 4, disk: 14 });
});

test("packRoundRobin() takes components by memory, then by declaration", () => {
  const order = (config: ConfigMap) =>
    packRoundRobin(drawTopology("s a, s b, s c", { config }), "id").containerPlans
      .flatMap((one) => one.instancePlans.map((plan) => plan.componentName)).join(" ");
  expect(order({})).toBe("s a b c");
  expect(order({ "topology.component.rammap": `c:${GIB}` })).toBe("c s a b");
  expect(order({ "topology.component.rammap": `a:${GIB / 2},c:${GIB / 2},b:${GIB}` }))
    .toBe("b a c s");
});

test("packRoundRobin() goes on dealing where the component before ended", () => {
  const plan = pack({ "topology.stmgrs": 3 }, { s: 2, b: 3 });
  expect(plan.map(({ instances }) => instances)).toEqual([
    ["s[0]=1", "b[1]=4"],
    ["s[1]=2", "b[2]=5"],
    ["b[0]=3"],
  ]);
});

test("packRoundRobin() spreads instances so that containers differ by at most one", () => {
  for (let seed = 1; seed <= 200; seed++) {
    const random = seededRandom(seed);
    const drawn = randomTopology(random);
    const instances = drawn.components.reduce((sum, one) => sum + one.parallelism, 0);
    const config = { "topology.stmgrs": 1 + random.below(instances) };
    const sizes = packRoundRobin({ ...drawn, config }, "id").containerPlans
      .map((container) => container.instancePlans.length);
    expect(Math.max(...sizes) - Math.min(...sizes), `seed ${seed}`).toBeLessThanOrEqual(1);
  }
});

test("packRoundRobin() gives disk by component and by container", () => {
  const byComponent = { "topology.component.diskmap": `b:${5 * GIB}` };
  expect(pack(byComponent)[0]?.disk).toEqual([1, 5, 5, 5]);
  expect(pack(byComponent)[0]?.required.disk).toBe(28);
  expect(pack({ ...byComponent, "topology.container.disk": 15 * GIB })[0]?.required.disk).toBe(15);
  expect(() => pack({ ...byComponent, "topology.container.disk": 14 * GIB }))
    .toThrow("take 16106127360 B of a container's 15032385536 B");
});

test("packRoundRobin() refuses less than 16 MiB for an instance", () => {
  const least = { "topology.container.ram.padding": 0, "topology.container.ram": 4 * (16 << 20) };
  expect(pack(least)[0]?.ram).toEqual([1 / 64, 1 / 64, 1 / 64, 1 / 64]);
  expect(() => pack({ ...least, "topology.container.ram": 4 * (16 << 20) - 1 }))
    .toThrow('found 16777215 B for an instance of "s", expected at least 16777216 B');
  expect(() => pack({ "topology.component.rammap": "b:1000" }))
    .toThrow('found 1000 B for an instance of "b"');
});
