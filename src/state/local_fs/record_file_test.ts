import { expect, test } from "bun:test";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RECORD_BYTES_MAX } from "../state_manager.ts";
import {
  clearWaySync,
  isAbsence,
  isVersionSync,
  readRecord,
  removeSync,
  replaceSync,
  syncFolder,
  versionSync,
  writeSynced,
} from "./record_file.ts";

function makeFolder() {
  const folder = mkdtempSync(join(tmpdir(), "heron-record-"));
  return { folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}

test("replaceSync() gives the version that readers find, and later times though the clock stands", async () => {
  using made = makeFolder();
  const file = join(made.folder, "record");
  const versions: string[] = [];
  const times: bigint[] = [];
  // A clock that goes back: the time of the file must not.
  for (const nowUs of [2_000_000_000_000_007n, 2_000_000_000_000_007n, 1_000_000_000_000_000n]) {
    const written = await writeSynced(join(made.folder, "new"), Uint8Array.of(1));
    versions.push(replaceSync(written, file, nowUs));
    expect(versionSync(file)).toBe(versions.at(-1) ?? "");
    expect((await readRecord(file))?.version).toBe(versions.at(-1) ?? "");
    times.push(statSync(file, { bigint: true }).mtimeNs);
  }
  expect(new Set(versions).size).toBe(3);
  expect(times).toEqual([...new Set(times)].sort());
  expect(readdirSync(made.folder)).toEqual(["record"]);
});

test("readRecord() and versionSync() find no record where there is none", async () => {
  using made = makeFolder();
  writeFileSync(join(made.folder, "file"), "");
  for (const path of ["none", "none/below", "file/below", "."]) {
    expect(await readRecord(join(made.folder, path))).toBeUndefined();
    expect(versionSync(join(made.folder, path))).toBeUndefined();
  }
});

test("readRecord() takes no memory for a file over the limit", async () => {
  using made = makeFolder();
  const file = join(made.folder, "large");
  writeFileSync(file, "");
  truncateSync(file, RECORD_BYTES_MAX + 1);
  await expect(readRecord(file)).rejects.toThrow('found "16777217" bytes');
});

test("writeSynced() writes no file that exists", async () => {
  using made = makeFolder();
  await writeSynced(join(made.folder, "new"), Uint8Array.of(1));
  await expect(writeSynced(join(made.folder, "new"), Uint8Array.of(2))).rejects.toThrow("EEXIST");
});

test("clearWaySync() makes folders, and says what is in the way", async () => {
  using made = makeFolder();
  expect(clearWaySync(join(made.folder, "a/b/c"))).toBe(true);
  await writeSynced(join(made.folder, "a/b/c"), Uint8Array.of(1));
  for (const path of ["a/b/c", "a/b", "a/b/c/d", "a/b/c/d/e"]) {
    expect(clearWaySync(join(made.folder, path))).toBe(false);
  }
});

test("removeSync() takes folders that it leaves empty along, up to the one to keep", () => {
  using made = makeFolder();
  const keep = join(made.folder, "keep");
  mkdirSync(join(keep, "a/b"), { recursive: true });
  for (const path of ["a/x", "a/b/y"]) writeFileSync(join(keep, path), "");
  removeSync(join(keep, "a/b/y"), keep);
  expect(readdirSync(keep, { recursive: true }).map(String).sort()).toEqual(["a", "a/x"]);
  removeSync(join(keep, "a/x"), keep);
  expect(readdirSync(made.folder)).toEqual(["keep"]);
  expect(readdirSync(keep)).toEqual([]);
});

test("syncFolder() minds no folder that is gone, isAbsence() knows what that is", async () => {
  using made = makeFolder();
  await syncFolder(made.folder);
  await syncFolder(join(made.folder, "none"));
  expect(isAbsence(Object.assign(new Error("x"), { code: "ENOTDIR" }))).toBe(true);
  expect([isAbsence(Object.assign(new Error("x"), { code: "EIO" })), isAbsence("ENOENT")])
    .toEqual([false, false]);
});

test("isVersionSync() tells a record from any that took its place", async () => {
  using made = makeFolder();
  const file = join(made.folder, "record");
  expect([isVersionSync(file, undefined), isVersionSync(file, "1-2-3")]).toEqual([true, false]);
  const versions: string[] = [];
  for (let round = 0; round < 3; round++) {
    const written = await writeSynced(join(made.folder, "new"), Uint8Array.of(1));
    versions.push(replaceSync(written, file, 2_000_000_000_000_007n));
    const current = versions.filter((version) => isVersionSync(file, version));
    expect(current).toEqual(versions.slice(-1));
    expect(isVersionSync(file, undefined)).toBe(false);
  }
  expect([isVersionSync(made.folder, undefined), isVersionSync(made.folder, "1-2-3")])
    .toEqual([true, false]);
});
