import { expect, test } from "bun:test";
import { Phase } from "../../base/gen/heron_bin/submission_pb.ts";
import {
  createTestCluster,
  faultOf,
  NAME,
  QUEUED,
  type TestCluster,
} from "../../../tests/support/submitted.ts";
import { type Started, untilRunning, type UntilRunningOptions } from "./until_running.ts";

function wait(cluster: TestCluster, more: Partial<UntilRunningOptions> = {}): Promise<Started> {
  cluster.launcher.presence = { type: "alive" };
  return waitAsItIs(cluster, more);
}

function waitAsItIs(
  cluster: TestCluster,
  more: Partial<UntilRunningOptions> = {},
): Promise<Started> {
  return untilRunning({
    state: cluster.state,
    topologyName: NAME,
    topologyId: `${NAME}0-1`,
    launcher: cluster.launcher,
    launched: { jobFile: "/job", told: undefined },
    clock: cluster.clock,
    signal: new AbortController().signal,
    startMs: 5000,
    queueMs: 5000,
    ...more,
  });
}

test("untilRunning() resolves when the topology runs, also when it was so before, or has ended by itself", async () => {
  await using cluster = await createTestCluster();
  const waiting = wait(cluster);
  await cluster.tell(Phase.STARTING);
  await cluster.tell(Phase.RUNNING);
  await waiting;
  await wait(cluster);
  await cluster.tell(Phase.ENDED);
  await wait(cluster);
});

test("untilRunning() tells why it does not", async () => {
  await using cluster = await createTestCluster();
  await cluster.tell(Phase.FAILED, { code: "unstable_topology", reason: "not the same" });
  expect(await faultOf(wait(cluster))).toBe("unstable_topology: not the same");
  await cluster.tell(Phase.FAILED, { code: "something new", reason: "it broke" });
  const broken = faultOf(wait(cluster));
  await Bun.sleep(50);
  cluster.launcher.presence = {
    type: "gone",
    reason: "it is not there",
    verdict: "job 7: cancelled",
  };
  expect(await broken).toBe("process_died: it broke; job 7: cancelled");
  await cluster.tell(Phase.STARTING);
  expect(await faultOf(wait(cluster, { startMs: 10 }))).toStartWith(
    "timeout: Start the topology: not all of it runs after 0.01 s",
  );
  const waiting = faultOf(wait(cluster));
  cluster.launcher.presence = { type: "gone", reason: "it is not there" };
  expect(await waiting).toBe("process_died: Start the topology's scheduler: it is not there");
});

test("untilRunning() leaves one in its queue, and its time to start begins behind that", async () => {
  await using cluster = await createTestCluster();
  cluster.launcher.presence = QUEUED;
  expect(await waitAsItIs(cluster, { queueMs: 10 })).toBe(QUEUED);
  const waiting = waitAsItIs(cluster, { startMs: 10, queueMs: 60_000 });
  await Bun.sleep(50);
  const job = { id: "7", nodes: "n1" };
  cluster.launcher.presence = { type: "alive", job };
  await cluster.tell(Phase.RUNNING);
  expect(await waiting).toEqual({ type: "running", job });
});

test("untilRunning() refuses to wait for what never comes", async () => {
  await using cluster = await createTestCluster();
  cluster.launcher.presence = { ...QUEUED, isHopeless: true };
  expect(await faultOf(waitAsItIs(cluster))).toBe(
    "invalid_config: Start the topology's scheduler: job 7: it waits",
  );
});

test("untilRunning() does not take the word of a scheduler before", async () => {
  await using cluster = await createTestCluster();
  await cluster.tell(Phase.RUNNING);
  expect(await faultOf(wait(cluster, { afterEpoch: 1, startMs: 10 }))).toStartWith("timeout: ");
  const waiting = wait(cluster, { afterEpoch: 1 });
  cluster.epoch = 2;
  await cluster.tell(Phase.RUNNING);
  await waiting;
});
