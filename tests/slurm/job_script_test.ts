/**
 * Rendered job scripts on a real Slurm: what is asked for arrives as it was meant, whatever the
 * values hold; what cannot be is refused in words; a job is cancelled, requeued and forgotten.
 */

import { afterAll, beforeAll, expect, test } from "bun:test";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HeronError, systemClock } from "../../src/base/mod.ts";
import {
  cancelJob,
  createSlurmClient,
  type SlurmClient,
  type SlurmOptions,
  submitJob,
  wordsOfJob,
} from "../../src/scheduler/mod.ts";
import { waitFor } from "../infra/programs.ts";
import { type SlurmCluster, startSlurm } from "../infra/slurm.ts";

let cluster: SlurmCluster;
let client: SlurmClient;
let root: string;
let made = 0;

beforeAll(async () => {
  cluster = await startSlurm({ nodes: 2, cpus: 2, ramMib: 1000 });
  client = createSlurmClient({
    clock: systemClock,
    environment: cluster.environment,
    user: "root",
  });
  root = await mkdtemp(join(tmpdir(), "heron-bin-job-"));
}, 300_000);

afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
  await rm(root, { recursive: true });
}, 60_000);

/** A topology's folder with a scheduler that runs `body`, and the job that starts it. */
async function jobOf(body: string, options: SlurmOptions = {}, tasks = 2) {
  const folder = join(root, `it's $HOME #${++made}`);
  await mkdir(join(folder, "logs"), { recursive: true });
  const program = join(folder, "heron bin");
  await writeFile(program, `#!/bin/sh\n${body}\n`);
  await chmod(program, 0o755);
  const job = {
    topologyName: "words",
    topologyId: `words-${made}`,
    folder,
    command: [program, "scheduler", "--job", join(folder, "job")],
    size: { tasks, cpusPerTask: 2, ramMibPerCpu: 100, masterHasPlace: true },
    options,
  };
  const read = async (file: string): Promise<string> => {
    const found = Bun.file(join(folder, file));
    return await found.exists() ? await found.text() : "";
  };
  return { job, read, submit: () => submitJob(client, job, systemClock) };
}

async function stateOf(jobId: string): Promise<string | undefined> {
  return (await client.jobState(jobId))?.state;
}

test("a job runs in its folder with what it asked for, and nothing of the login", async () => {
  const { job, read, submit } = await jobOf(
    'echo "$PWD|$*" >told; env >>told; exit 0',
    {
      jobName: "a \"b\" \\ $(id) `id` 'c' #1",
      extraLines: ["#SBATCH --nice=7"],
      timeLimit: "60",
    },
  );
  const jobId = await submit();
  const described = await cluster.run(["scontrol", "--oneliner", "show", "job", jobId]);
  expect(described.stdout).toContain("JobName=a \"b\" \\ $(id) `id` 'c' #1 UserId");
  expect(described.stdout).toContain("TimeLimit=01:00:00");
  expect(described.stdout).toContain("NumCPUs=4");
  expect(described.stdout).toContain("mem=400M");
  expect(described.stdout).toContain("Nice=7");
  expect(described.stdout).toContain("Requeue=1");
  await waitFor("the job to end", async () => await stateOf(jobId) === "COMPLETED");
  const [first, ...environment] = (await read("told")).split("\n");
  expect(first).toBe(`${job.folder}|scheduler --job ${job.folder}/job`);
  expect(environment).toContain(`SLURM_JOB_ID=${jobId}`);
  expect(environment.filter((line) => /^(BUN_|NODE_OPTIONS)/.test(line))).toEqual([]);
});

test("SIGTERM reaches the scheduler before the job is killed, and the job is gone after", async () => {
  const { read, submit } = await jobOf(
    "trap 'echo ended >>told; exit 0' TERM; echo up >>told; while :; do sleep 0.1; done",
  );
  const jobId = await submit();
  await waitFor("the scheduler to run", async () => (await read("told")) === "up\n");
  expect(await cancelJob(client, jobId, systemClock)).toBe(true);
  expect(await read("told")).toBe("up\nended\n");
  expect(wordsOfJob((await client.jobState(jobId)) ?? { state: "", reason: "" }).text).toBe(
    "it was cancelled, by its user or by an administrator",
  );
  expect(await cancelJob(client, jobId, systemClock)).toBe(false);
});

test("a job that is requeued runs again, and its log goes on", async () => {
  const { read, submit } = await jobOf(
    'echo "run ${SLURM_RESTART_COUNT:-0}"; exec sleep 1000',
  );
  const jobId = await submit();
  await waitFor("the first run", async () => (await read("logs/job.log")).includes("run 0\n"));
  await cluster.run(["scontrol", "requeue", jobId]);
  await waitFor("the second run", async () => (await read("logs/job.log")).includes("run 1\n"));
  expect(await read("logs/job.log")).toContain("run 0\n");
  await cancelJob(client, jobId, systemClock);
}, 120_000);

/** What is asked for, in how many places, and what is said of it. */
const REFUSED: readonly (readonly [SlurmOptions, number, string])[] = [
  [{ partition: "nope" }, 2, "there is no such partition"],
  [
    { partition: "short", timeLimit: "2:00:00" },
    2,
    "its time limit is above that of the partition",
  ],
  [{ constraint: "a100" }, 2, "no node has the features of the constraint"],
  [{ gres: "gpu:1" }, 2, "there are no such generic resources"],
  [{ reservation: "none" }, 2, "there is no such reservation"],
  [{ exclude: "m[1-2]" }, 2, "a node to be left out does not exist"],
  [{}, 40, "it asks for more nodes, CPUs, memory or time than the partition has"],
];

test.each(REFUSED)(
  "a job that can never start is refused in words: %j",
  async (options, tasks, text) => {
    const { read, submit } = await jobOf("exit 0", options, tasks);
    let error: HeronError | undefined;
    try {
      await submit();
    } catch (thrown) {
      error = HeronError.from(thrown);
    }
    expect(error?.code).toBe("invalid_config");
    expect(error?.message).toContain(text);
    const { stdout } = await cluster.run(["squeue", "--noheader", "--format=%T"]);
    expect(stdout).toBe("");
    expect(await read("slurm_job")).toBe("");
  },
);

test("a controller that is down is said, and nothing is left", async () => {
  const { read, submit } = await jobOf("exit 0");
  await cluster.stopController();
  await expect(submit()).rejects.toThrow("Slurm's controller cannot be reached");
  expect(await read("slurm_job")).toBe("");
  await cluster.start();
  expect(await stateOf("999999")).toBeUndefined();
  expect(await cancelJob(client, "999999", systemClock)).toBe(false);
}, 120_000);

test("the scripts of jobs are what was rendered", async () => {
  const { job, submit } = await jobOf("exit 0");
  const jobId = await submit();
  const { stdout } = await cluster.run(["scontrol", "write", "batch_script", jobId, "-"]);
  expect(stdout).toContain(await readFile(join(job.folder, "job.sh"), "utf8"));
});
