import { expect, test } from "bun:test";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { HeronError, ManualClock } from "../../base/mod.ts";
import { createJobFolder, type JobFolder } from "../../../tests/support/job_folder.ts";
import { parseQueue } from "./job_state.ts";
import type { SlurmClient } from "./slurm_client.ts";
import { createSlurmLauncher } from "./slurm_launcher.ts";

/** A launcher whose Slurm has what `slurm.queue` says. */
function launcherIn({ path, jobFile }: JobFolder) {
  const clock = new ManualClock();
  const asked: string[] = [];
  const slurm = { queue: "", asked, isDown: false };
  const told = (what: string) => {
    asked.push(what);
    if (slurm.isDown) throw new HeronError("unavailable", "Ask Slurm: it is down");
    return slurm.queue;
  };
  const client: SlurmClient = {
    submitJob: () => Promise.resolve("21"),
    cancelJob: () => Promise.try(() => told("cancel") !== ""),
    jobState: () => Promise.try(() => parseQueue(told("job"))[0]),
    askQueue: () => Promise.try(() => told("queue")),
  };
  const launcher = createSlurmLauncher({
    ...{ client, clock, options: {}, queueFile: join(path, "queue"), suffix: "1", pollMs: 30_000 },
  });
  const look = () => launcher.look({ jobFile, told: undefined });
  return { launcher, look, clock, slurm };
}

function line(state: string, reason = "None", left = "1:02:03"): string {
  return `21|${state}|${reason}|n[1-2]|${left}|2:00:00|main|who|N/A|n1|heron-bin words\n`;
}

test("a topology is launched as a job, and looked at as Slurm has it", async () => {
  await using folder = await createJobFolder();
  const { launcher, look, clock, slurm } = launcherIn(folder);
  const { jobFile, path } = folder;
  expect(await look()).toEqual({ type: "gone", reason: "no job was submitted for it" });
  slurm.queue = line("RUNNING");
  await launcher.launch({
    jobFile,
    command: ["/bin/heron-bin", "scheduler", "--job", jobFile],
    environment: {},
    workingFolder: path,
    logFile: join(path, "logs", "scheduler.stderr"),
  });
  const script = await Bun.file(join(path, "job.sh")).text();
  expect(script).toContain("'/bin/heron-bin' 'scheduler' '--job'");
  expect(script).toContain("#SBATCH --ntasks=2\n");
  expect(await look()).toEqual({
    type: "alive",
    note: "job 21: it runs, on n[1-2], 1 h 2 min left",
    job: { id: "21", nodes: "n[1-2]", secondsLeft: 3723 },
  });
  await clock.advance(30_000);
  slurm.queue = line("TIMEOUT", "TimeLimit");
  const reason = "job 21: it ran out of its time limit (TimeLimit); ask for more time";
  expect(await look()).toMatchObject({ type: "gone", reason, verdict: reason });
});

test("the scheduler of a job that has lost its first node is gone", async () => {
  await using folder = await createJobFolder();
  const { look, slurm } = launcherIn(folder);
  await writeFile(join(folder.path, "slurm_job"), "21\n");
  slurm.queue = line("RUNNING").replace("n[1-2]", "n[2-3]");
  expect(await look()).toEqual({
    type: "gone",
    reason: "job 21: node n1 is down, on which its scheduler was; " +
      '"heron-bin restart" starts all of it anew',
  });
});

test("whoever looks again and again asks Slurm less and less often", async () => {
  await using folder = await createJobFolder();
  const { look, clock, slurm } = launcherIn(folder);
  await writeFile(join(folder.path, "slurm_job"), "21\n");
  slurm.queue = line("PENDING", "Resources", "UNLIMITED");
  for (let second = 0; second < 120; second++) {
    expect(await look()).toMatchObject({ type: "queued" });
    await clock.advance(1000);
  }
  expect(slurm.asked).toEqual(["queue", ...Array<string>(7).fill("job")]);
  slurm.queue = "";
  await clock.advance(30_000);
  expect(await look()).toEqual({
    type: "gone",
    reason: "Slurm does not know its job 21 any more",
  });
});

test("a job that waits is queued, and never only by what another command saw before it began", async () => {
  await using folder = await createJobFolder();
  const { jobFile } = folder;
  await writeFile(join(folder.path, "slurm_job"), "21\n");
  const { look, slurm } = launcherIn(folder);
  slurm.queue = line("PENDING", "JobHeldUser", "UNLIMITED");
  expect(await look()).toEqual({
    type: "queued",
    reason: "job 21: it waits: it is held by its user (JobHeldUser); " +
      'release it by "scontrol release", or submit it without a hold',
    isHopeless: true,
    job: { id: "21", nodes: "n[1-2]" },
  });
  slurm.queue = line("RUNNING");
  const told = { host: "n1", pid: 7, startTime: 1n };
  const another = () => launcherIn(folder);
  const seen = async (isFresh: boolean, begun?: typeof told) => {
    const { launcher, slurm: asked } = another();
    asked.queue = line("RUNNING");
    return [(await launcher.look({ jobFile, told: begun }, isFresh)).type, ...asked.asked];
  };
  expect(await seen(false)).toEqual(["queued"]);
  expect(await seen(false, told)).toEqual(["alive", "job"]);
  expect(await seen(true)).toEqual(["alive", "job"]);
});

test("a Slurm that is down says nothing of the job, and does not end it", async () => {
  await using folder = await createJobFolder();
  const { launcher, look, slurm } = launcherIn(folder);
  await launcher.end({ jobFile: folder.jobFile, told: undefined });
  expect(slurm.asked).toEqual([]);
  await writeFile(join(folder.path, "slurm_job"), "21\n");
  slurm.isDown = true;
  expect(await look()).toEqual({ type: "unknown", reason: "Ask Slurm: it is down" });
  await expect(launcher.end({ jobFile: folder.jobFile, told: undefined })).rejects.toThrow("down");
  slurm.isDown = false;
  slurm.queue = line("CANCELLED");
  await launcher.end({ jobFile: folder.jobFile, told: undefined });
  expect(slurm.asked.slice(-2)).toEqual(["cancel", "job"]);
  // One whose folder is gone already.
  await launcher.end({ jobFile: "/nowhere/job", told: undefined });
});

test("a job whose folder is not to be read hides nothing: it is not known how it is", async () => {
  await using folder = await createJobFolder();
  const { look } = launcherIn(folder);
  await writeFile(join(folder.path, "slurm_job"), "no number\n");
  expect(await look()).toMatchObject({
    type: "unknown",
    reason: expect.stringContaining("expected digits"),
  });
});

test("a job that fails before its scheduler has said a word is told with what its log says, if one came", async () => {
  await using folder = await createJobFolder();
  const { look, clock, slurm } = launcherIn(folder);
  await writeFile(join(folder.path, "slurm_job"), "21\n");
  slurm.queue = line("FAILED", "NonZeroExitCode");
  expect(await look()).toMatchObject({
    reason: expect.stringContaining(`do all nodes see "${folder.path}"?`),
  });
  await mkdir(join(folder.path, "logs"), { recursive: true });
  await writeFile(join(folder.path, "logs/job.log"), "one\nheron-bin: no such program\n");
  await clock.advance(2000);
  expect(await look()).toMatchObject({
    reason: expect.stringContaining("; its log ends with: heron-bin: no such program"),
  });
});
