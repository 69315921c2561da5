import { expect, test } from "bun:test";
import { TopologyState } from "../../base/gen/heron/topology_pb.ts";
import { Phase } from "../../base/gen/heron_bin/submission_pb.ts";
import { put, topologyPaths } from "../../state/mod.ts";
import { createTestCluster, NAME } from "../../../tests/support/submitted.ts";
import {
  assertThere,
  formatTopologies,
  listTopologies,
  plannedState,
  topologyToJson,
} from "./list_topologies.ts";

const ALL = { role: undefined, environ: undefined };

test("listTopologies() lists those of a role and environ, and those nobody knows whose", async () => {
  await using cluster = await createTestCluster();
  await cluster.deploy();
  await cluster.plan(TopologyState.PAUSED);
  await cluster.state.create("topologies/cut-off", new Uint8Array([1]));
  const names = async (role?: string, environ?: string) =>
    (await listTopologies(cluster.look, { role, environ })).map(({ records }) => records.name);
  expect(await names()).toEqual(["cut-off", NAME]);
  expect(await names("ann", "default")).toEqual(["cut-off", NAME]);
  expect(await names("bob")).toEqual(["cut-off"]);
  expect(await names("ann", "prod")).toEqual(["cut-off"]);
});

test("formatTopologies() is a table with reasons, topologyToJson() the same for programs", async () => {
  await using cluster = await createTestCluster();
  await cluster.deploy();
  await cluster.tell(Phase.FAILED, { reason: "it broke" });
  const topologies = await listTopologies(cluster.look, ALL);
  expect(formatTopologies(topologies)).toBe(
    "TOPOLOGY  STATE   ROLE/ENVIRON  TASKS  CONTAINERS  SUBMITTED\n" +
      "drawn     failed  ann/default   2      2           2023-11-14T22:13:20Z\n" +
      "  it broke\n",
  );
  expect(topologies.map(topologyToJson)).toMatchObject([{
    topology: NAME,
    state: "failed",
    reason: "it broke",
    role: "ann",
    submitted: "2023-11-14T22:13:20Z",
    pid: 77,
    tasks: 2,
  }]);
  expect(formatTopologies([])).toStartWith("TOPOLOGY");
});

test("plannedState() is that of the plan, if one can be read", async () => {
  await using cluster = await createTestCluster();
  expect(await plannedState(cluster.state, NAME)).toBeUndefined();
  await cluster.plan(TopologyState.PAUSED);
  expect(await plannedState(cluster.state, NAME)).toBe(TopologyState.PAUSED);
  await put(cluster.state, topologyPaths(NAME).physicalPlan, new Uint8Array([1]));
  expect(await plannedState(cluster.state, NAME)).toBeUndefined();
});

test("assertThere() lets those pass that somebody works for", async () => {
  await using cluster = await createTestCluster();
  await cluster.deploy();
  const [running] = await listTopologies(cluster.look, ALL);
  if (running === undefined) throw new Error("none");
  assertThere(running, "Activate");
  const dead = { ...running, condition: { state: "dead", reason: "gone" } as const };
  expect(() => assertThere(dead, "Activate")).toThrow(
    `Activate topology "${NAME}": it is dead (gone), expected it to run`,
  );
});
