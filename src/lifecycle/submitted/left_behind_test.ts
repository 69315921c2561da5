import { expect, test } from "bun:test";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { put, topologyPaths } from "../../state/mod.ts";
import { createTestCluster, NAME } from "../../../tests/support/submitted.ts";
import { assertStoreNotLost, examineLeft, foldersOfTopologies } from "./left_behind.ts";
import { listTopologies } from "./list_topologies.ts";

const ALL = { role: undefined, environ: undefined };

test("examineLeft() never advises to remove what may be of a topology whose record is damaged", async () => {
  await using cluster = await createTestCluster();
  await cluster.deploy();
  const { workingRoot, packages: packageFolder } = cluster;
  const left = async () =>
    await examineLeft(await listTopologies(cluster.look, ALL), { workingRoot, packageFolder });
  expect(await left()).toEqual([]);
  await mkdir(join(workingRoot, "old"));
  expect((await left()).map(({ advice }) => advice)).toEqual(["remove it"]);
  await put(cluster.state, topologyPaths(NAME).submission, new Uint8Array([255]));
  expect((await left()).map(({ advice }) => advice)).toEqual(
    Array<string>(3).fill(`remove it, unless it is that of "${NAME}", whose record is damaged`),
  );
});

test("assertStoreNotLost() refuses a store that was there when topologies were submitted", async () => {
  await using cluster = await createTestCluster();
  const root = join(cluster.root, "no-store");
  await assertStoreNotLost(root, cluster.workingRoot);
  await mkdir(join(cluster.workingRoot, "empty"), { recursive: true });
  expect(await foldersOfTopologies(cluster.workingRoot)).toEqual([]);
  await assertStoreNotLost(root, cluster.workingRoot);
  await writeFile(join(cluster.workingRoot, "empty", "job"), "");
  expect(await readdir(cluster.root)).not.toContain("no-store");
  await expect(assertStoreNotLost(root, cluster.workingRoot)).rejects.toThrow(
    `"${cluster.workingRoot}" has the folders of a topology`,
  );
  await mkdir(root);
  await assertStoreNotLost(root, cluster.workingRoot);
  await rm(root, { recursive: true });
});
