/**
 * Topologies of the compiled binary on a real Slurm: submitted, seen, hurt, ended from inside and
 * from outside, and nothing left of them.
 */

import { afterAll, beforeAll, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { topologyFile } from "../e2e/live_run.ts";
import { type SlurmCluster, startSlurm } from "../infra/slurm.ts";
import { waitFor } from "../infra/programs.ts";
import { PATIENCE_MS, SlurmHome } from "./slurm_home.ts";

const TEST_MS = 4 * PATIENCE_MS;
const COUNTING = topologyFile("counting");
/** A user without rights. */
const NOBODY = 65_534;

let slurm: SlurmCluster;
beforeAll(async () => {
  slurm = await startSlurm({ nodes: 4, cpus: 16, ramMib: 64_000 });
}, 300_000);
afterAll(() => slurm[Symbol.asyncDispose](), 60_000);

/** Nothing runs and nothing is kept of what was submitted. */
async function expectNothingLeft(home: SlurmHome): Promise<void> {
  await waitFor("the job to be gone", async () => (await home.jobs()).length === 0, PATIENCE_MS);
  expect(home.processes).toEqual([]);
  expect(home.files).toEqual([]);
  expect(slurm.jobProcesses()).toEqual([]);
}

test.each([0, NOBODY])(
  "a topology of user %d runs, counts each word, and is killed",
  async (userId) => {
    using home = new SlurmHome(slurm, userId);
    const text = join(home.data, "text");
    const lines = Array.from({ length: 300 }, (_, index) => `one two${index % 7} three`);
    writeFileSync(text, lines.join("\n"));
    const file = topologyFile("acked_word_count");
    await home.succeed("submit", "slurm", "--containers", "3", file, text, "0", "30");
    const { reason } = await home.untilState("acked-word-count", "ended", "failed", "dead");
    expect(reason).toBe("all its tasks have ended");
    const counted =
      (await home.succeed("logs", "slurm", "acked-word-count", "count", "--lines", "1000"))
        .trim().split("\n").map((line) => line.replace(/^count\[\d\] /, "")).sort();
    expect(counted).toEqual(["one\t300", "three\t300", "two\t300"]);
    await home.succeed("kill", "slurm", "acked-word-count");
    await expectNothingLeft(home);
  },
  TEST_MS,
);

test(
  "tuples flow again after a kill -9 of an instance, a stream manager, a container and the scheduler",
  async () => {
    using home = new SlurmHome(slurm);
    await home.succeed("submit", "slurm", COUNTING, home.data);
    await home.untilFlowing(1);
    const { state, reason } = await home.untilState("counting", "running");
    expect(state).toBe("running");
    expect(reason).toMatch(/^job \d+: it runs, on n/);
    for (const role of ["instance", "stmgr", "container", "scheduler"]) {
      const { pid } = await home.process(role, role === "scheduler" ? undefined : 1);
      process.kill(pid, "SIGKILL");
      await waitFor(`the end of the ${role}`, () => home.processes.every((one) => one.pid !== pid));
      for (const task of [1, 2]) await home.untilFlowing(task);
    }
    await home.succeed("kill", "slurm", "counting");
    // At least once: none is missing.
    for (const task of [1, 2]) {
      const seen = new Set(home.seen(task));
      expect(Math.max(...seen) - seen.size).toBeLessThan(1);
    }
    await expectNothingLeft(home);
  },
  TEST_MS,
);

test("containers outlive their scheduler, and the next one adopts them", async () => {
  using home = new SlurmHome(slurm);
  await home.succeed("submit", "slurm", COUNTING, home.data);
  await home.untilFlowing(1);
  const roles = ["container", "stmgr", "instance", "tm"];
  const pids = () =>
    home.roles.filter(({ role }) => roles.includes(role)).map(({ pid }) => pid).sort();
  const before = pids();
  const { pid } = await home.process("scheduler");
  process.kill(pid, "SIGKILL");
  await waitFor(
    "another scheduler",
    () => home.processes.some((one) => one.role === "scheduler" && one.pid !== pid),
    PATIENCE_MS,
  );
  await home.untilFlowing(1);
  await home.untilState("counting", "running");
  expect(pids()).toEqual(before);
  await home.succeed("kill", "slurm", "counting");
  await expectNothingLeft(home);
}, TEST_MS);

test(
  "a job that is cancelled from outside is told with its reason, and killed as any other",
  async () => {
    using home = new SlurmHome(slurm);
    await home.succeed("submit", "slurm", COUNTING, home.data);
    await home.untilFlowing(1);
    const [job = ""] = await home.jobs();
    await slurm.run(["scancel", job.split(" ")[0] ?? ""]);
    const { reason } = await home.untilState("counting", "failed", "dead");
    expect(reason).toContain("SIGTERM");
    await waitFor("the job to be gone", async () => (await home.jobs()).length === 0, PATIENCE_MS);
    expect(home.processes).toEqual([]);
    await home.succeed("kill", "slurm", "counting");
    await expectNothingLeft(home);
  },
  TEST_MS,
);

test("a job that can never start is refused in words, and leaves nothing", async () => {
  using home = new SlurmHome(slurm);
  for (
    const [setting, text] of [
      ["partition=nope", "there is no such partition"],
      ["constraint=a100", "no node has the features"],
      ["exclude=n[1-4]", "no node"],
    ] as const
  ) {
    const { exitCode, stderr } = await home.call(
      ...["submit", "slurm", "--slurm", setting, COUNTING, home.data],
    );
    expect(stderr).toContain(text);
    expect(exitCode).toBe(2);
    await expectNothingLeft(home);
  }
}, TEST_MS);
