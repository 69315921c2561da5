/** Tests of the folder of a run. */

import { afterAll, expect, test } from "bun:test";
import { chmod, mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import { seededRandom } from "../base/mod.ts";
import {
  createRunFolder,
  removeAllButLogs,
  removeRunFolder,
  type RunFolder,
} from "./run_folder.ts";

const root = await mkdtemp("/tmp/hb-folder-");
afterAll(() => rm(root, { recursive: true }));
const userId = userInfo().uid;

function make(name: string, temporaryFolders = [root]): Promise<RunFolder> {
  return createRunFolder({
    temporaryFolders,
    userId,
    name,
    random: seededRandom(name.length),
  });
}

test("createRunFolder() makes private folders", async () => {
  const folder = await make("word_count");
  expect(folder.path).toMatch(new RegExp(`^${root}/heron-bin-${userId}/word_count-[0-9a-f]{6}$`));
  for (const path of [folder.path, folder.sockets, folder.state, folder.topology, folder.logs]) {
    expect((await stat(path)).mode & 0o777).toBe(0o700);
  }
});

test("createRunFolder() closes a home that others may read", async () => {
  const home = join(root, `heron-bin-${userId}`);
  await mkdir(home, { recursive: true });
  await chmod(home, 0o755);
  await make("open");
  expect((await stat(home)).mode & 0o777).toBe(0o700);
});

test("createRunFolder() refuses a home that is a link", async () => {
  const other = join(root, "other");
  await mkdir(other);
  await symlink(root, join(other, `heron-bin-${userId}`));
  expect(make("linked", [other])).rejects.toThrow("is no folder of user");
});

test("createRunFolder() passes over folders too long for sockets", async () => {
  const long = join(root, "x".repeat(80));
  expect((await make("second", [long, root])).path).toStartWith(`${root}/heron-bin-`);
  expect(make("none", [long])).rejects.toThrow("too long for unix sockets");
});

test("removeAllButLogs() keeps the logs only, removeRunFolder() nothing", async () => {
  const folder = await make("removed");
  await writeFile(folder.secret, "s");
  await writeFile(join(folder.logs, "tm.log"), "l");
  await removeAllButLogs(folder);
  expect(await readdir(folder.path)).toEqual(["logs"]);
  expect(await readdir(folder.logs)).toEqual(["tm.log"]);
  await removeRunFolder(folder);
  expect(stat(folder.path)).rejects.toThrow();
});
