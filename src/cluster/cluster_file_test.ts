/** Tests of finding and reading the file of a cluster. */

import { afterAll, expect, test } from "bun:test";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readClusterFile } from "./cluster_file.ts";

const root = await mkdtemp(join(tmpdir(), "heron-bin-clusters-"));
afterAll(() => rm(root, { recursive: true }));
const named = { path: root, namedBy: "--config-path" };
const missing = { path: join(root, "none"), namedBy: undefined };

test("readClusterFile() reads the file of its name", async () => {
  await writeFile(join(root, "hpc.yaml"), "scheduler.type: slurm\n");
  expect(await readClusterFile("hpc", named))
    .toEqual({ file: join(root, "hpc.yaml"), text: "scheduler.type: slurm\n" });
});

test("readClusterFile() needs none for a cluster of heron-bin's own", async () => {
  expect(await readClusterFile("local", named)).toBeUndefined();
  expect(await readClusterFile("slurm", missing)).toBeUndefined();
});

test("readClusterFile() tells which clusters there are", async () => {
  await writeFile(join(root, "gpu.yaml"), "");
  await expect(readClusterFile("hcp", named)).rejects.toMatchObject({
    code: "not_found",
    message: `Read cluster "hcp": there is no ${join(root, "hcp.yaml")}, ` +
      'expected one of gpu, hpc, local, slurm (did you mean "hpc"?)',
  });
  await expect(readClusterFile("hpc", missing)).rejects.toMatchObject({ code: "not_found" });
});

test("readClusterFile() refuses a folder that was named and is not there, a .yml, a large file", async () => {
  const gone = { ...missing, namedBy: "HERON_BIN_CONF" };
  await expect(readClusterFile("local", gone)).rejects.toMatchObject({
    code: "not_found",
    message: `Read cluster "local": there is no folder "${missing.path}" (HERON_BIN_CONF)`,
  });
  await writeFile(join(root, "slurm.yml"), "");
  await expect(readClusterFile("slurm", named)).rejects.toMatchObject({
    message: expect.stringContaining("expected a name that ends in .yaml"),
  });
  await writeFile(join(root, "big.yaml"), "#".repeat(65 * 1024));
  await expect(readClusterFile("big", named)).rejects.toMatchObject({ code: "limit" });
  await mkdir(join(root, "folder.yaml"));
  await expect(readClusterFile("folder", named)).rejects.toMatchObject({
    code: "usage",
    message: `Read cluster "folder": "${join(root, "folder.yaml")}" is no file`,
  });
  const file = { path: join(root, "big.yaml"), namedBy: "--config-path" };
  await expect(readClusterFile("local", file)).rejects.toThrow("there is no folder");
  expect(await readClusterFile("local", { ...file, namedBy: undefined })).toBeUndefined();
});
