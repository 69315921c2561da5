import { afterAll, expect, test } from "bun:test";
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemRandom } from "../../base/mod.ts";
import { faultOf } from "../../../tests/support/submitted.ts";
import { createTopologyHome, removeTopologyHome } from "./topology_home.ts";

const root = await mkdtemp(join(tmpdir(), "heron-bin-home-"));
afterAll(() => rm(root, { recursive: true }));

function create(workingRoot: string) {
  return createTopologyHome({
    workingRoot,
    stateRoot: "/state",
    topologyName: "a b/ö",
    userId: process.getuid?.() ?? 0,
    random: systemRandom(),
  });
}

test("createTopologyHome() makes a folder for its owner alone, another each time", async () => {
  const workingRoot = join(root, "one/two");
  const [first, second] = [await create(workingRoot), await create(workingRoot)];
  expect(first.path).not.toBe(second.path);
  expect(first.path.slice(workingRoot.length)).toMatch(/^\/a_b__-[0-9a-f]{6}$/);
  expect((await stat(first.path)).mode & 0o777).toBe(0o700);
  expect((await readdir(first.path)).sort()).toEqual(["logs", "sockets"]);
});

test("createTopologyHome() says what is wrong with its place", async () => {
  const file = join(root, "file");
  await writeFile(file, "");
  expect(await faultOf(create(file))).toContain("Make a folder for topology");
});

test("removeTopologyHome() removes what has a job, and nothing else", async () => {
  const home = await create(join(root, "three"));
  expect(await faultOf(removeTopologyHome(home.path))).toStartWith('usage: Remove "');
  expect((await readdir(home.path)).length).toBe(2);
  await writeFile(home.job, "");
  await removeTopologyHome(home.path);
  await removeTopologyHome(home.path);
  const empty = join(root, "empty");
  await mkdir(empty);
  await removeTopologyHome(empty);
  expect((await readdir(root)).includes("empty")).toBe(false);
});
