/**
 * The launcher of scheduler "slurm": the scheduler of a topology runs in the script of a job, which is
 * submitted, looked at and cancelled. Nothing of heron-bin stays on the machine that this runs on.
 */

import { type Clock, HeronError } from "../../base/mod.ts";
import { type CheckedJob, readJob } from "../../plan/mod.ts";
import type { Launch, Launched, Launcher, Presence } from "../launcher.ts";
import { containerSizesOf, jobSizeOf } from "./job_size.ts";
import { hasEnded, type SlurmJobState } from "./job_state.ts";
import { wordsOfJob } from "./job_words.ts";
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

  async look({ jobFile }: Launched): Promise<Presence> {
    const jobId = await jobIdOf(jobFile);
    if (jobId === undefined) return { type: "gone", reason: "no job was submitted for it" };
    let job: SlurmJobState | undefined;
    try {
      job = await this.#find(jobId);
    } catch (thrown) {
      return { type: "unknown", reason: HeronError.from(thrown).message };
    }
    if (job === undefined) {
      return { type: "gone", reason: `Slurm does not know its job ${jobId} any more` };
    }
    const { text, advice } = wordsOfJob(job);
    const reason = `job ${jobId}: ${text}${advice === "" ? "" : `; ${advice}`}`;
    if (hasEnded(job)) return { type: "gone", reason, verdict: reason };
    return { type: "alive", note: noteOf(job, reason) };
  }

  async end({ jobFile }: Launched): Promise<void> {
    const jobId = await jobIdOf(jobFile);
    if (jobId === undefined) return;
    this.#watched.delete(jobId);
    await cancelJob(this.#options.client, jobId, this.#options.clock);
  }

  async #find(jobId: string): Promise<SlurmJobState | undefined> {
    const { client, clock, pollMs } = this.#options;
    const known = this.#watched.get(jobId);
    const nowMs = clock.nowMs();
    if (known !== undefined && nowMs - known.atMs < known.waitMs) return known.job;
    const job = (known === undefined ? await this.#inQueue(jobId) : undefined) ??
      await client.jobState(jobId);
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

/** Where a job is, or why not yet, and how long it has. */
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
