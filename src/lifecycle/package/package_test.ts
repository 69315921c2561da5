import { afterAll, expect, test } from "bun:test";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { checkPackage, packTopology, unpackPackage } from "./package.ts";
import { readTar, type TarFile, writeTar } from "./tar.ts";

const root = await mkdtemp(join(tmpdir(), "heron-bin-package-"));
afterAll(() => rm(root, { recursive: true }));

async function newFolder(): Promise<string> {
  return await mkdtemp(join(root, "folder-"));
}

const topologyFolder = await newFolder();
await writeFile(join(topologyFolder, "bundle.js"), "export default 1;\n");
await mkdir(join(topologyFolder, "files"));
await writeFile(join(topologyFolder, "files/data.txt"), "data");
const binary = join(root, "binary");
await writeFile(binary, "#!/bin/sh\n");

const PARTS = {
  topologyName: "words",
  topologyId: "words-1",
  version: "0.1.0",
  topologyFolder,
  definition: new Uint8Array([1, 2, 3]),
  config: "{}\n",
};

async function changedPackage(change: (files: TarFile[]) => TarFile[]): Promise<Uint8Array> {
  const packed = await packTopology(PARTS);
  const files = readTar(new Uint8Array(gunzipSync(packed)), { filesMax: 100, bytesMax: 1e6 });
  return new Uint8Array(gzipSync(writeTar(change(files))));
}

test("a package is unpacked as it was packed, for its owner alone", async () => {
  const folder = await newFolder();
  const checked = await unpackPackage(await packTopology({ ...PARTS, binary }), folder);
  expect(checked).toMatchObject({ topologyName: "words", topologyId: "words-1", version: "0.1.0" });
  const files = (await readdir(folder, { recursive: true })).sort();
  expect(files).toEqual([
    "config.yaml",
    "definition",
    "heron-bin",
    "topology",
    "topology/bundle.js",
    "topology/files",
    "topology/files/data.txt",
  ]);
  expect(await readFile(join(folder, "topology/bundle.js"), "utf8")).toBe("export default 1;\n");
  expect((await stat(join(folder, "topology/bundle.js"))).mode & 0o777).toBe(0o600);
  expect((await stat(join(folder, "heron-bin"))).mode & 0o777).toBe(0o700);
  expect((await stat(join(folder, "topology/files"))).mode & 0o777).toBe(0o700);
});

test("unpackPackage() replaces nothing", async () => {
  const folder = await newFolder();
  await writeFile(join(folder, "definition"), "mine");
  await expect(unpackPackage(await packTopology(PARTS), folder)).rejects.toMatchObject({
    code: "already_exists",
  });
  expect(await readFile(join(folder, "definition"), "utf8")).toBe("mine");
});

test("checkPackage() refuses what its manifest does not say", async () => {
  const added = await changedPackage((files) => [...files, { path: "x", bytes: new Uint8Array() }]);
  expect(() => checkPackage(added)).toThrow('found "x", which its manifest does not name');
  const missing = await changedPackage((files) => files.slice(0, -1));
  expect(() => checkPackage(missing)).toThrow('found no "topology/files/data.txt"');
  const changed = await changedPackage((files) =>
    files.map((file) => file.path === "definition" ? { ...file, bytes: new Uint8Array([9]) } : file)
  );
  expect(() => checkPackage(changed)).toThrow('found "definition" with another checksum');
  const reordered = await changedPackage((files) => files.toReversed());
  expect(() => checkPackage(reordered)).toThrow('expected "manifest.json"');
  const other = await changedPackage((files) =>
    files.map((file, at) => at === 0 ? { ...file, bytes: Buffer.from('{"format":2}') } : file)
  );
  expect(() => checkPackage(other)).toThrow("found a manifest of another form");
});

test("nothing is written of a package that is cut or soiled anywhere", async () => {
  const packed = await packTopology(PARTS);
  const folder = await newFolder();
  for (let cut = 0; cut < packed.length; cut++) {
    await expect(unpackPackage(packed.subarray(0, cut), folder)).rejects.toMatchObject({
      code: "corrupt",
    });
  }
  expect(await readdir(folder)).toEqual([]);
});

test("packTopology() says what cannot be read", async () => {
  const parts = { ...PARTS, topologyFolder: join(root, "nowhere") };
  await expect(packTopology(parts)).rejects.toThrow('Pack topology "words": ENOENT');
});
