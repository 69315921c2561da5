/**
 * Slurm as we use it: a job is submitted, looked at and cancelled by Slurm's own commands. Only
 * what they print is read; there is no library and no daemon of ours.
 */

import { type Clock, HeronError } from "../../base/mod.ts";
import {
  ACCOUNT_FORMAT,
  parseAccounts,
  parseQueue,
  QUEUE_FORMAT,
  type SlurmJobState,
} from "./job_state.ts";
import { COMMENT_PREFIX } from "./job_script.ts";
import { isEndedJob, isUnknownJob, refusalOf } from "./refusals.ts";
import { type CommandOutcome, createCommandRunner, type RunCommand } from "./run_command.ts";

/** A job that is to be submitted. */
export interface JobToSubmit {
  readonly scriptFile: string;
  readonly topologyId: string;
  /** How much it asks for, in words. */
  readonly size: string;
}

/** What is asked of Slurm. Each throws HeronError, `timeout` and `unavailable` among them. */
export interface SlurmClient {
  /**
   * Submits the job whose script is in a file; the job's number. Where Slurm did not say if it took
   * the job, the queue is asked.
   * @throws HeronError `invalid_config` when Slurm refuses what is asked for
   */
  submitJob(job: JobToSubmit): Promise<string>;
  /** Ends a job; false when it was gone already. Returns before it has ended. */
  cancelJob(jobId: string): Promise<boolean>;
  /** A job as it is now; undefined when Slurm does not remember it. */
  jobState(jobId: string): Promise<SlurmJobState | undefined>;
  /** What `squeue` prints of all jobs of this user, for `parseQueue`. */
  askQueue(): Promise<string>;
}

/** Options of `createSlurmClient`. */
export interface SlurmClientOptions {
  readonly clock: Clock;
  /** The process's own; only what Slurm's commands need is passed on. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Whose jobs the queue is asked for. */
  readonly user: string;
  /** Time that each command has, in milliseconds. @default 30 s */
  readonly timeoutMs?: number;
  /** Runs the commands. @default child processes */
  readonly run?: RunCommand;
}

/** Slurm's commands try again for some seconds by themselves. */
const TIMEOUT_MS = 30_000;

// Others, SBATCH_PARTITION for one, would change what was asked for.
const PASSED_ON: readonly string[] = Object.freeze([
  ...["PATH", "HOME", "USER", "LOGNAME"],
  ...["SLURM_CONF", "SLURM_JWT", "SLURM_CLUSTERS"],
]);

const JOB_ID = /^\d{1,18}$/;

/** Slurm, by its commands on this machine. */
export function createSlurmClient(options: SlurmClientOptions): SlurmClient {
  return new CommandClient(options.run ?? createSlurmRunner(options), options.user);
}

/** Runs Slurm's commands with what of `environment` they need, and no more. */
export function createSlurmRunner(
  { clock, environment, timeoutMs = TIMEOUT_MS }: Pick<
    SlurmClientOptions,
    "clock" | "environment" | "timeoutMs"
  >,
): RunCommand {
  return createCommandRunner({ clock, timeoutMs, environment: listed(environment) });
}

function listed(environment: SlurmClientOptions["environment"]): Record<string, string> {
  const kept = PASSED_ON.flatMap((name) => {
    const value = environment[name];
    return value === undefined ? [] : [[name, value]];
  });
  return { ...Object.fromEntries(kept), LC_ALL: "C", SLURM_TIME_FORMAT: "standard" };
}

class CommandClient implements SlurmClient {
  readonly #run: RunCommand;
  readonly #user: string;

  constructor(run: RunCommand, user: string) {
    this.#run = run;
    this.#user = user;
  }

  async submitJob({ scriptFile, topologyId, size }: JobToSubmit): Promise<string> {
    // Also on the command line, where no variable of the environment comes before them.
    const flags = ["--parsable", "--no-kill", "--requeue", "--open-mode=append", "--export=NONE"];
    const attempted = `Submit the job script "${scriptFile}"`;
    let outcome: CommandOutcome;
    try {
      outcome = await this.#run(["sbatch", ...flags, scriptFile]);
    } catch (thrown) {
      const error = HeronError.from(thrown, attempted);
      if (error.code === "timeout") return await this.#findTaken(topologyId, error);
      throw error;
    }
    if (outcome.code !== 0 || outcome.signal !== "") {
      const refusal = refusalOf(attempted, outcome.stderr, size);
      // It may have been taken all the same when only the answer was lost.
      if (/timed out|Zero Bytes/i.test(outcome.stderr)) {
        return await this.#findTaken(topologyId, refusal);
      }
      throw refusal;
    }
    // With several clusters, the cluster's name follows.
    const [jobId = ""] = outcome.stdout.trim().split("\n").at(-1)?.split(";") ?? [];
    if (JOB_ID.test(jobId)) return jobId;
    throw new HeronError(
      "corrupt",
      `${attempted}: found "${outcome.stdout.slice(0, 200)}", expected the number of a job`,
    );
  }

  async cancelJob(jobId: string): Promise<boolean> {
    assertJobId(jobId);
    const { code, signal, stderr } = await this.#run(["scancel", "--verbose", jobId]);
    if (isUnknownJob(stderr) || isEndedJob(stderr)) return false;
    if (code === 0 && signal === "") return true;
    throw refusalOf(`Cancel job ${jobId}`, stderr);
  }

  async jobState(jobId: string): Promise<SlurmJobState | undefined> {
    assertJobId(jobId);
    const { code, signal, stdout, stderr } = await this.#run([
      ...["squeue", "--noheader", "--states=all", `--jobs=${jobId}`, `--format=${QUEUE_FORMAT}`],
    ]);
    const isForgotten = isUnknownJob(stderr);
    if ((code !== 0 || signal !== "") && !isForgotten) {
      throw refusalOf(`Ask Slurm for job ${jobId}`, stderr);
    }
    const found = isForgotten ? undefined : parseQueue(stdout).find((job) => job.jobId === jobId);
    return found ?? await this.#remembered(jobId);
  }

  async askQueue(): Promise<string> {
    const { code, signal, stdout, stderr } = await this.#run([
      ...["squeue", "--noheader", "--states=all", `--user=${this.#user}`],
      `--format=${QUEUE_FORMAT}`,
    ]);
    if (code === 0 && signal === "") return stdout;
    throw refusalOf("Ask Slurm for the queue", stderr);
  }

  /** The job in Slurm's accounts, where there are any. */
  async #remembered(jobId: string): Promise<SlurmJobState | undefined> {
    try {
      const { code, stdout } = await this.#run([
        ...["sacct", "--noheader", "--parsable2", "--allocations", `--jobs=${jobId}`],
        `--format=${ACCOUNT_FORMAT}`,
      ]);
      return code === 0 ? parseAccounts(stdout).find((job) => job.jobId === jobId) : undefined;
    } catch (thrown) {
      // Clusters without a database have no accounts, and some have no sacct.
      if (HeronError.from(thrown).code === "not_found") return undefined;
      throw thrown;
    }
  }

  /** The job of a topology that is in the queue though nobody said so. */
  async #findTaken(topologyId: string, error: HeronError): Promise<string> {
    const jobs = parseQueue(await this.askQueue());
    const taken = jobs.find(({ comment }) => comment === `${COMMENT_PREFIX}${topologyId}`);
    if (taken === undefined) throw error;
    return taken.jobId;
  }
}

function assertJobId(jobId: string): void {
  if (JOB_ID.test(jobId)) return;
  throw new HeronError("corrupt", `Read the number of a job: found "${jobId}", expected digits`);
}
