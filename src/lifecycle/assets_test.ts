/** Tests of the files that a topology names. */

import { afterAll, expect, test } from "bun:test";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { copyAssets, readAssetNames } from "./assets.ts";

const root = await mkdtemp(join(tmpdir(), "heron-bin-assets-"));
afterAll(() => rm(root, { recursive: true }));

test("readAssetNames() takes relative paths, each once", () => {
  expect(readAssetNames(undefined)).toEqual([]);
  expect(readAssetNames(["a.txt", "./a.txt", "b/../c.txt", "..d"])).toEqual([
    "a.txt",
    "c.txt",
    "..d",
  ]);
});

test.each(["/etc/passwd", "../x", "a/../../x", "..", "bundle.js", "files/x", "", 7, "a\0b"])(
  "readAssetNames() refuses %p",
  (name) => expect(() => readAssetNames(["ok.txt", name])).toThrow('Read "assets"'),
);

test("readAssetNames() refuses what is no array", () => {
  expect(() => readAssetNames("a.txt")).toThrow("expected an array");
});

test("copyAssets() keeps relative names and refuses links out, folders and missing files", async () => {
  const [from, to] = [join(root, "from"), join(root, "to")];
  await mkdir(join(from, "data"), { recursive: true });
  await mkdir(to);
  await writeFile(join(from, "data/a.txt"), "a");
  await writeFile(join(root, "outside.txt"), "secret");
  await symlink(join(root, "outside.txt"), join(from, "link.txt"));
  await Promise.all([copyAssets(["data/a.txt"], from, to), copyAssets(["data/a.txt"], from, to)]);
  expect(await readFile(join(to, "data/a.txt"), "utf8")).toBe("a");
  const refused = copyAssets(["link.txt", "data", "nope.txt"], from, to);
  expect(refused).rejects.toThrow(
    `Pack "assets": found what cannot be packed\n"link.txt" is a link out of "${from}"\n"data" is no plain file\n"nope.txt" does not exist`,
  );
});
