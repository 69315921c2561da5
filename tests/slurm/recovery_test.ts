/** Whatever of a topology is killed on a real Slurm comes back, tuples flow again and none is lost. */

import { afterAll, beforeAll, test } from "bun:test";
import { type SlurmCluster, startSlurm } from "../infra/slurm.ts";
import { killAndWait, submitCounting, TASKS, VICTIMS } from "./recovery.ts";
import { PATIENCE_MS, SlurmHome } from "./slurm_home.ts";

const TEST_MS = 4 * PATIENCE_MS;

let slurm: SlurmCluster;
beforeAll(async () => {
  slurm = await startSlurm({ nodes: 4, cpus: 16, ramMib: 64_000 });
}, 300_000);
afterAll(() => slurm[Symbol.asyncDispose](), 60_000);

test("tuples flow again, and none is lost, whatever is killed", async () => {
  using home = new SlurmHome(slurm);
  await submitCounting(home);
  const times: string[] = [];
  for (const victim of VICTIMS) {
    times.push(`${victim} ${Math.round(await killAndWait(home, slurm, victim))} ms`);
  }
  console.log(`from the kill until tuples flow again: ${times.join(", ")}`);
  for (const task of TASKS) await home.expectNoneLost(task);
  await home.succeed("kill", "slurm", "counting");
  await home.expectNothingLeft();
}, TEST_MS);

test(
  "a container that ended together with the scheduler is missed at once by the next one",
  async () => {
    using home = new SlurmHome(slurm);
    // Who waited for that would wait for longer than this test.
    await submitCounting(home, "--config", "internals.supervisor.grace.ms=3600000");
    const scheduler = await home.process("scheduler");
    const container = await home.process("container", 1);
    // Stopped, it sees nothing of the end of the other.
    process.kill(scheduler.pid, "SIGSTOP");
    process.kill(container.pid, "SIGKILL");
    process.kill(scheduler.pid, "SIGKILL");
    for (const task of TASKS) await home.untilFlowing(task);
    for (const task of TASKS) await home.expectNoneLost(task);
    await home.succeed("kill", "slurm", "counting");
    await home.expectNothingLeft();
  },
  TEST_MS,
);
