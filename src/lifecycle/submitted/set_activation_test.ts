import { expect, test } from "bun:test";
import { TopologyState } from "../../base/gen/heron/topology_pb.ts";
import { Activation } from "../../base/gen/heron_bin/submission_pb.ts";
import { readWanted } from "../../plan/mod.ts";
import { topologyPaths } from "../../state/mod.ts";
import {
  createTestCluster,
  faultOf,
  NAME,
  QUEUED,
  type TestCluster,
} from "../../../tests/support/submitted.ts";
import { lookAt } from "./list_topologies.ts";
import { type ActivationOutcome, setActivation } from "./set_activation.ts";
import { readTopology } from "./topology_records.ts";

async function set(
  cluster: TestCluster,
  isActive: boolean,
  waitMs = 5000,
): Promise<ActivationOutcome> {
  const records = await readTopology(cluster.state, NAME);
  if (records === undefined) throw new Error("no topology");
  const { state, clock } = cluster;
  return await setActivation(await lookAt(records, cluster.look), isActive, {
    state,
    clock,
    waitMs,
  });
}

test("setActivation() says what is wanted, and waits until the plan says so", async () => {
  await using cluster = await createTestCluster();
  await cluster.deploy();
  await cluster.plan(TopologyState.RUNNING);
  const wanted: Activation[] = [];
  using _watch = await cluster.state.watch(topologyPaths(NAME).wanted, (record) => {
    const { activation } = readWanted(record?.bytes ?? new Uint8Array());
    wanted.push(activation);
    void cluster.plan(
      activation === Activation.PAUSED ? TopologyState.PAUSED : TopologyState.RUNNING,
    );
  });
  expect(await set(cluster, false)).toBe("changed");
  expect(await set(cluster, false)).toBe("same");
  expect(await set(cluster, true)).toBe("changed");
  expect(wanted).toEqual([Activation.ACTIVE, Activation.PAUSED, Activation.ACTIVE]);
});

test("setActivation() of one that waits in a queue is kept for when it begins", async () => {
  await using cluster = await createTestCluster();
  await cluster.deploy();
  cluster.launcher.presence = QUEUED;
  expect(await set(cluster, false)).toBe("kept");
  expect(await set(cluster, false)).toBe("same");
  const record = await cluster.state.get(topologyPaths(NAME).wanted);
  expect(readWanted(record?.bytes ?? new Uint8Array()).activation).toBe(Activation.PAUSED);
});

test("setActivation() says that its topology master does not answer, or its scheduler is gone", async () => {
  await using cluster = await createTestCluster();
  await cluster.deploy();
  await cluster.plan(TopologyState.RUNNING);
  expect(await faultOf(set(cluster, false, 20))).toStartWith(
    `timeout: Wait until topology "${NAME}" is deactivated`,
  );
  cluster.launcher.presence = { type: "gone", reason: "not there" };
  expect(await faultOf(set(cluster, true))).toBe(
    `unavailable: Activate topology "${NAME}": it is dead (not there), expected it to run`,
  );
});
