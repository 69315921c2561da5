import { expect, test } from "bun:test";
import { Phase } from "../../base/gen/heron_bin/submission_pb.ts";
import { createTestCluster, NAME } from "../../../tests/support/submitted.ts";
import { lookAt } from "./list_topologies.ts";
import { isOver, lookAgain } from "./look_again.ts";
import { readTopology, removeRecords } from "./topology_records.ts";

test("lookAgain() tells how it is now, that it is removed, and that another has its name", async () => {
  await using cluster = await createTestCluster();
  await cluster.deploy();
  const records = await readTopology(cluster.state, NAME);
  if (records === undefined) throw new Error("none");
  const first = await lookAt(records, cluster.look);
  expect(isOver(first.condition)).toBe(false);
  await cluster.tell(Phase.ENDED, { reason: "all is done" });
  const ended = await lookAgain(first, cluster.look);
  expect(ended.condition).toEqual({ state: "ended", reason: "all is done" });
  expect(isOver(ended.condition)).toBe(true);
  const { submission } = records;
  if (submission === undefined) throw new Error("none");
  const other = { ...records, submission: { ...submission, topologyId: "older" } };
  const replaced = await lookAgain({ ...first, records: other }, cluster.look);
  expect(replaced.condition.reason).toContain("another one of its name");
  await removeRecords(cluster.state, NAME);
  expect((await lookAgain(ended, cluster.look)).condition).toEqual({
    state: "killed",
    reason: "it is removed",
  });
});
