/**
 * The launcher of scheduler "slurm": the scheduler of a topology runs in the script of a job, which is
 * submitted, looked at and cancelled. Nothing of heron-bin stays on the machine that this runs on.
 */

import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Clock, HeronError } from "../../base/mod.ts";
import { type CheckedJob, readJob } from "../../plan/mod.ts";
import type { JobFacts, Launch, Launched, Launcher, Presence } from "../launcher.ts";
import { JOB_LOG } from "./job_script.ts";
import { containerSizesOf, jobSizeOf } from "./job_size.ts";
import { hasEnded, hasLostScript, isWaiting, type SlurmJobState } from "./job_state.ts";
import { sentenceOf, wordsOfJob } from "./job_words.ts";
import { cancelJob, readJobId, submitJob } from "./jobs.ts";
import { readQueue } from "./queue_cache.ts";
import type { SlurmClient } from "./slurm_client.ts";
import type { SlurmOptions } from "./slurm_options.ts";

/** What the launcher is made with. */
export interface SlurmLauncherOptions {
  readonly client: SlurmClient;
  /** What the jobs ask of Slurm. */
  readonly options: SlurmOptions;
  /** Where what `squeue` answers is kept for other commands; its folder is the user's own. */
  readonly queueFile: string;
  /** Makes names of files; unlike for any other process at this moment. */
  readonly suffix: string;
  /** How often `squeue` is asked, in milliseconds. */
  readonly pollMs: number;
  readonly clock: Clock;
}

/** Whoever looks at one job again and again sees it anew after this long, then less and less often. */
const WATCH_MS = 1000;

/** Of a line of a log that is told. */
const LINE_LENGTH_MAX = 300;

/** The launcher of a cluster with Slurm. */
export function createSlurmLauncher(options: SlurmLauncherOptions): Launcher {
  return new SlurmLauncher(options);
}

interface Watched {
  readonly atMs: number;
  /** How long that is good. */
  readonly waitMs: number;
  readonly job: SlurmJobState | undefined;
}

class SlurmLauncher implements Launcher {
  readonly #options: SlurmLauncherOptions;
  /** What was last heard of the jobs that were looked at. */
  readonly #watched = new Map<string, Watched>();

  constructor(options: SlurmLauncherOptions) {
    this.#options = options;
  }

  async launch({ jobFile, command }: Launch): Promise<void> {
    const { client, options, clock } = this.#options;
    const { topologyName, topologyId, folder, packingPlan } = await readJob(jobFile);
    const size = jobSizeOf(containerSizesOf(packingPlan));
    await submitJob(client, { topologyName, topologyId, folder, command, size, options }, clock);
  }

  async look({ jobFile, told }: Launched, isFresh = false): Promise<Presence> {
    let jobId: string | undefined;
    try {
      jobId = await jobIdOf(jobFile);
    } catch (thrown) {
      // Another user's: that hides no other topology.
      return { type: "unknown", reason: HeronError.from(thrown).message };
    }
    if (jobId === undefined) return { type: "gone", reason: "no job was submitted for it" };
    let job: SlurmJobState | undefined;
    try {
      job = await this.#find(jobId, { isFresh, hasTold: told !== undefined });
    } catch (thrown) {
      return { type: "unknown", reason: HeronError.from(thrown).message };
    }
    if (job === undefined) {
      return { type: "gone", reason: `Slurm does not know its job ${jobId} any more` };
    }
    if (hasLostScript(job)) {
      const reason = `job ${jobId}: node ${job.batchNode} is down, on which its scheduler was; ` +
        '"heron-bin restart" starts all of it anew';
      return { type: "gone", reason };
    }
    const presence = presenceOf(job);
    if (presence.type !== "gone" || told !== undefined || job.state !== "FAILED") return presence;
    // Its scheduler has said nothing: what it could not even begin with is told by others.
    return { ...presence, reason: `${presence.reason}${await wordOfLog(dirname(jobFile))}` };
  }

