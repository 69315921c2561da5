import { expect, test } from "bun:test";
import { logicalPlanFromProto, readJob } from "../plan/mod.ts";
import { BOLT, createJobFolder, SPOUT } from "../../tests/support/job_folder.ts";
import { localTasksOf } from "./local_tasks.ts";

test("localTasksOf() gives the tasks of one container, and whom its spouts reach", async () => {
  await using folder = await createJobFolder();
  const job = await readJob(folder.jobFile);
  const definition = logicalPlanFromProto(job.topology);
  const all = [1, 2, 3].map((container) =>
    localTasksOf({ definition, packingPlan: job.packingPlan }, container)
  );
  expect(all.map((tasks) => tasks.map(({ instanceId, reaches }) => [instanceId, reaches])))
    .toEqual([[[SPOUT, new Set([2])]], [[BOLT, undefined]], []]);
});
