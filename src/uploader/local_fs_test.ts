import { afterAll, expect, test } from "bun:test";
import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemRandom } from "../base/mod.ts";
import { testUploader } from "./conformance.ts";
import { createLocalFsUploader } from "./local_fs.ts";

const root = await mkdtemp(join(tmpdir(), "heron-bin-uploader-"));
afterAll(() => rm(root, { recursive: true }));

async function newFolder(): Promise<string> {
  return join(await mkdtemp(join(root, "folder-")), "packages");
}

testUploader(
  "local_fs",
  async () => createLocalFsUploader({ folder: await newFolder(), random: systemRandom() }),
);

test("local_fs: a package is its owner's alone, and nothing else is left in the folder", async () => {
  const folder = await newFolder();
  const uploader = createLocalFsUploader({ folder, random: systemRandom() });
  const uri = await uploader.upload("a b#ö.tar.gz", new Uint8Array([1]));
  expect(await uploader.download(uri)).toEqual(new Uint8Array([1]));
  await uploader.upload("a b#ö.tar.gz", new Uint8Array([2])).catch(() => "refused");
  expect(await readdir(folder)).toEqual(["a b#ö.tar.gz"]);
  expect((await stat(join(folder, "a b#ö.tar.gz"))).mode & 0o777).toBe(0o600);
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
});

test("local_fs: a folder that cannot be is told by name", async () => {
  const file = join(root, "file");
  await writeFile(file, "");
  const uploader = createLocalFsUploader({ folder: join(file, "x"), random: systemRandom() });
  await expect(uploader.upload("a.tar.gz", new Uint8Array())).rejects.toThrow(
    `Upload package "a.tar.gz" to "${join(file, "x")}": `,
  );
});
