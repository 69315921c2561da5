/**
 * A job that somebody else ends or puts back into the queue, at each moment of its life: it is told why,
 * and nothing is left; or it runs again.
 */

import { afterAll, beforeAll, expect, test } from "bun:test";
import { topologyFile } from "../e2e/live_run.ts";
import { type SlurmCluster, startSlurm } from "../infra/slurm.ts";
import { waitFor } from "../infra/programs.ts";
import { submitCounting, TASKS } from "./recovery.ts";
import { PATIENCE_MS, SlurmHome } from "./slurm_home.ts";

const TEST_MS = 4 * PATIENCE_MS;
const COUNTING = topologyFile("counting");
const CANCELLED = "it was cancelled, by its user or by an administrator";

let slurm: SlurmCluster;
beforeAll(async () => {
  slurm = await startSlurm({ nodes: 4, cpus: 16, ramMib: 64_000 });
}, 300_000);
afterAll(() => slurm[Symbol.asyncDispose](), 60_000);

/** The number of the only job in that state. */
async function jobIn(home: SlurmHome, state: string): Promise<string> {
  let found: string | undefined;
  await waitFor(`a job that is ${state}`, async () => {
    found = (await home.jobs()).find((one) => one.endsWith(` ${state}`));
    return found !== undefined;
  }, PATIENCE_MS);
  return found?.split(" ")[0] ?? "";
}

test("a job that is cancelled in the queue fails its submit, which leaves nothing", async () => {
  using home = new SlurmHome(slurm);
  const blocker = await slurm.run([
    ...["sbatch", "--parsable", "--exclusive", "--nodes=4", "--output=/dev/null"],
    "--wrap=sleep 1000",
  ]);
  await jobIn(home, "RUNNING");
  const submitting = home.call("submit", "slurm", COUNTING, home.data);
  await slurm.run(["scancel", await jobIn(home, "PENDING")]);
  const { exitCode, stderr } = await submitting;
  expect(stderr).toContain(CANCELLED);
  expect(exitCode).not.toBe(0);
  await slurm.run(["scancel", blocker.stdout.trim()]);
  await home.expectNothingLeft();
}, TEST_MS);

test("a job that is cancelled while it starts fails its submit, which leaves nothing", async () => {
  using home = new SlurmHome(slurm);
  const submitting = home.call("submit", "slurm", COUNTING, home.data);
  await home.process("scheduler");
  await slurm.run(["scancel", await jobIn(home, "RUNNING")]);
  const { exitCode, stderr } = await submitting;
  expect(stderr).toContain("cancelled");
  expect(exitCode).not.toBe(0);
  await home.expectNothingLeft();
}, TEST_MS);

test(
  "a job that is cancelled while it runs is told with its reason, and killed as any other",
  async () => {
    using home = new SlurmHome(slurm);
    await submitCounting(home);
    await slurm.run(["scancel", await jobIn(home, "RUNNING")]);
    await home.untilState("counting", "failed", "dead");
    await waitFor("the job to be gone", async () => (await home.jobs()).length === 0, PATIENCE_MS);
    expect(home.processes).toEqual([]);
    home.forgetQueue();
    const { reason = "" } = await home.listed("counting") ?? {};
    expect(reason).toContain("SIGTERM");
    expect(reason).toContain(CANCELLED);
    await home.succeed("kill", "slurm", "counting");
    await home.expectNothingLeft();
  },
  TEST_MS,
);

test("a job that is cancelled while its topology is killed is gone with it", async () => {
  using home = new SlurmHome(slurm);
  await submitCounting(home);
  const job = await jobIn(home, "RUNNING");
  const killing = home.call("kill", "slurm", "counting");
  await waitFor(
    "its end to begin",
    async () => (await home.listed("counting"))?.state !== "running",
    PATIENCE_MS,
  );
  await slurm.run(["scancel", job]);
  expect(await killing).toMatchObject({ exitCode: 0, stderr: "" });
  await home.expectNothingLeft();
}, TEST_MS);

test("a job that is put back into the queue runs again from where it was", async () => {
  using home = new SlurmHome(slurm);
  await submitCounting(home);
  await slurm.run(["scontrol", "requeue", await jobIn(home, "RUNNING")]);
  await jobIn(home, "PENDING");
  expect(home.processes).toEqual([]);
  for (const task of TASKS) await home.untilFlowing(task);
  for (const task of TASKS) await home.expectNoneLost(task);
  const { reason } = await home.untilState("counting", "running");
  expect(reason).toMatch(/^job \d+: it runs, on n/);
  await home.succeed("kill", "slurm", "counting");
  await home.expectNothingLeft();
}, TEST_MS);
