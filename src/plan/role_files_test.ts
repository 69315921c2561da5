import { afterAll, expect, test } from "bun:test";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pack } from "../../tests/support/plans.ts";
import { drawTopology } from "../../tests/support/definitions.ts";
import { decodeJob, encodeJob } from "./job.ts";
import { containerSocket, openRoleFiles, packedInstances } from "./role_files.ts";

const folder = await mkdtemp(join(tmpdir(), "heron-bin-role-"));
afterAll(() => rm(folder, { recursive: true }));

function jobBytes(): Uint8Array {
  const definition = drawTopology("words count", {
    parallelism: { words: 2, count: 3 },
    config: { "topology.stmgrs": 2 },
  });
  const { topology, packingPlan } = pack(definition);
  return encodeJob({
    topologyName: definition.name,
    topologyId: topology.id,
    cluster: "local",
    role: "me",
    environ: "default",
    folder,
    stateRoot: join(folder, "state"),
    bundle: join(folder, "bundle.js"),
    planHash: new Uint8Array(32),
    topology,
    packingPlan,
    workingFolder: folder,
  });
}

test("openRoleFiles() reads job and secret and opens the role's log", async () => {
  await mkdir(join(folder, "logs"), { recursive: true });
  await writeFile(join(folder, "job"), jobBytes());
  await writeFile(join(folder, "secret"), new Uint8Array([1, 2, 3]));
  const files = await openRoleFiles(join(folder, "job"), "container_2_count_4");
  files.log.logger.info("hello");
  await files.log.close();
  expect(files.secret).toEqual(new Uint8Array([1, 2, 3]));
  const log = await Bun.file(join(folder, "logs/container_2_count_4.log")).text();
  expect(log).toContain('"hello"');
  expect(containerSocket(files.job, 2)).toBe(join(folder, "sockets/container-2.sock"));
});

test("openRoleFiles() names the file that is missing", async () => {
  const missing = join(folder, "none/job");
  await expect(openRoleFiles(missing, "tm")).rejects.toThrow(`Read the job "${missing}"`);
});

test("packedInstances() gives the instances of one container", () => {
  const job = decodeJob(jobBytes());
  const all = [1, 2].flatMap((container) => packedInstances(job, container) ?? []);
  expect(all.map(({ taskId }) => taskId).toSorted()).toEqual([1, 2, 3, 4, 5]);
  expect(all.find(({ taskId }) => taskId === 3)).toEqual({
    taskId: 3,
    component: "count",
    componentIndex: 0,
    instanceId: "container_1_count_3",
    stmgrId: "stmgr-1",
    ramBytes: 2 ** 30,
  });
  expect(packedInstances(job, 3)).toBeUndefined();
});
