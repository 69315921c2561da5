/**
 * The job of a topology from its script to its end: submitted, and taken back at once when it can
 * never start; cancelled, and waited for. Its number lies in the topology's folder.
 */

import { chmod, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Clock, HeronError, sleep } from "../../base/mod.ts";
import { renderJobScript, type SlurmJob } from "./job_script.ts";
import { sizeText } from "./job_size.ts";
import { hasEnded, type SlurmJobState } from "./job_state.ts";
import { type JobWords, sentenceOf, wordsOfEnding, wordsOfJob } from "./job_words.ts";
import type { SlurmClient } from "./slurm_client.ts";

const SCRIPT_FILE = "job.sh";
const NUMBER_FILE = "slurm_job";

/** So long Slurm may take to say why a job waits; most often it has started it by then. */
const VERDICT_MS = 5000;
/** From SIGTERM to SIGKILL there is KillWait, mostly 30 s; then Slurm tidies up. */
const END_MS = 60_000;
const LOOK_MS = 250;

/** Reasons that say nothing yet; the last one also stands for others until Slurm has looked twice. */
const UNDECIDED: readonly string[] = ["None", "Priority", "PartitionConfig"];

/**
 * Submits the job of a topology and writes down its number, unless it can never start.
 * @throws HeronError `invalid_config` why Slurm does not take it; nothing of it is left then
 */
export async function submitJob(client: SlurmClient, job: SlurmJob, clock: Clock): Promise<string> {
  const { folder, topologyId } = job;
  const script = renderJobScript(job);
  const scriptFile = join(folder, SCRIPT_FILE);
  const numberFile = join(folder, NUMBER_FILE);
  await attempt(`Write the job script "${scriptFile}"`, async () => {
    await writeFile(scriptFile, script);
    await chmod(scriptFile, 0o700);
  });
  const jobId = await client.submitJob({ scriptFile, topologyId, size: sizeText(job.size) });
  try {
    await attempt(`Write the job's number "${numberFile}"`, async () => {
      await writeFile(`${numberFile}.new`, `${jobId}\n`);
      await rename(`${numberFile}.new`, numberFile);
    });
    await assertNotHopeless(client, jobId, clock);
  } catch (thrown) {
    await client.cancelJob(jobId);
    await rm(numberFile, { force: true });
    throw thrown;
  }
  return jobId;
}

/** The number of the job in a topology's folder; undefined: none was submitted. */
export async function readJobId(folder: string): Promise<string | undefined> {
  const path = join(folder, NUMBER_FILE);
  try {
    const text = (await readFile(path, "utf8")).trim();
    if (/^\d{1,18}$/.test(text)) return text;
    throw new HeronError(
      "corrupt",
      `Read the job's number "${path}": found ${
        JSON.stringify(text.slice(0, 50))
      }, expected digits`,
    );
  } catch (thrown) {
    const error = HeronError.from(thrown, `Read the job's number "${path}"`);
    if (error.code === "not_found") return undefined;
    throw error;
  }
}

/**
 * Cancels a job and waits until it has ended; false when it had ended before.
 * @throws HeronError `timeout` when it does not end
 */
export async function cancelJob(
  client: SlurmClient,
  jobId: string,
  clock: Clock,
): Promise<boolean> {
  const wasThere = await client.cancelJob(jobId);
  const deadlineMs = clock.nowMs() + END_MS;
  let job: SlurmJobState | undefined;
  while ((job = await client.jobState(jobId)) !== undefined && !hasEnded(job)) {
    if (clock.nowMs() > deadlineMs) {
      const found = `it is ${job.state} after ${END_MS / 1000} s`;
      throw new HeronError("timeout", `Cancel job ${jobId}: ${found}, expected it to have ended`);
    }
    await sleep(clock, LOOK_MS);
  }
  return wasThere;
}

/** Why Slurm ends a job, in words; empty: it does not say, or has not begun to. */
export async function whyEnding(client: SlurmClient, jobId: string): Promise<string> {
  const job = await client.jobState(jobId);
  const words = job === undefined ? undefined : wordsOfEnding(job);
  return words === undefined ? "" : sentenceOf(jobId, words);
}

async function assertNotHopeless(client: SlurmClient, jobId: string, clock: Clock): Promise<void> {
  const deadlineMs = clock.nowMs() + VERDICT_MS;
  for (;;) {
    const job = await client.jobState(jobId);
    if (job === undefined || job.state !== "PENDING") return assertTaken(jobId, job);
    const { isHopeless, text, advice } = wordsOfJob(job);
    const isDecided = !UNDECIDED.includes(job.reason) || clock.nowMs() > deadlineMs;
    if (isHopeless && isDecided) {
      throw hopeless(jobId, { text, advice });
    }
    if (isDecided) return;
    await sleep(clock, LOOK_MS);
  }
}

/** A job may be refused only when Slurm first looks at it. */
function assertTaken(jobId: string, job: SlurmJobState | undefined): void {
  if (job?.state !== "FAILED" || job.nodeList !== "") return;
  throw hopeless(jobId, wordsOfJob({ state: "PENDING", reason: job.reason }));
}

function hopeless(jobId: string, { text, advice }: Omit<JobWords, "isHopeless">): HeronError {
  const expected = `one that can start${advice === "" ? "" : `: ${advice}`}`;
  return new HeronError("invalid_config", `Start job ${jobId}: ${text}, expected ${expected}`);
}

async function attempt(attempted: string, run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (thrown) {
    throw HeronError.from(thrown, attempted);
  }
}
