/** What Slurm gives a job, and takes from it: its devices and names, its time, its options. */

import { afterAll, beforeAll, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { topologyFile } from "../e2e/live_run.ts";
import { waitFor } from "../infra/programs.ts";
import { type SlurmCluster, startSlurm } from "../infra/slurm.ts";
import { PATIENCE_MS, SlurmHome } from "./slurm_home.ts";

const TEST_MS = 6 * PATIENCE_MS;
/** What tasks have besides; the last one is Slurm's as well. */
const LISTED = ["PATH", "HOME", "LANG", "TZ", "USER", "TMPDIR"];
const COUNTING = topologyFile("counting");

let folder = "";
let slurm: SlurmCluster;
beforeAll(async () => {
  folder = await mkdtemp("/tmp/hb-prolog-");
  await chmod(folder, 0o755);
  // As a cluster does it that hands out devices.
  const prolog = join(folder, "prolog");
  const lines = ["#!/bin/sh", "echo export CUDA_VISIBLE_DEVICES=1", "echo export NOT_OURS=1", ""];
  await writeFile(prolog, lines.join("\n"), { mode: 0o755 });
  slurm = await startSlurm({
    ...{ nodes: 2, cpus: 4, ramMib: 16_000, lines: [`TaskProlog=${prolog}`] },
  });
}, 300_000);
afterAll(async () => {
  await slurm[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
}, 60_000);

test(
  "tasks know their job, their node and their devices, and nothing else of the machine",
  async () => {
    using home = new SlurmHome(slurm);
    await home.succeed("submit", "slurm", topologyFile("place"));
    const { job } = await home.untilState("place", "running");
    const printed = (await home.succeed("logs", "slurm", "place", "looker")).trim().split("\n");
    const found = printed.map((line): Record<string, string> => {
      return JSON.parse(line.replace(/^looker\[\d\] /, ""));
    });
    expect(found.length).toBe(2);
    for (const variables of found) {
      expect(variables).toMatchObject({
        CUDA_VISIBLE_DEVICES: "1",
        SLURM_JOB_ID: job?.id ?? "",
        SLURM_JOB_NAME: expect.any(String),
        SLURM_NODEID: "0",
        SLURM_PROCID: "0",
        SLURM_STEP_ID: expect.stringMatching(/^\d+$/),
        SLURM_CPUS_PER_TASK: expect.stringMatching(/^\d+$/),
      });
      const others = Object.keys(variables).filter((name) => !/^SLURMD?_|^CUDA_/.test(name));
      expect(others.filter((name) => !LISTED.includes(name))).toEqual([]);
    }
    // Nodes are as large as one container.
    expect(found.map(({ SLURMD_NODENAME }) => SLURMD_NODENAME).sort()).toEqual(["n1", "n2"]);
    await home.succeed("kill", "slurm", "place");
    await home.expectNothingLeft();
  },
  TEST_MS,
);

test("a job whose time is over ends with that reason, and is restarted", async () => {
  using home = new SlurmHome(slurm);
  // Its jobs may run for a minute.
  await home.succeed("submit", "slurm", "--slurm", "partition=short", COUNTING, home.data);
  const { job, reason } = await home.untilState("counting", "running");
  expect(job?.secondsLeft).toBeWithin(1, 61);
  expect(reason).toMatch(/^job \d+: it runs, on n\S+, (\d+ s|1 min) left$/);
  expect(await home.succeed("describe", "slurm", "counting")).toMatch(/ left\n/);
  const ended = await home.untilState("counting", "failed", "dead");
  const words = `job ${job?.id}: it ran out of its time limit (TimeLimit); ask for more time`;
  expect(ended.reason).toBe(`the system asked its scheduler to end (SIGTERM); ${words}`);
  await waitFor("the job to be gone", async () => (await home.jobs()).length === 0, PATIENCE_MS);
  expect(home.processes).toEqual([]);
  await home.succeed("restart", "slurm", "--slurm", "partition=main", "counting");
  const again = await home.untilState("counting", "running");
  expect(again.job?.id).not.toBe(job?.id);
  // A partition without a limit gives a year.
  expect(again.job?.secondsLeft).toBeGreaterThan(3600);
  await home.untilFlowing(1);
  await home.succeed("kill", "slurm", "counting");
  await home.expectNothingLeft();
}, TEST_MS);

test("the metrics of each node go to the sinks of the cluster", async () => {
  using home = new SlurmHome(slurm);
  const metrics = join(home.data, "metrics");
  const sink = [`folder=${metrics}`, "flush.interval=1s"]
    .flatMap((setting) => ["--config", `metrics.sinks.file-sink.${setting}`]);
  await home.succeed("submit", "slurm", ...sink, topologyFile("place"));
  const wanted = [0, 1, 2].map((id) => join(metrics, `place/metricsmgr-${id}.json.1`));
  await waitFor("a second file of each", () => wanted.every((path) => existsSync(path)));
  await home.succeed("kill", "slurm", "place");
  await home.expectNothingLeft();
}, TEST_MS);

test(
  "what --slurm says arrives at Slurm, and all that is wrong is told before anything is written",
  async () => {
    using home = new SlurmHome(slurm);
    const options = [
      ...["partition=main", "time=90m", "exclude=n2", "job-name=a b", "mail.user=ann"],
      ...["mail-type=FAIL", "containers.per.node=1", "extra.lines=#SBATCH --nice=7"],
    ].flatMap((option) => ["--slurm", option]);
    const words = ["--containers", "1", topologyFile("place")];
    await home.succeed("submit", "slurm", ...options, ...words);
    const [job = ""] = await home.jobs();
    const { stdout } = await slurm.run([
      ...["scontrol", "--oneliner", "show", "job", job.split(" ")[0] ?? ""],
    ]);
    for (const fact of ["JobName=a b", "TimeLimit=01:30:00", "Nice=7", "ExcNodeList=n2"]) {
      expect(stdout).toContain(fact);
    }
    expect(stdout).toMatch(/ Partition=main .*MailUser=ann MailType=FAIL/);
    await home.succeed("kill", "slurm", "place");
    const wrong = ["partion=x", "time=never", "gres=a b", "mail.type=SOON", "qos=\"'"]
      .flatMap((option) => ["--slurm", option]);
    const { exitCode, stderr } = await home.call("submit", "slurm", ...wrong, ...words);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('Read cluster "slurm": 5 faults');
    await home.expectNothingLeft();
  },
  TEST_MS,
);
