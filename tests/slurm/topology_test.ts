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
    await home.expectNothingLeft();
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
  await home.expectNothingLeft();
}, TEST_MS);

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
    await home.expectNothingLeft();
  }
}, TEST_MS);
