import { expect, test } from "bun:test";
import { HeronError, ManualClock } from "../../base/mod.ts";
import type { CommandOutcome } from "./run_command.ts";
import { createSlurmClient } from "./slurm_client.ts";

type Answer = Partial<CommandOutcome> | HeronError;

/** A client whose commands give `answers` in turn; what was run. */
function clientWith(...answers: readonly Answer[]) {
  const commands: string[] = [];
  const left = [...answers];
  const client = createSlurmClient({
    clock: new ManualClock(),
    environment: {},
    user: "who",
    run: (command) => {
      commands.push(command.join(" "));
      const answer = left.shift() ?? {};
      if (answer instanceof HeronError) return Promise.reject(answer);
      return Promise.resolve({ code: 0, signal: "", stdout: "", stderr: "", ...answer });
    },
  });
  return { client, commands };
}

const JOB = { scriptFile: "/f/job.sh", topologyId: "words-1", size: "" };
const LATE = new HeronError("timeout", 'Run "sbatch": no answer within 20 s');
const RUNNING = "21|RUNNING|None|n1|1:00|2:00|main|who|N/A|n1|heron-bin words-1\n";
const UNKNOWN = { code: 1, stderr: "slurm_load_jobs error: Invalid job id specified\n" };

test("submitJob() gives the job's number, also with a cluster's name behind it", async () => {
  const { client, commands } = clientWith({ stdout: "21\n" }, { stdout: "22;west\n" });
  expect(await client.submitJob(JOB)).toBe("21");
  expect(commands).toEqual([
    "sbatch --parsable --no-kill --requeue --open-mode=append --export=NONE /f/job.sh",
  ]);
  expect(await client.submitJob(JOB)).toBe("22");
});

test("submitJob() says why Slurm refuses, and what is no number", async () => {
  const refused = { code: 1, stderr: "sbatch: error: Invalid partition name specified" };
  await expect(clientWith(refused).client.submitJob(JOB)).rejects.toMatchObject({
    code: "invalid_config",
    message: expect.stringContaining(
      'Submit the job script "/f/job.sh": there is no such partition',
    ),
  });
  await expect(clientWith({ stdout: "hello" }).client.submitJob(JOB)).rejects.toThrow(
    'found "hello", expected the number of a job',
  );
});

test("submitJob() finds the job that was taken though the answer was lost", async () => {
  const lost = { code: 1, stderr: "sbatch: error: Socket timed out on send/recv operation" };
  for (const first of [LATE, lost]) {
    const { client, commands } = clientWith(first, { stdout: RUNNING });
    expect(await client.submitJob(JOB)).toBe("21");
    expect(commands[1]).toStartWith("squeue --noheader --states=all --user=who");
    await expect(clientWith(first, {}).client.submitJob(JOB)).rejects.toBeInstanceOf(HeronError);
  }
});

test("cancelJob() says whether there was something to cancel", async () => {
  const ended = {
    stderr: "scancel: error: Kill job error on job id 7: Job/step already completing",
  };
  const gone = { stderr: "scancel: error: Kill job error on job id 7: Invalid job id specified" };
  const denied = {
    code: 210,
    stderr: "scancel: error: Kill job error on job id 7: Access/permission denied",
  };
  const { client } = clientWith({ stderr: "scancel: Terminating job 7" }, ended, gone, denied);
  expect(await client.cancelJob("7")).toBe(true);
  expect(await client.cancelJob("7")).toBe(false);
  expect(await client.cancelJob("7")).toBe(false);
  await expect(client.cancelJob("7")).rejects.toThrow("Cancel job 7: Slurm denies it to you");
  await expect(client.cancelJob("7 8")).rejects.toThrow('found "7 8", expected digits');
  await expect(client.cancelJob("--all")).rejects.toThrow("expected digits");
});

test("jobState() asks the queue, then the accounts, where there are any", async () => {
  expect(await clientWith({ stdout: RUNNING }).client.jobState("21")).toMatchObject({
    jobId: "21",
  });
  const account = { stdout: "21|TIMEOUT|TimeLimit|n1|00:01:00|main|who|Unknown|\n" };
  const { client, commands } = clientWith(UNKNOWN, account);
  expect(await client.jobState("21")).toMatchObject({ state: "TIMEOUT" });
  expect(commands[1]).toStartWith("sacct --noheader --parsable2 --allocations --jobs=21 ");
  const none = { code: 1, stderr: "Slurm accounting storage is disabled" };
  expect(await clientWith(UNKNOWN, none).client.jobState("21")).toBeUndefined();
  const missing = new HeronError("not_found", 'Run "sacct": no such program');
  expect(await clientWith(UNKNOWN, missing).client.jobState("21")).toBeUndefined();
  await expect(clientWith(UNKNOWN, LATE).client.jobState("21")).rejects.toBe(LATE);
  const down = { code: 1, stderr: "slurm_load_jobs error: Unable to contact slurm controller" };
  await expect(clientWith(down).client.jobState("21")).rejects.toThrow("cannot be reached");
});

test("askQueue() gives what squeue prints", async () => {
  expect(await clientWith({ stdout: RUNNING }).client.askQueue()).toBe(RUNNING);
  const down = { code: 1, stderr: "slurm_load_jobs error: Unable to contact slurm controller" };
  await expect(clientWith(down).client.askQueue()).rejects.toThrow("Ask Slurm for the queue: ");
});
