import { afterAll, expect, test } from "bun:test";
import { appendFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { drawTopology } from "../../../tests/support/definitions.ts";
import { pack } from "../../../tests/support/plans.ts";
import { TaskOutputs } from "./task_outputs.ts";

const root = await mkdtemp(join(tmpdir(), "heron-bin-outputs-"));
afterAll(() => rm(root, { recursive: true }));

test("TaskOutputs reads the end of what tasks printed, then what comes, also of those that begin late", async () => {
  const logs = join(root, "logs");
  await mkdir(logs);
  await writeFile(join(logs, "container_1_s_1.out"), "a\nb\nc\n");
  const { packingPlan } = pack(drawTopology("s b"));
  const outputs = new TaskOutputs(logs, packingPlan, 2);
  const task = { task: 1, component: "s", componentIndex: 0 };
  expect(await outputs.read()).toEqual([{ ...task, lines: ["b", "c"] }]);
  expect(await outputs.read()).toEqual([]);
  await appendFile(join(logs, "container_1_s_1.out"), "d\n");
  await writeFile(join(logs, "container_1_b_2.out"), "e\n");
  expect(await outputs.read()).toEqual([
    { ...task, lines: ["d"] },
    { task: 2, component: "b", componentIndex: 0, lines: ["e"] },
  ]);
  await outputs.close();
});
