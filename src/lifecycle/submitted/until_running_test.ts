import { expect, test } from "bun:test";
import { Phase } from "../../base/gen/heron_bin/submission_pb.ts";
import {
  createTestCluster,
  faultOf,
  NAME,
  type TestCluster,
} from "../../../tests/support/submitted.ts";
import { untilRunning, type UntilRunningOptions } from "./until_running.ts";

function wait(cluster: TestCluster, more: Partial<UntilRunningOptions> = {}): Promise<void> {
  cluster.launcher.presence = { type: "alive" };
  return untilRunning({
    state: cluster.state,
    topologyName: NAME,
    topologyId: `${NAME}0-1`,
    launcher: cluster.launcher,
    launched: { jobFile: "/job", told: undefined },
    clock: cluster.clock,
    signal: new AbortController().signal,
    startMs: 5000,
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
  expect(await faultOf(wait(cluster))).toBe("process_died: it broke");
  await cluster.tell(Phase.STARTING);
  expect(await faultOf(wait(cluster, { startMs: 10 }))).toStartWith(
    "timeout: Start the topology: not all of it runs after 0.01 s",
  );
  const waiting = faultOf(wait(cluster));
  cluster.launcher.presence = { type: "gone", reason: "it is not there" };
  expect(await waiting).toBe("process_died: Start the topology's scheduler: it is not there");
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
