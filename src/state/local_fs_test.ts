import { expect, test } from "bun:test";
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { describeStateManager, until } from "./conformance.ts";
import { describeLeases } from "./lease/conformance.ts";
import { openLocalFs } from "./local_fs.ts";

function makeRoot() {
  const root = mkdtempSync(join(tmpdir(), "heron-state-"));
  return { root, [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }) };
}

function openTree() {
  const { root, [Symbol.dispose]: remove } = makeRoot();
  return Promise.resolve({
    connect: () => openLocalFs({ root, pollMs: 50 }),
    [Symbol.asyncDispose]: () => Promise.resolve(remove()),
  });
}

/** All files below `root`. */
function filesIn(root: string): string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name))).sort();
}

describeStateManager("local_fs", openTree);
describeLeases("local_fs", openTree);

test("openLocalFs() keeps a record as its bare bytes, readable by its owner alone", async () => {
  using tree = makeRoot();
  await using state = await openLocalFs({ root: join(tree.root, "deep/root/") });
  const root = join(tree.root, "deep/root");
  await state.create("topologies/t", Uint8Array.of(1, 2, 3));
  await state.set("topologies/t", Uint8Array.of(4, 5), "any");
  expect([...readFileSync(join(root, "topologies/t"))]).toEqual([4, 5]);
  expect(filesIn(root)).toEqual(["heron-bin/.lock", "topologies/t"]);
  const modes = ["", "topologies", "topologies/t", "heron-bin", "heron-bin/.tmp", "heron-bin/.lock"]
    .map((path) => (statSync(join(root, path)).mode & 0o777).toString(8));
  expect(modes).toEqual(["700", "700", "600", "700", "700", "600"]);
});

test("openLocalFs() makes the folders that Heron's tools list, and they stay", async () => {
  using tree = makeRoot();
  await using state = await openLocalFs({ root: tree.root });
  await state.create("pplans/t", Uint8Array.of(1));
  await state.create("heron-bin/t/epochs/1", Uint8Array.of(1));
  await state.delete("pplans/t", "any");
  await state.delete("heron-bin/t/epochs/1", "any");
  expect(readdirSync(tree.root).sort()).toEqual(
    [
      "executionstate",
      "heron-bin",
      "packingplans",
      "pplans",
      "schedulers",
      "tmanagers",
      "topologies",
    ],
  );
  expect(readdirSync(join(tree.root, "heron-bin")).sort()).toEqual([".lock", ".tmp"]);
});

test("local_fs leaves no temporary file, whether a write succeeds or not", async () => {
  using tree = makeRoot();
  await using state = await openLocalFs({ root: tree.root });
  await state.create("a/b", Uint8Array.of(1));
  await expect(state.create("a/b", Uint8Array.of(2))).rejects.toThrow('found "a/b"');
  await expect(state.set("a/b", Uint8Array.of(2), "old")).rejects.toThrow('expected "old"');
  await expect(state.set("a/c", Uint8Array.of(2), "any")).rejects.toThrow("found none");
  expect(filesIn(tree.root)).toEqual(["a/b", "heron-bin/.lock"]);
});

test("openLocalFs() removes old temporary files of the dead, and no young ones", async () => {
  using tree = makeRoot();
  await (await openLocalFs({ root: tree.root })).close();
  const folder = join(tree.root, "heron-bin/.tmp");
  for (const name of ["old", "young"]) writeFileSync(join(folder, name), name);
  const longAgo = Date.now() / 1000 - 7200;
  utimesSync(join(folder, "old"), longAgo, longAgo);
  await (await openLocalFs({ root: tree.root })).close();
  expect(readdirSync(folder)).toEqual(["young"]);
});

test("local_fs has no record below a record, nor where a folder is", async () => {
  using tree = makeRoot();
  await using state = await openLocalFs({ root: tree.root });
  await state.create("a/b/c", Uint8Array.of(1));
  await expect(state.create("a/b", Uint8Array.of(1))).rejects.toThrow('found "a/b", expected none');
  await expect(state.create("a/b/c/d", Uint8Array.of(1))).rejects.toThrow("expected none");
  await expect(state.create("a/b/c/d/e", Uint8Array.of(1))).rejects.toThrow("expected none");
  await expect(state.set("a/b", Uint8Array.of(1), "any")).rejects.toThrow("found none");
  await expect(state.set("a/b/c/d", Uint8Array.of(1), "any")).rejects.toThrow("found none");
  expect([await state.get("a/b"), await state.delete("a/b", "any")]).toEqual([undefined, false]);
  expect([await state.get("a/b/c/d"), await state.delete("a/b/c/d", "any")]).toEqual([
    undefined,
    false,
  ]);
});

test("local_fs sees what others put into the tree by hand", async () => {
  using tree = makeRoot();
  await using state = await openLocalFs({ root: tree.root, pollMs: 20 });
  const told: (number | undefined)[] = [];
  using watch = await state.watch("tmanagers/t", (value) => void told.push(value?.bytes[0]));
  for (const byte of [7, 8]) {
    writeFileSync(join(tree.root, "tmanagers/t"), Uint8Array.of(byte));
    await until(() => told.at(-1) === byte);
  }
  rmSync(join(tree.root, "tmanagers"), { recursive: true });
  await until(() => told.at(-1) === undefined);
  watch.close();
});

test("openLocalFs() of what is no folder is a named error", async () => {
  using tree = makeRoot();
  writeFileSync(join(tree.root, "file"), "");
  const root = join(tree.root, "file");
  await expect(openLocalFs({ root })).rejects.toThrow(`Open state root "${root}": `);
});
