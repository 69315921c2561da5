/**
 * What reaches the nodes of a job and what comes back from them: the binary that they lack, the logs of each
 * of them, and a folder that they do not see.
 */

import { afterAll, beforeAll, expect, test } from "bun:test";
import { copyFileSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { BINARY, resultOf } from "../e2e/binary.ts";
import { NOBODY } from "../e2e/cluster.ts";
import { topologyFile } from "../e2e/live_run.ts";
import { LogReader } from "../e2e/log_reader.ts";
import { SmallDisk } from "../e2e/small_disk.ts";
import { waitFor } from "../infra/programs.ts";
import { type SlurmCluster, startSlurm } from "../infra/slurm.ts";
import { nodeOf, PATIENCE_MS, SlurmHome } from "./slurm_home.ts";

const TEST_MS = 4 * PATIENCE_MS;
/** Who may enter the namespaces of another process. */
const ROOT = 0;
/** Room for the binary. */
const DISK_MIB = 300;

let slurm: SlurmCluster;
beforeAll(async () => {
  // A node has room for one container.
  slurm = await startSlurm({ nodes: 2, cpus: 4, ramMib: 16_000 });
}, 300_000);
afterAll(() => slurm[Symbol.asyncDispose](), 60_000);

/** Nothing runs and nothing is kept of what was submitted. */
async function expectNothing(home: SlurmHome): Promise<void> {
  await waitFor("the job to be gone", async () => (await home.jobs()).length === 0, PATIENCE_MS);
  expect(home.processes).toEqual([]);
  expect(home.files).toEqual([]);
  expect(slurm.jobProcesses()).toEqual([]);
}

test("nodes that lack the binary get it with the package, and so do all restarts", async () => {
  using home = new SlurmHome(slurm, ROOT);
  const folder = join(home.root, "bin");
  mkdirSync(folder);
  // Who submits sees this folder; no node does.
  await using disk = await SmallDisk.over(folder, DISK_MIB);
  copyFileSync(BINARY, join(disk.pathOf(folder), "heron-bin"));
  const program = [...home.program().slice(0, -1), ...disk.prefix, join(folder, "heron-bin")];
  const command = ["submit", "slurm", "--with-binary", topologyFile("counting"), home.data];
  const options = { cwd: home.root, env: { ...home.environment } };
  const submit = await resultOf(
    Bun.spawn([...program, ...command], { ...options, stdio: ["ignore", "pipe", "pipe"] }),
  );
  expect(submit).toMatchObject({ exitCode: 0 });
  expect(readdirSync(folder)).toEqual([]);
  const packed = join((await home.listed("counting"))?.folder ?? "", "heron-bin");
  const ofRole = (role: string) =>
    home.processes.find((one) =>
      one.commandLine[0] === packed && one.role === role &&
      (role === "scheduler" || one.container === 1)
    );
  for (const role of ["instance", "stmgr", "container", "scheduler"]) {
    for (const task of [1, 2]) await home.untilFlowing(task);
    await waitFor(`a ${role}`, () => ofRole(role) !== undefined, PATIENCE_MS);
    const { pid } = ofRole(role) ?? { pid: 0 };
    process.kill(pid, "SIGKILL");
    await waitFor(`the end of the ${role}`, () => home.processes.every((one) => one.pid !== pid));
  }
  for (const task of [1, 2]) await home.untilFlowing(task);
  await waitFor("another scheduler", () => ofRole("scheduler") !== undefined, PATIENCE_MS);
  await home.succeed("restart", "slurm", "counting", "2");
  for (const task of [1, 2]) await home.untilFlowing(task);
  const [job = ""] = await home.jobs();
  await slurm.run(["scancel", job.split(" ")[0] ?? ""]);
  await home.untilState("counting", "failed");
  // By another binary: the topology keeps its own.
  await home.succeed("restart", "slurm", "counting");
  for (const task of [1, 2]) await home.untilFlowing(task);
  expect(home.roles).toEqual([]);
  await home.succeed("kill", "slurm", "counting");
  await expectNothing(home);
}, TEST_MS);

test("logs finds and follows the files of each node, and ends with the job", async () => {
  using home = new SlurmHome(slurm, NOBODY);
  await home.succeed("submit", "slurm", "--containers", "2", topologyFile("talking"), home.data);
  const follow = (...of: readonly string[]) =>
    new LogReader([...home.program(), "logs", "-f", "slurm", "talking", ...of], {
      cwd: home.root,
      env: home.environment,
    });
  const readers = [follow(), follow("talk"), follow("talk[1]"), follow("container-2")];
  const [all, component, task, role] = readers;
  for (const number of [0, 1]) {
    const isOfTask = (line: string) => line.startsWith(`talk[${number}] `);
    await all?.untilMore("both tasks", isOfTask);
    await component?.untilMore("both tasks", isOfTask);
  }
  await task?.untilMore("its numbers", (line) => /^\d+$/.test(line));
  const instances = home.roles.filter(({ role }) => role === "instance");
  expect(new Set(instances.map(({ pid }) => nodeOf(pid))).size).toBe(2);
  const second = instances.find((one) => one.container === 2 && one.task === 2)?.pid ?? 0;
  process.kill(second, "SIGKILL");
  await task?.untilMore("the next life", (line) => /^begin \d+$/.test(line));
  await role?.untilLine(
    "what the container says of it",
    (line) => line.includes("process ended unasked") && line.includes(String(second)),
  );
  const [job = ""] = await home.jobs();
  await slurm.run(["scancel", job.split(" ")[0] ?? ""]);
  for (const reader of readers) {
    const { exitCode, stderr } = await reader.end();
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(
      /^heron-bin: topology "talking" is failed: the system asked its scheduler to end \(SIGTERM\).*\n$/,
    );
  }
  await home.succeed("kill", "slurm", "talking");
  await expectNothing(home);
}, TEST_MS);

test("a folder that the nodes do not see is told, and nothing is left", async () => {
  using home = new SlurmHome(slurm, ROOT);
  const folder = join(home.root, "local");
  mkdirSync(folder);
  await using disk = await SmallDisk.over(folder, DISK_MIB);
  const { exitCode, stderr } = await resultOf(Bun.spawn([
    ...home.program(...disk.prefix),
    ...["submit", "slurm", "--config", `scheduler.folder=${folder}`],
    ...[topologyFile("counting"), home.data],
  ], { cwd: home.root, env: { ...home.environment }, stdio: ["ignore", "pipe", "pipe"] }));
  expect(stderr).toContain(`do all nodes see "${folder}`);
  expect(exitCode).toBe(6);
  await expectNothing(home);
}, TEST_MS);

test(
  "doctor tells of Slurm what it has, what it keeps, and jobs that are of no topology",
  async () => {
    using home = new SlurmHome(slurm, NOBODY);
    const job = await slurm.run([
      ...["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups"],
      ...["sbatch", "--parsable", "--chdir=/", "--output=/dev/null", "--comment=heron-bin lost-1"],
      "--wrap=sleep 1000",
    ]);
    const id = job.stdout.trim();
    const { exitCode, stdout, stderr } = await home.call("doctor", "slurm");
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toContain(
      "  ok     Slurm's commands: sbatch, squeue, scancel, srun are there (slurm",
    );
    expect(stdout).toContain(
      `  ok     Slurm's queue: it answers; 1 jobs of "nobody", 1 of them of heron-bin`,
    );
    expect(stdout).toContain(
      `  ok     Slurm's partition: "main" is up, 2 nodes, time limit infinite`,
    );
    expect(stdout).toContain("  hint   Slurm's accounts: sacct does not answer");
    const wrong = await home.call("doctor", "slurm", "--slurm", "partition=nope");
    expect(wrong.exitCode).toBe(5);
    expect(wrong.stdout).toContain(`there is no "nope"\n         name one of main, short as`);
    // A store that nobody has used yet has no topologies: the job may be of another.
    await home.succeed("submit", "slurm", topologyFile("idle"));
    expect(await home.succeed("doctor", "slurm")).toContain(
      `"heron-bin lost-1") is of no topology that this cluster has\n         "scancel ${id}" ends it`,
    );
    await slurm.run(["scancel", id]);
    await home.succeed("kill", "slurm", "idle");
    await expectNothing(home);
  },
  TEST_MS,
);
