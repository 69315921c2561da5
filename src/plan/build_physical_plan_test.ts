import { expect, test } from "bun:test";
import { create } from "@bufbuild/protobuf";
import { drawTopology } from "../../tests/support/definitions.ts";
import { PackingPlanSchema } from "../base/gen/heron/packing_plan_pb.ts";
import { PhysicalPlanSchema, StMgrSchema } from "../base/gen/heron/physical_plan_pb.ts";
import { TopologySchema } from "../base/gen/heron/topology_pb.ts";
import { buildPhysicalPlan, buildPlanUpdate } from "./build_physical_plan.ts";
import { logicalPlanToProto } from "./logical_plan.ts";
import { PhysicalPlan } from "./physical_plan.ts";
import { decodeRecord, encodeRecord } from "./record_codec.ts";

const GOLDEN = `${import.meta.dir}/../../tests/golden/heron`;

function stmgr(container: number) {
  return create(StMgrSchema, {
    id: `stmgr-${container}`,
    hostName: "127.0.0.1",
    dataPort: 4000 + container,
    localEndpoint: "/unused",
  });
}

async function golden(record: string): Promise<Uint8Array> {
  return new Uint8Array(await Bun.file(`${GOLDEN}/${record}.bin`).arrayBuffer());
}

test.each(["word_count", "err_topo"])("buildPhysicalPlan() builds the plan of %s", async (name) => {
  const heron = decodeRecord(PhysicalPlanSchema, await golden(`${name}.pplans`), "the plan");
  const built = buildPhysicalPlan({
    topology: decodeRecord(TopologySchema, await golden(`${name}.topologies`), "the topology"),
    packingPlan: decodeRecord(PackingPlanSchema, await golden(`${name}.packingplans`), "the plan"),
    stmgrs: heron.stmgrs.toReversed(),
  });
  // In Heron's record the instances are in no order.
  heron.instances.sort((a, b) => (a.info?.taskId ?? 0) - (b.info?.taskId ?? 0));
  expect(built).toEqual(heron);
  expect(encodeRecord(PhysicalPlanSchema, built)).toEqual(encodeRecord(PhysicalPlanSchema, heron));
});

test("buildPhysicalPlan() orders stream managers by the text of their ids", () => {
  const plan = buildPhysicalPlan({
    topology: logicalPlanToProto(drawTopology("s b"), "id"),
    packingPlan: create(PackingPlanSchema, { id: "id" }),
    stmgrs: [2, 10, 1].map(stmgr),
  });
  expect(plan.stmgrs.map(({ id }) => id)).toEqual(["stmgr-1", "stmgr-10", "stmgr-2"]);
});

test("buildPlanUpdate() carries what PhysicalPlan reads", () => {
  const instance = (componentName: string, taskId: number) => ({
    componentName,
    taskId,
    componentIndex: 0,
  });
  const update = buildPlanUpdate({
    plan: buildPhysicalPlan({
      topology: logicalPlanToProto(drawTopology("s b"), "id"),
      packingPlan: create(PackingPlanSchema, {
        id: "id",
        containerPlans: [
          { id: 2, instancePlans: [instance("b", 2)] },
          { id: 1, instancePlans: [instance("s", 1)] },
        ],
      }),
      stmgrs: [2, 1].map(stmgr),
    }),
    schedulerEpoch: 4,
    leaseNumber: 9n,
    planVersion: 2,
    addressVersion: 3,
    tasks: [],
    stmgrs: [],
  });
  expect(update).toMatchObject({ schedulerEpoch: 4, leaseNumber: 9n, restoreEpoch: 0 });
  const plan = PhysicalPlan.from(update);
  expect([plan.version, plan.addressVersion, plan.restoreEpoch]).toEqual([2, 3, 0]);
  expect(plan.tasks.map(({ instanceId }) => instanceId))
    .toEqual(["container_1_s_1", "container_2_b_2"]);
});
