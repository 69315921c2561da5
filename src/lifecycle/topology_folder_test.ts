/** Tests of the folder of a new topology, on real files in a throw-away folder. */

import { afterAll, expect, test } from "bun:test";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTopologyFolder } from "./topology_folder.ts";

const root = await mkdtemp(join(tmpdir(), "heron-bin-folder-"));
afterAll(() => rm(root, { recursive: true }));

const FILES = {
  "README.md": "# word-count\n",
  "topology.ts": 'export const name = "word-count";\n',
  "types/heron-bin.d.ts": "/** As in word-count. */\nexport {};\n",
};

async function parent(name: string): Promise<string> {
  const path = join(root, name);
  await mkdir(path);
  return path;
}

test("createTopologyFolder() writes the files with the topology's name in them", async () => {
  const name = 'my word-count "2"';
  const made = await createTopologyFolder({ name, parent: await parent("fresh"), files: FILES });
  expect(made).toEqual({
    path: join(root, "fresh", name),
    written: ["README.md", "topology.ts", "types/heron-bin.d.ts"],
    kept: [],
  });
  expect(await readFile(join(made.path, "README.md"), "utf8")).toBe(`# ${name}\n`);
  const code = await readFile(join(made.path, "topology.ts"), "utf8");
  expect(code).toBe(`export const name = ${JSON.stringify(name)};\n`);
  expect(await readFile(join(made.path, "types/heron-bin.d.ts"), "utf8"))
    .toBe(FILES["types/heron-bin.d.ts"]);
});

test("createTopologyFolder() takes an empty folder, and refuses one with files or a file", async () => {
  const home = await parent("taken");
  for (const name of ["empty", "full"]) await mkdir(join(home, name));
  for (const name of ["d", "b", "a", "c"]) await writeFile(join(home, "full", name), "");
  await writeFile(join(home, "file"), "");
  const options = { parent: home, files: FILES };
  expect((await createTopologyFolder({ ...options, name: "empty" })).written.length).toBe(3);
  expect(createTopologyFolder({ ...options, name: "full" })).rejects.toMatchObject({
    code: "already_exists",
    message: expect.stringContaining('Make "full": the folder has files ("a", "b", "c", …)'),
  });
  expect(createTopologyFolder({ ...options, name: "file", force: true })).rejects.toMatchObject({
    code: "already_exists",
    message: 'Make "file": there is a file of that name',
  });
});

test("createTopologyFolder() by force keeps the user's files and renews its own", async () => {
  const home = await parent("force");
  const path = join(home, "mine");
  await mkdir(join(path, "types"), { recursive: true });
  await writeFile(join(path, "topology.ts"), "mine");
  await writeFile(join(path, "types/heron-bin.d.ts"), "old");
  const made = await createTopologyFolder({
    name: "mine",
    parent: home,
    files: FILES,
    force: true,
  });
  expect(made.written).toEqual(["README.md", "types/heron-bin.d.ts"]);
  expect(made.kept).toEqual(["topology.ts"]);
  expect(await readFile(join(path, "topology.ts"), "utf8")).toBe("mine");
  expect(await readFile(join(path, "types/heron-bin.d.ts"), "utf8"))
    .toBe(FILES["types/heron-bin.d.ts"]);
});

test("createTopologyFolder() refuses what is no name of a topology", async () => {
  const home = await parent("names");
  for (const name of ["", " ", "..", "a/b", "a\\b", "a.b", "a\nb", "x".repeat(101)]) {
    expect(createTopologyFolder({ name, parent: home, files: FILES })).rejects.toMatchObject({
      code: "usage",
      message: expect.stringMatching(/^Make a topology: its name /),
    });
  }
});