  async end({ jobFile }: Launched): Promise<void> {
    const jobId = await jobIdOf(jobFile);
    if (jobId === undefined) return;
    this.#watched.delete(jobId);
    await cancelJob(this.#options.client, jobId, this.#options.clock);
  }

  async #find(
    jobId: string,
    { isFresh, hasTold }: { readonly isFresh: boolean; readonly hasTold: boolean },
  ): Promise<SlurmJobState | undefined> {
    const { client, clock, pollMs } = this.#options;
    const known = this.#watched.get(jobId);
    const nowMs = clock.nowMs();
    if (known !== undefined && nowMs - known.atMs < known.waitMs) return known.job;
    const seen = known === undefined && !isFresh ? await this.#inQueue(jobId) : undefined;
    // It has begun since then, or waits again.
    const isOld = seen !== undefined && hasTold && isWaiting(seen);
    const job = seen === undefined || isOld ? await client.jobState(jobId) : seen;
    const waitMs = known === undefined ? WATCH_MS : Math.min(2 * known.waitMs, pollMs);
    this.#watched.set(jobId, { atMs: nowMs, waitMs, job });
    return job;
  }

  /** The job as any command last saw it. */
  async #inQueue(jobId: string): Promise<SlurmJobState | undefined> {
    const { client, clock, queueFile, suffix, pollMs } = this.#options;
    const { jobs } = await readQueue({
      ...{ file: queueFile, clock, suffix, maxAgeMs: pollMs },
      ask: () => client.askQueue(),
    });
    return jobs.find((job) => job.jobId === jobId);
  }
}

function presenceOf(job: SlurmJobState): Presence {
  const words = wordsOfJob(job);
  const { isHopeless } = words;
  const reason = sentenceOf(job.jobId, words);
  const facts: JobFacts = {
    id: job.jobId,
    nodes: job.nodeList,
    // Of one that waits Slurm tells the whole limit.
    ...(job.secondsLeft === undefined || isWaiting(job) ? {} : { secondsLeft: job.secondsLeft }),
  };
  if (hasEnded(job)) return { type: "gone", reason, verdict: reason, job: facts };
  if (isWaiting(job)) return { type: "queued", reason, isHopeless, job: facts };
  return { type: "alive", note: noteOf(job, reason), job: facts };
}

/** Where a job is, and how long it has. */
function noteOf({ nodeList, secondsLeft }: SlurmJobState, text: string): string {
  const where = nodeList === "" ? "" : `, on ${nodeList}`;
  const left = secondsLeft === undefined ? "" : `, ${durationText(secondsLeft)} left`;
  return `${text}${where}${left}`;
}

function durationText(seconds: number): string {
  const [days, hours, minutes] = [86_400, 3600, 60].map((unit) => Math.floor(seconds / unit));
  if (days !== undefined && days > 0) return `${days} d ${(hours ?? 0) % 24} h`;
  if (hours !== undefined && hours > 0) return `${hours} h ${(minutes ?? 0) % 60} min`;
  return minutes === undefined || minutes === 0 ? `${seconds} s` : `${minutes} min`;
}

/** What is known of a script that failed before its scheduler had begun. */
async function wordOfLog(folder: string): Promise<string> {
  try {
    const lines = (await readFile(join(folder, JOB_LOG), "utf8")).trimEnd().split("\n");
    return `; its log ends with: ${(lines.at(-1) ?? "").slice(0, LINE_LENGTH_MAX)}`;
  } catch (thrown) {
    const { code, message } = HeronError.from(thrown);
    if (code !== "not_found") return `; ${message}`;
    return `; no log of it came here: do all nodes see "${folder}"?`;
  }
}

/** The job's number lies beside the job. */
async function jobIdOf(jobFile: string): Promise<string | undefined> {
  let job: CheckedJob;
  try {
    job = await readJob(jobFile);
  } catch (thrown) {
    if (HeronError.from(thrown).code === "not_found") return undefined;
    throw thrown;
  }
  return await readJobId(job.folder);
}
