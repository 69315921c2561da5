/**
 * Topologies that wait in the queue of a real Slurm: submit leaves them there, each command says so,
 * and they run, or are killed, without it.
 */

import { afterAll, beforeAll, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { topologyFile } from "../e2e/live_run.ts";
import { type SlurmCluster, startSlurm } from "../infra/slurm.ts";
import { PATIENCE_MS, SlurmHome } from "./slurm_home.ts";

const TEST_MS = 4 * PATIENCE_MS;
const COUNTING = topologyFile("counting");
const WORDS = topologyFile("acked_word_count");
const WORDS_NAME = "acked-word-count";
const RESOURCES = "it waits for nodes, CPUs or memory to become free (Resources)";

let slurm: SlurmCluster;
beforeAll(async () => {
  slurm = await startSlurm({ nodes: 1, cpus: 16, ramMib: 64_000 });
}, 300_000);
afterAll(() => slurm[Symbol.asyncDispose](), 60_000);

/** Takes the node for a topology that runs. */
async function occupy(home: SlurmHome): Promise<void> {
  const whole = "extra.lines=#SBATCH --exclusive";
  await home.succeed("submit", "slurm", "--slurm", whole, COUNTING, home.data);
}

/** What a topology counts. */
function writeWords(home: SlurmHome): string {
  const text = join(home.data, "text");
  writeFileSync(text, Array.from({ length: 200 }, (_, at) => `one two${at % 7} three`).join("\n"));
  return text;
}

test(
  "submit leaves a topology in the queue, where it is seen, and it runs when its turn comes",
  async () => {
    using home = new SlurmHome(slurm);
    await occupy(home);
    const words = [WORDS, writeWords(home), "0", "30"];
    const json = await home.succeed("submit", "slurm", "--json", "--wait", "2s", ...words);
    const submitted: Record<string, unknown> = JSON.parse(json);
    const { job, reason } = submitted;
    expect(submitted).toMatchObject({ topology: WORDS_NAME, state: "queued" });
    expect(job).toEqual({ id: expect.stringMatching(/^\d+$/), nodes: "" });
    expect(reason).toEndWith(RESOURCES);
    expect(await home.listed(WORDS_NAME)).toMatchObject({ state: "queued", reason, job });
    expect(await home.succeed("list", "slurm")).toContain(`  ${String(reason)}\n`);
    expect(await home.succeed("describe", "slurm", WORDS_NAME)).toContain(RESOURCES);
    expect(await home.succeed("doctor", "slurm")).toContain(`queued: ${String(reason)}`);
    const logs = await home.call("logs", "slurm", WORDS_NAME, "scheduler");
    expect([logs.exitCode, logs.stdout]).toEqual([0, ""]);
    expect(logs.stderr).toContain(`there are no logs yet, it is queued: ${String(reason)}`);
    const restarted = await home.call("restart", "slurm", WORDS_NAME);
    expect(restarted.exitCode).toBe(5);
    expect(restarted.stderr).toContain(`it is queued (${String(reason)}), expected it to run`);
    // It begins as it was asked to, once it does.
    const kept = await home.succeed("deactivate", "slurm", WORDS_NAME);
    expect(kept).toContain(`(it is queued, and begins so: ${String(reason)})`);
    expect(await home.succeed("deactivate", "slurm", WORDS_NAME)).toContain("already");
    await home.succeed("kill", "slurm", "counting");
    await home.untilState(WORDS_NAME, "deactivated");
    await home.succeed("activate", "slurm", WORDS_NAME);
    const ended = await home.untilState(WORDS_NAME, "ended", "failed", "dead");
    expect(ended.reason).toBe("all its tasks have ended");
    const counted = await home.succeed("logs", "slurm", WORDS_NAME, "count", "--lines", "1000");
    expect(counted.trim().split("\n").map((line) => line.replace(/^count\[\d\] /, "")).sort())
      .toEqual(["one\t200", "three\t200", "two\t200"]);
    await home.succeed("kill", "slurm", WORDS_NAME);
    await home.expectNothingLeft();
  },
  TEST_MS,
);

test("a topology is killed in the queue, and nothing is left", async () => {
  using home = new SlurmHome(slurm);
  await occupy(home);
  const told = await home.succeed(
    ...["submit", "slurm", "--wait", "1s", WORDS, writeWords(home), "0", "30"],
  );
  expect(told).toContain(`Successfully launched topology: ${WORDS_NAME} (queued: 6 tasks in `);
  const again = await home.call("submit", "slurm", WORDS, writeWords(home));
  expect(again.exitCode).toBe(5);
  const startedMs = performance.now();
  await home.succeed("kill", "slurm", WORDS_NAME);
  // What cannot read that it is to end is not waited for.
  expect(performance.now() - startedMs).toBeLessThan(10_000);
  expect(await home.listed(WORDS_NAME)).toBeUndefined();
  expect((await home.jobs()).length).toBe(1);
  await home.succeed("kill", "slurm", "counting");
  await home.expectNothingLeft();
}, TEST_MS);

test("a job that is put back into the queue is queued there, and runs again", async () => {
  using home = new SlurmHome(slurm);
  await home.succeed("submit", "slurm", COUNTING, home.data);
  const { job } = await home.untilState("counting", "running");
  await slurm.run(["scontrol", "requeuehold", job?.id ?? ""]);
  const { reason } = await home.untilState("counting", "queued");
  expect(reason).toMatch(/is held.*scontrol release/);
  await slurm.run(["scontrol", "release", job?.id ?? ""]);
  await home.untilState("counting", "running");
  await home.untilFlowing(1);
  await home.succeed("kill", "slurm", "counting");
  await home.expectNothingLeft();
}, TEST_MS);

test("a job that only somebody else could start is refused, and leaves nothing", async () => {
  using home = new SlurmHome(slurm);
  const limits = ["--slurm", "partition=short", "--slurm", "time.limit=2h"];
  for (
    const [options, text] of [
      [["--slurm", "extra.lines=#SBATCH --hold"], "it is held by its user (JobHeldUser)"],
      [limits, "its time limit is above that of the partition"],
    ] as const
  ) {
    const refused = await home.call("submit", "slurm", ...options, COUNTING, home.data);
    expect(refused.stderr).toContain(text);
    expect(refused.exitCode).toBe(2);
    await home.expectNothingLeft();
  }
}, TEST_MS);
