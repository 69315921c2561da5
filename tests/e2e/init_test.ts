/**
 * `heron-bin init` from an empty folder on: what it makes compiles with
 * nothing else installed, is checked, tested and runs, and mistakes are told.
 */

import { afterAll, expect, test } from "bun:test";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runBinary } from "./binary.ts";
import { ROOT } from "../support/repository.ts";

const TEST_MS = 180_000;
const root = await mkdtemp("/tmp/hb-init-");
afterAll(() => rm(root, { recursive: true }));

async function parent(name: string): Promise<string> {
  const path = join(root, name);
  await mkdir(path);
  return path;
}

/** What the compiler says in `folder`, with no package around it. */
async function compile(folder: string): Promise<string> {
  const tsc = join(ROOT, "node_modules/.bin/tsc");
  const child = Bun.spawn([tsc, "--noEmit", "--pretty", "false"], {
    cwd: folder,
    stdio: ["ignore", "pipe", "inherit"],
  });
  return await child.stdout.text();
}

test("init makes a topology that compiles, is checked, passes its test and runs", async () => {
  const home = await parent("fresh");
  const made = await runBinary(["init", "my-words"], { cwd: home });
  expect(made).toMatchObject({ exitCode: 0, stderr: "" });
  expect(made.stdout).toContain('topology "my-words"');
  expect(made.stdout).toContain("wrote my-words/topology.ts");
  expect(made.stdout).toContain("cd my-words\n  heron-bin check topology.ts\n  heron-bin test\n");
  const folder = join(home, "my-words");
  const files = await readdir(folder, { recursive: true });
  expect(files.sort()).toEqual([
    ...["README.md", "topology.ts", "topology_test.ts", "tsconfig.json", "types"],
    ...["types/heron-bin-testing.d.ts", "types/heron-bin.d.ts"],
  ]);
  expect(await compile(folder)).toBe("");
  const checked = await runBinary(["check", "topology.ts"], { cwd: folder, temporary: root });
  expect(checked.stdout).toStartWith("topology my-words: 3 components");
  expect(checked.exitCode).toBe(0);
  const tested = await runBinary(["test"], { cwd: folder, temporary: root });
  expect(tested.stderr).toContain("\n 2 pass\n 0 fail\n");
  expect(tested.exitCode).toBe(0);
  const run = await runBinary(["run", "topology.ts", "b a b", "a b"], {
    cwd: folder,
    temporary: root,
  });
  expect(run.stdout.split("\n").map((line) => line.replace(/^count\[.\] /, "")).sort())
    .toEqual(["", "a 2", "b 3"]);
  expect(run.exitCode).toBe(0);
}, TEST_MS);

/** Mistakes in a file that `init` makes, and what the compiler says. */
const MISTAKES = [
  [
    "a wrong field",
    { file: "topology.ts", right: '(split, ["word"])', wrong: '(split, ["wrod"])' },
    `error TS2322: Type '"wrod"' is not assignable to type '"word"'`,
  ],
  [
    "a wrong name of the test kit",
    { file: "topology_test.ts", right: "topology.inputs(", wrong: "topology.input(" },
    "error TS2551: Property 'input' does not exist on type 'TestTopology'. Did you mean 'inputs'?",
  ],
  [
    "a wrong matcher",
    { file: "topology_test.ts", right: ".toBe(1)", wrong: ".toBee(1)" },
    "error TS2551: Property 'toBee' does not exist on type 'Matchers<number>'. Did you mean 'toBe'?",
  ],
] as const;

test.each(MISTAKES)(
  "init gives declarations by which %s is a fault",
  async (name, { file, right, wrong }, message) => {
    const home = await parent(name);
    await runBinary(["init", "wrong"], { cwd: home });
    const path = join(home, "wrong", file);
    const code = await readFile(path, "utf8");
    expect(code).toContain(right);
    await writeFile(path, code.replace(right, wrong));
    const said = await compile(join(home, "wrong"));
    expect(said).toMatch(/^topology(_test)?\.ts\(\d+,\d+\): error /);
    expect(said).toContain(message);
  },
  TEST_MS,
);

test(
  "init refuses a folder with files and a wrong name, and with --force keeps files",
  async () => {
    const home = await parent("taken");
    await mkdir(join(home, "taken"));
    await writeFile(join(home, "taken/topology.ts"), "mine");
    const refused = await runBinary(["init", "taken"], { cwd: home });
    expect(refused.exitCode).toBe(5);
    expect(refused.stderr).toContain('Make "taken": the folder has files ("topology.ts")');
    const forced = await runBinary(["init", "taken", "--force"], { cwd: home });
    expect(forced.stdout).toContain("kept  taken/topology.ts");
    expect(forced.exitCode).toBe(0);
    expect(await readFile(join(home, "taken/topology.ts"), "utf8")).toBe("mine");
    const named = await runBinary(["init", "../out"], { cwd: home });
    expect(named.exitCode).toBe(2);
    expect(named.stderr).toContain('its name "../out" contains "."');
    expect((await runBinary(["init"], { cwd: home })).exitCode).toBe(2);
    expect(await readdir(home)).toEqual(["taken"]);
  },
  TEST_MS,
);
