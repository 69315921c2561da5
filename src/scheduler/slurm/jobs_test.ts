import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Clock } from "../../base/mod.ts";
import type { SlurmJobState } from "./job_state.ts";
import { cancelJob, readJobId, submitJob, whyEnding } from "./jobs.ts";
import type { SlurmClient } from "./slurm_client.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "heron-bin-jobs-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** A Slurm that tells of job 21 as `words` say, one after the other, the last one for ever. */
function clientTelling(...words: readonly string[]) {
  const left = [...words];
  const events: string[] = [];
  const client: SlurmClient = {
    submitJob({ scriptFile }) {
      events.push(`submit ${scriptFile.slice(folder.length)}`);
      return Promise.resolve("21");
    },
    cancelJob(jobId) {
      events.push(`cancel ${jobId}`);
      return Promise.resolve(true);
    },
    jobState(jobId) {
      const [word = ""] = left.length > 1 ? left.splice(0, 1) : left;
      const [state = "", reason = "None", nodeList = ""] = word.split(" ");
      events.push(state);
      // The other fields are not looked at.
      return Promise.resolve(
        state === "" ? undefined : { jobId, state, reason, nodeList } as SlurmJobState,
      );
    },
    askQueue: () => Promise.resolve(""),
  };
  return { client, events };
}

function job() {
  return {
    topologyName: "words",
    topologyId: "words-1",
    folder,
    command: ["/bin/heron-bin", "scheduler"],
    size: { tasks: 2, cpusPerTask: 1, ramMibPerCpu: 100, masterHasPlace: true },
    options: {},
  };
}

/** A clock on which whoever waits has waited at once. */
function hastyClock(): Clock {
  let nowMs = 0;
  const after = (delayMs: number, run: () => void) => {
    nowMs += delayMs;
    const handle = setTimeout(run, 0);
    return { cancel: () => clearTimeout(handle) };
  };
  return { nowMs: () => nowMs, wallMs: () => nowMs, after, every: after };
}

test("submitJob() writes the script, submits it and keeps the job's number", async () => {
  const { client, events } = clientTelling("RUNNING None n1");
  expect(await submitJob(client, job(), hastyClock())).toBe("21");
  expect(events).toEqual(["submit /job.sh", "RUNNING"]);
  expect(await readJobId(folder)).toBe("21");
  expect(await readFile(join(folder, "job.sh"), "utf8")).toStartWith("#!/bin/sh\n#SBATCH ");
  expect((await stat(join(folder, "job.sh"))).mode & 0o777).toBe(0o700);
});

test("submitJob() waits until Slurm says why the job waits, and not for ever", async () => {
  const clock = hastyClock();
  const decided = clientTelling("PENDING", "PENDING Priority", "PENDING Resources");
  await submitJob(decided.client, job(), clock);
  expect(decided.events.slice(1)).toEqual(["PENDING", "PENDING", "PENDING"]);
  const silent = clientTelling("PENDING Priority");
  expect(await submitJob(silent.client, job(), clock)).toBe("21");
});

test("submitJob() takes back what can never start, and says why", async () => {
  for (
    const words of [
      "PENDING PartitionTimeLimit",
      "PENDING JobHeldUser",
      "FAILED BadConstraints",
    ]
  ) {
    const { client, events } = clientTelling(words);
    await expect(submitJob(client, job(), hastyClock())).rejects.toMatchObject({
      code: "invalid_config",
      message: expect.stringMatching(
        /^Start job 21: it waits: .* \(\w+\), expected one that can start: /,
      ),
    });
    expect(events.at(-1)).toBe("cancel 21");
    expect(await readJobId(folder)).toBeUndefined();
    expect(await readdir(folder)).toEqual(["job.sh"]);
  }
});

test("submitJob() looks twice at a reason that stands for others first", async () => {
  const clock = hastyClock();
  const other = clientTelling("PENDING PartitionConfig", "PENDING PartitionTimeLimit");
  await expect(submitJob(other.client, job(), clock)).rejects.toThrow(
    "PartitionTimeLimit",
  );
  const same = clientTelling("PENDING PartitionConfig");
  await expect(submitJob(same.client, job(), clock)).rejects.toThrow(
    "PartitionConfig",
  );
});

test("submitJob() says what it cannot write", async () => {
  const { client, events } = clientTelling("RUNNING None n1");
  const gone = { ...job(), folder: "/nowhere" };
  await expect(submitJob(client, gone, hastyClock())).rejects.toThrow(
    'Write the job script "/nowhere/job.sh"',
  );
  expect(events).toEqual([]);
});

test("readJobId() takes nothing but a number", async () => {
  await writeFile(join(folder, "slurm_job"), "21 --all\n");
  await expect(readJobId(folder)).rejects.toThrow('found "21 --all", expected digits');
  await rm(join(folder, "slurm_job"));
});

test("cancelJob() waits for the end", async () => {
  const clock = hastyClock();
  const { client, events } = clientTelling("RUNNING", "COMPLETING", "CANCELLED");
  expect(await cancelJob(client, "21", clock)).toBe(true);
  expect(events).toEqual(["cancel 21", "RUNNING", "COMPLETING", "CANCELLED"]);
  expect(await cancelJob(clientTelling("").client, "21", clock)).toBe(true);
  const stuck = cancelJob(clientTelling("COMPLETING").client, "21", clock);
  await expect(stuck).rejects.toMatchObject({
    code: "timeout",
    message: "Cancel job 21: it is COMPLETING after 60 s, expected it to have ended",
  });
});

test("whyEnding() says why as it is said of one that has ended, where Slurm does", async () => {
  expect(await whyEnding(clientTelling("COMPLETING TimeLimit").client, "21")).toBe(
    "job 21: it ran out of its time limit (TimeLimit); ask for more time",
  );
  for (const words of ["COMPLETING", "RUNNING", ""]) {
    expect(await whyEnding(clientTelling(words).client, "21")).toBe("");
  }
});
