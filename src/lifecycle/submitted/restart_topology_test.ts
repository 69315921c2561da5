import { expect, test } from "bun:test";
import { Phase } from "../../base/gen/heron_bin/submission_pb.ts";
import { readWanted } from "../../plan/mod.ts";
import { topologyPaths } from "../../state/mod.ts";
import {
  createTestCluster,
  faultOf,
  NAME,
  QUEUED,
  type TestCluster,
} from "../../../tests/support/submitted.ts";
import { schedulerLaunch } from "./deploy.ts";
import { launchedOf } from "./kill_topology.ts";
import { lookAt } from "./list_topologies.ts";
import { restartTopology } from "./restart_topology.ts";
import { StatusRecord } from "./status_record.ts";
import { readTopology } from "./topology_records.ts";
import type { Started } from "./until_running.ts";

async function restart(
  cluster: TestCluster,
  container?: number,
  waitMs = 5000,
): Promise<Started> {
  const records = await readTopology(cluster.state, NAME);
  if (records === undefined) throw new Error("no topology");
  const { jobFile } = launchedOf(records, "/state");
  return await restartTopology(await lookAt(records, cluster.look), container, {
    ...cluster.look,
    clock: cluster.clock,
    launch: schedulerLaunch({ jobFile, command: ["heron-bin"], environment: {} }),
    signal: new AbortController().signal,
    waitMs,
    startMs: 5000,
    queueMs: 10,
  });
}

test("restartTopology() asks for each container once more, and waits until the scheduler has begun", async () => {
  await using cluster = await createTestCluster();
  await cluster.deploy();
  const paths = topologyPaths(NAME);
  const status = new StatusRecord({
    state: cluster.state,
    path: paths.status,
    clock: cluster.clock,
    first: { topologyId: `${NAME}0-1`, epoch: 1, host: "here", pid: 77, startTime: 5n },
    onFault: (error) => {
      throw error;
    },
  });
  status.phase(Phase.RUNNING, {});
  const asked: string[] = [];
  using _watch = await cluster.state.watch(paths.wanted, (record) => {
    for (const { container, count } of readWanted(record?.bytes ?? new Uint8Array()).restarts) {
      if (status.restart(container, count)) asked.push(`${container} × ${count}`);
    }
  });
  await restart(cluster, 1);
  await restart(cluster);
  expect(asked).toEqual(["1 × 1", "0 × 1", "1 × 2", "2 × 1"]);
});

test("restartTopology() knows which containers there are, and says when nobody begins", async () => {
  await using cluster = await createTestCluster();
  await cluster.deploy();
  expect(await faultOf(restart(cluster, 3))).toBe(
    `usage: Restart container 3 of topology "${NAME}": there is none, expected one of 0, 1, 2`,
  );
  expect(await faultOf(restart(cluster, 2, 20))).toStartWith("timeout: ");
});

test("restartTopology() of all starts a scheduler that is gone, of one container it does not", async () => {
  await using cluster = await createTestCluster();
  await cluster.deploy();
  cluster.launcher.presence = { type: "gone", reason: "not there" };
  expect(await faultOf(restart(cluster, 1))).toStartWith("unavailable: ");
  cluster.launcher.onLaunch = () => {
    cluster.launcher.presence = { type: "alive" };
    cluster.epoch = 2;
    return cluster.tell(Phase.RUNNING);
  };
  await restart(cluster);
  expect(cluster.launcher.ended.length).toBe(1);
  expect(cluster.launcher.launches.length).toBe(2);
});

test("restartTopology() starts one that has to queue, and none that does", async () => {
  await using cluster = await createTestCluster();
  await cluster.deploy();
  cluster.launcher.presence = { type: "gone", reason: "not there" };
  cluster.launcher.onLaunch = () => {
    cluster.launcher.presence = QUEUED;
    return Promise.resolve();
  };
  expect(await restart(cluster)).toBe(QUEUED);
  expect(await faultOf(restart(cluster))).toBe(
    `unavailable: Restart topology "${NAME}": it is queued (job 7: it waits), expected it to run`,
  );
});
