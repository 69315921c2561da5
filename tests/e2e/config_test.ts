/** `heron-bin config` as users meet it: files, variables, flags, faults. */

import { afterAll, expect, test } from "bun:test";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { BINARY, type BinaryResult } from "./binary.ts";

const TEST_MS = 60_000;
const root = await mkdtemp("/tmp/hb-config-");
afterAll(() => rm(root, { recursive: true }));
const home = join(root, "home");
const clusters = join(home, ".heron-bin/clusters");
await mkdir(clusters, { recursive: true });
await writeFile(
  join(clusters, "slurm.yaml"),
  `scheduler:
  folder: \${SCRATCH}/topologies
  slurm:
    partition: main
internals.heron.logging.directory: logs
`,
);

/** Calls `heron-bin config`; `environment` on top of a home folder. */
async function config(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<BinaryResult> {
  const child = Bun.spawn([BINARY, "config", ...args], {
    cwd: root,
    env: { PATH: process.env["PATH"] ?? "", HOME: home, SCRATCH: "/scratch", ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [stdout, stderr, exitCode] = await Promise.all([
    child.stdout.text(),
    child.stderr.text(),
    child.exited,
  ]);
  return { stdout, stderr, exitCode };
}

test("config shows the cluster local, in columns, with the user as its role", async () => {
  const { stdout, stderr, exitCode } = await config([]);
  expect([exitCode, stderr]).toEqual([0, ""]);
  // The binary has no variable USER here.
  const user = Bun.spawnSync(["id", "-un"]).stdout.toString().trim();
  expect(stdout).toStartWith(
    `cluster local, role ${user}, environ default: no file of its own\n\nKEY `,
  );
  const state = `${home}/.heron-bin/state/local`;
  expect(stdout).toMatch(new RegExp(`^state\\.root +${state} +default$`, "m"));
  expect(stdout).not.toContain("scheduler.slurm");
  const [head = "", ...rows] = stdout.trimEnd().split("\n").slice(2);
  expect(rows.length).toBeGreaterThan(40);
  const [value, from] = [head.indexOf("VALUE"), head.indexOf("FROM")];
  for (const row of rows) {
    expect(row).toMatch(new RegExp(`^.{${value - 1}} \\S.{${from - value - 2}} \\S`));
  }
}, TEST_MS);

test("config lays file and flags on a cluster, and tells where each value comes from", async () => {
  const file = join(clusters, "slurm.yaml");
  const args = ["slurm/ann/prod", "--changed", "--slurm", "time=1h", "--config", "state.root=~/s"];
  const { stdout, stderr, exitCode } = await config(args);
  expect(exitCode).toBe(0);
  const lines = stdout.split("\n").map((line) => line.replaceAll(/ {2,}/g, " | "));
  expect(lines).toEqual([
    `cluster slurm, role ann, environ prod: ${file}`,
    "",
    "KEY | VALUE | FROM",
    "scheduler.type | slurm | built-in cluster slurm",
    `scheduler.folder | /scratch/topologies | ${file}:2`,
    `scheduler.slurm.partition | main | ${file}:4`,
    "scheduler.slurm.time.limit | 01:00:00 | --slurm",
    `state.root | ${home}/s | --config`,
    "",
  ]);
  expect(stderr).toStartWith(
    `heron-bin: ${file}:5 "internals.heron.logging.directory": changes nothing here: `,
  );
}, TEST_MS);

test("config --json tells the same as data", async () => {
  const { stdout, stderr, exitCode } = await config(["slurm", "--json", "--changed"]);
  expect([exitCode, stderr]).toEqual([0, ""]);
  const told = JSON.parse(stdout);
  expect(told).toMatchObject({ cluster: "slurm", environ: "default" });
  expect(told.warnings).toHaveLength(1);
  expect(told.values).toContainEqual({
    key: "scheduler.slurm.partition",
    value: "main",
    default: null,
    from: { type: "file", file: join(clusters, "slurm.yaml"), line: 4 },
  });
}, TEST_MS);

test("HERON_BIN_CONF names the folder of clusters, --config-path before it", async () => {
  for (const name of ["one", "two"]) {
    await mkdir(join(root, name));
    await writeFile(join(root, name, "mine.yaml"), `scheduler.type: local\nstate.root: /${name}\n`);
  }
  const fromVariable = await config(["mine", "--changed"], { HERON_BIN_CONF: join(root, "one") });
  expect(fromVariable.stdout).toContain(`${root}/one/mine.yaml:2`);
  const fromFlag = await config(["mine", "--changed", "--config-path", "two"], {
    HERON_BIN_CONF: join(root, "one"),
  });
  expect(fromFlag.stdout).toMatch(/state\.root +\/two +two\/mine\.yaml:2/);
}, TEST_MS);

test("config refuses in a line what is wrong, and tells all faults of a file", async () => {
  await writeFile(join(clusters, "bad.yaml"), "scheduler.typ: local\nstate: {type: zookeeper}\n");
  const file = join(clusters, "bad.yaml");
  expect(await config(["bad"])).toEqual({
    exitCode: 2,
    stdout: "",
    stderr: `heron-bin: Read cluster "bad": 3 faults
  ${file}:1 "scheduler.typ": found no such key, expected "scheduler.type"?
  ${file}:2 "state.type": found "zookeeper", expected "local_fs": this version has no other yet
  default "scheduler.type": found nothing, expected "local" or "slurm"
`,
  });
  const cases: readonly (readonly [args: readonly string[], exitCode: number, said: string])[] = [
    [["slurn"], 5, 'expected one of bad, local, slurm (did you mean "slurm"?)'],
    [["../x"], 2, 'found "..", expected letters'],
    [["a/b/c/d"], 2, "found 4 names, expected CLUSTER[/ROLE[/ENVIRON]]"],
    [["local", "--config-path", "none"], 5, 'there is no folder "none" (--config-path)'],
    [["local", "--slurm", "qos=x"], 2, 'found the scheduler "local", expected "slurm"'],
    [["local", "more"], 2, "too many arguments"],
    [["local", "--config", "state.rot=/x"], 2, 'expected "state.root"?'],
  ];
  for (const [args, exitCode, said] of cases) {
    const result = await config(args);
    expect({ args, exitCode: result.exitCode, stdout: result.stdout })
      .toEqual({ args, exitCode, stdout: "" });
    expect(result.stderr).toContain(said);
    expect(result.stderr.trimEnd().split("\n")).toHaveLength(1);
  }
}, TEST_MS);
