import { expect, test } from "bun:test";
import { TopologyState } from "../../base/gen/heron/topology_pb.ts";
import { put, topologyPaths } from "../../state/mod.ts";
import {
  createTestCluster,
  faultOf,
  NAME,
  type TestCluster,
} from "../../../tests/support/submitted.ts";
import {
  describeTopology,
  descriptionToJson,
  formatDescription,
  logsFolderOf,
} from "./describe_topology.ts";
import { lookAt } from "./list_topologies.ts";
import { readTopology } from "./topology_records.ts";

async function describe(cluster: TestCluster) {
  const records = await readTopology(cluster.state, NAME);
  if (records === undefined) throw new Error("no topology");
  return await describeTopology(cluster.state, await lookAt(records, cluster.look));
}

test("describeTopology() tells the plan and where all is", async () => {
  await using cluster = await createTestCluster();
  const { folder } = await cluster.deploy();
  await cluster.plan(TopologyState.RUNNING);
  const described = await describe(cluster);
  expect(described.stmgrs).toEqual({ 1: "here:7001", 2: "here:7002" });
  const text = formatDescription(described);
  expect(text).toContain("topology drawn: 2 components, 2 tasks, 2 containers");
  expect(text).toContain("  state      running\n");
  expect(text).toContain("by ann to local/ann/default");
  expect(text).toContain("  stmgr-2    here:7002\n");
  expect(text).toContain(`  folder     ${folder.path}\n`);
  expect(descriptionToJson(described)).toMatchObject({
    topology: NAME,
    components: [
      { name: "s", kind: "spout", parallelism: 1 },
      { name: "b", kind: "bolt", parallelism: 1 },
    ],
    containerPlans: [{ container: 1, stmgr: "here:7001" }, { container: 2, stmgr: "here:7002" }],
    ends: [],
  });
  expect(logsFolderOf(described.records)).toBe(folder.logs);
});

test("describeTopology() says which record is missing or damaged", async () => {
  await using cluster = await createTestCluster();
  await cluster.deploy();
  const { packingPlan } = topologyPaths(NAME);
  await put(cluster.state, packingPlan, new Uint8Array([1]));
  expect(await faultOf(describe(cluster))).toStartWith(`corrupt: Read "packingplans/${NAME}"`);
  await cluster.state.delete(packingPlan, "any");
  expect(await faultOf(describe(cluster))).toBe(
    `not_found: Read "packingplans/${NAME}": there is no such record, expected one`,
  );
});
