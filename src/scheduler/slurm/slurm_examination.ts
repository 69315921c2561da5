/**
 * Looks Slurm over as heron-bin uses it: whether its commands are there and answer, whether the partition
 * can take a job, and which jobs of topologies nobody has a record of. It changes nothing.
 */

import { HeronError } from "../../base/mod.ts";
import type { Finding } from "../finding.ts";
import { COMMENT_PREFIX } from "./job_script.ts";
import { hasEnded, parseQueue, QUEUE_FORMAT } from "./job_state.ts";
import { refusalOf } from "./refusals.ts";
import type { RunCommand } from "./run_command.ts";
import type { SlurmOptions } from "./slurm_options.ts";

/** What is looked over, and how. */
export interface SlurmExamination {
  readonly run: RunCommand;
  /** Whose jobs are looked at. */
  readonly user: string;
  readonly options: Pick<SlurmOptions, "partition">;
  /** Ids of the topologies that there are; undefined: they could not be read. */
  readonly known: ReadonlySet<string> | undefined;
}

/** Without these no topology runs. `srun` is called on the nodes, which most often have the same. */
const COMMANDS: readonly string[] = ["sbatch", "squeue", "scancel", "srun"];
const COMMANDS_ABOUT = "Slurm's commands";

/** Looks Slurm over. */
export async function examineSlurm(options: SlurmExamination): Promise<readonly Finding[]> {
  const commands = await Promise.all(COMMANDS.map((name) => examineCommand(options, name)));
  const faults = commands.filter(({ verdict }) => verdict !== "ok");
  if (faults.length > 0) return faults;
  const found = `${COMMANDS.join(", ")} are there (${commands[0]?.found ?? ""})`;
  const queue = await examineQueue(options);
  return [
    { verdict: "ok", about: COMMANDS_ABOUT, found, advice: "" },
    ...queue,
    // Who does not answer once is not asked again.
    ...(queue.some(({ verdict }) => verdict === "fault") ? [] : [
      await examinePartition(options),
      await examineAccounts(options),
    ]),
  ];
}

async function examineCommand({ run }: SlurmExamination, name: string): Promise<Finding> {
  const about = COMMANDS_ABOUT;
  try {
    const { code, stdout, stderr } = await run([name, "--version"]);
    if (code === 0) return { verdict: "ok", about, found: stdout.trim(), advice: "" };
    const found = `"${name} --version" ended with ${code}: ${firstLine(stderr)}`;
    return { verdict: "fault", about, found, advice: ASK };
  } catch (thrown) {
    const advice = 'load the module that brings them ("module load slurm"), or go to a login node';
    return { verdict: "fault", about, found: HeronError.from(thrown).message, advice };
  }
}

const ASK = "ask the administrator of the cluster";

async function examineQueue({ run, user, known }: SlurmExamination): Promise<readonly Finding[]> {
  const about = "Slurm's queue";
  const attempted = "Ask Slurm for the queue";
  try {
    const { code, signal, stdout, stderr } = await run([
      ...["squeue", "--noheader", "--states=all", `--user=${user}`, `--format=${QUEUE_FORMAT}`],
    ]);
    if (code !== 0 || signal !== "") throw refusalOf(attempted, stderr);
    const jobs = parseQueue(stdout).filter((job) => !hasEnded(job));
    const ours = jobs.filter(({ comment }) => comment.startsWith(COMMENT_PREFIX));
    const found =
      `it answers; ${jobs.length} jobs of "${user}", ${ours.length} of them of heron-bin`;
    const left = known === undefined
      ? []
      : ours.filter(({ comment }) => !known.has(comment.slice(COMMENT_PREFIX.length)));
    return [
      { verdict: "ok", about, found, advice: "" },
      ...left.map(({ jobId, state, comment }): Finding => ({
        verdict: "hint",
        about: "left behind",
        found: `job ${jobId} (${state}, "${comment}") is of no topology that this cluster has`,
        advice: `"scancel ${jobId}" ends it, unless another cluster file has its topology`,
      })),
    ];
  } catch (thrown) {
    const { code, message } = HeronError.from(thrown, attempted);
    const advice = code === "timeout" || code === "unavailable"
      ? 'wait, or ask the administrator of the cluster; "sinfo" shows whether it answers again'
      : ASK;
    return [{ verdict: "fault", about, found: message, advice }];
  }
}

/** Its name with a mark where it is the default, whether it is up, its time limit, its nodes. */
const PARTITION_FORMAT = "%P|%a|%l|%D";

async function examinePartition({ run, options }: SlurmExamination): Promise<Finding> {
  const about = "Slurm's partition";
  const { partition } = options;
  try {
    const { code, stdout, stderr } = await run([
      ...["sinfo", "--noheader", `--format=${PARTITION_FORMAT}`],
    ]);
    if (code !== 0) throw refusalOf("Ask Slurm for its partitions", stderr);
    const all = stdout.split("\n").filter((line) => line !== "").map((line) => line.split("|"));
    const names = [...new Set(all.map(([name = ""]) => name.replace(/\*$/, "")))];
    const named = all.find(([name = ""]) =>
      partition === undefined ? name.endsWith("*") : name.replace(/\*$/, "") === partition
    );
    if (named === undefined) return noPartition(partition, names);
    const [name = "", state = "", limit = "", nodes = ""] = named;
    const found = `"${name.replace(/\*$/, "")}" is ${state}, ${nodes} nodes, time limit ${limit}`;
    if (state === "up") return { verdict: "ok", about, found, advice: "" };
    const advice = "jobs wait in it until it is up: name another, or ask the administrator";
    return { verdict: "fault", about, found, advice };
  } catch (thrown) {
    return { verdict: "hint", about, found: HeronError.from(thrown).message, advice: ASK };
  }
}

function noPartition(partition: string | undefined, names: readonly string[]): Finding {
  const about = "Slurm's partition";
  const list = `one of ${names.join(", ")}`;
  if (partition === undefined) {
    const advice = `name ${list} as scheduler.slurm.partition`;
    return { verdict: "fault", about, found: "none is the default", advice };
  }
  const found = `there is no "${partition}"`;
  return { verdict: "fault", about, found, advice: `name ${list} as scheduler.slurm.partition` };
}

async function examineAccounts({ run }: SlurmExamination): Promise<Finding> {
  const about = "Slurm's accounts";
  const advice = "nothing has to be done: why a job ended is then known for some minutes alone " +
    "(MinJobAge), and longer where its scheduler could write it down";
  try {
    const { code, stderr } = await run([
      "sacct",
      "--noheader",
      "--starttime=now",
      "--format=JobID",
    ]);
    if (code === 0) return { verdict: "ok", about, found: "sacct answers", advice: "" };
    return { verdict: "hint", about, found: `sacct does not answer: ${firstLine(stderr)}`, advice };
  } catch (thrown) {
    return { verdict: "hint", about, found: HeronError.from(thrown).message, advice };
  }
}

function firstLine(text: string): string {
  return text.trim().split("\n", 1)[0] ?? "";
}
