import { expect, test } from "bun:test";
import { readdir } from "node:fs/promises";
import { Phase } from "../../base/gen/heron_bin/submission_pb.ts";
import { readWanted } from "../../plan/mod.ts";
import { put, topologyPaths } from "../../state/mod.ts";
import {
  createTestCluster,
  faultOf,
  NAME,
  QUEUED,
  type TestCluster,
} from "../../../tests/support/submitted.ts";
import { killTopology } from "./kill_topology.ts";
import { readTopology } from "./topology_records.ts";

async function kill(cluster: TestCluster, stopMs = 5000): Promise<void> {
  const topology = await readTopology(cluster.state, NAME);
  if (topology === undefined) throw new Error("no topology");
  const { uploader, clock } = cluster;
  await killTopology(topology, {
    ...cluster.look,
    uploader,
    clock,
    reason: "killed by ann",
    stopMs,
  });
}

async function expectNothing(cluster: TestCluster): Promise<void> {
  expect(await readTopology(cluster.state, NAME)).toBeUndefined();
  expect(await readdir(cluster.packages)).toEqual([]);
  expect(await readdir(cluster.workingRoot)).toEqual([]);
}

test("killTopology() asks the scheduler, waits until it is gone, and leaves nothing", async () => {
  await using cluster = await createTestCluster();
  await cluster.deploy();
  const asked: string[] = [];
  using _watch = await cluster.state.watch(topologyPaths(NAME).wanted, (record) => {
    const { endReason = "" } = record === undefined ? {} : readWanted(record.bytes);
    if (endReason === "") return;
    asked.push(endReason);
    cluster.launcher.presence = { type: "gone", reason: "it has ended" };
  });
  await kill(cluster);
  expect(asked).toEqual(["killed by ann"]);
  await expectNothing(cluster);
});

test("killTopology() ends what does not end by itself", async () => {
  await using cluster = await createTestCluster();
  await cluster.deploy();
  cluster.launcher.isObedient = false;
  await kill(cluster, 20);
  expect(cluster.launcher.ended.at(-1)).toMatchObject({ told: { host: "here", pid: 77 } });
  await expectNothing(cluster);
});

test("killTopology() does not wait for one that waits in a queue", async () => {
  await using cluster = await createTestCluster();
  await cluster.deploy();
  cluster.launcher.presence = QUEUED;
  // Longer than the test may take.
  await kill(cluster, 3_600_000);
  expect(cluster.launcher.ended.length).toBe(1);
  await expectNothing(cluster);
});

test("killTopology() of one that cannot be seen from here waits for its word, and keeps its records without", async () => {
  await using cluster = await createTestCluster();
  await cluster.deploy();
  cluster.launcher.presence = { type: "unknown", reason: 'its scheduler is on host "there"' };
  expect(await faultOf(kill(cluster, 20))).toStartWith(
    `unavailable: Kill topology "${NAME}": its scheduler is on host "there"`,
  );
  expect(await readTopology(cluster.state, NAME)).toBeDefined();
  expect((await readdir(cluster.packages)).length).toBe(1);
  await cluster.tell(Phase.KILLED);
  await kill(cluster);
  expect(cluster.launcher.ended).toEqual([]);
  await expectNothing(cluster);
});

test("killTopology() removes nothing when the record that says where all is cannot be read", async () => {
  await using cluster = await createTestCluster();
  await cluster.deploy();
  await put(cluster.state, topologyPaths(NAME).submission, new Uint8Array([9]));
  expect(await faultOf(kill(cluster))).toMatch(/^corrupt: .*nothing was removed$/);
  expect((await readdir(cluster.workingRoot)).length).toBe(1);
});

test("killTopology() clears what a cut off submit or kill has left", async () => {
  await using cluster = await createTestCluster();
  await cluster.deploy();
  cluster.launcher.presence = { type: "gone", reason: "" };
  for (const path of [topologyPaths(NAME).wanted, topologyPaths(NAME).topology]) {
    await cluster.state.delete(path, "any");
  }
  await kill(cluster);
  await expectNothing(cluster);
  await cluster.state.create(topologyPaths(NAME).topology, new Uint8Array([1]));
  await kill(cluster);
  expect(await readTopology(cluster.state, NAME)).toBeUndefined();
});
