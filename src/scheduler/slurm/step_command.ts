/**
 * The command line and the environment with which `srun` starts one step of a job: one process on
 * one node, beside the others. Text only.
 */

import type { Variables } from "./allocation.ts";

/** A step to be started. */
export interface Step {
  readonly jobId: string;
  /** Told by `squeue --steps`. */
  readonly name: string;
  readonly node: string;
  readonly cpus: number;
  /** Undefined: memory is not handed out. 0: all that the job has on the node. */
  readonly ramMib: number | undefined;
  readonly workingFolder: string;
  /** Gets what the step prints. @default what `srun` prints */
  readonly logFile?: string;
  readonly command: readonly string[];
}

const NODE = "--nodelist=";

/** Words in a row that the command line of a step's `srun` has, and that of no other of its Slurm. */
export function stepWords({ jobId, name }: Pick<Step, "jobId" | "name">): readonly string[] {
  return [`--jobid=${jobId}`, `--job-name=${name}`];
}

/** The node in the command line of an `srun`; undefined when there is none. */
export function nodeOfStep(commandLine: readonly string[]): string | undefined {
  return commandLine.find((word) => word.startsWith(NODE))?.slice(NODE.length);
}

/** The arguments of `srun` for `step`. */
export function stepArguments(step: Step): readonly string[] {
  const { logFile } = step;
  // Slurm would replace `%x` in the path; a backslash anywhere in it stops that.
  const output = logFile === undefined ? [] : [`--output=${logFile.replaceAll("%", "%%")}`];
  return [
    ...stepWords(step),
    ...["--nodes=1", "--ntasks=1", `${NODE}${step.node}`, `--cpus-per-task=${step.cpus}`],
    ...(step.ramMib === undefined ? [] : [`--mem=${step.ramMib}M`]),
    // Steps share the CPUs of the job: a container that starts again waits for none to become free.
    ...["--exact", "--overlap"],
    // One that dies takes no other along, and is started again by the scheduler.
    "--kill-on-bad-exit=0",
    ...["--export=ALL", "--input=none", "--open-mode=append"],
    ...output,
    `--chdir=${step.workingFolder}`,
    "--",
    ...step.command,
  ];
}

// Those of the job's script say how large the whole job is; `srun` would take them for the step's.
const OF_THE_JOB =
  /^SLURM_(MEM_PER_|CPUS_PER_TASK|NTASKS|NPROCS|NNODES|TRES_PER_TASK|EXPORT_ENV|DISTRIBUTION|OPEN_MODE|GTIDS|TASK_PID|PROCID|LOCALID|JOB_NAME)/;

// What Slurm tells the processes of a job, and what it sets for the devices that it hands out.
const OF_SLURM =
  /^(SLURM|SLURMD)_|^(CUDA_VISIBLE_DEVICES|ROCR_VISIBLE_DEVICES|ZE_AFFINITY_MASK|GPU_DEVICE_ORDINAL)$/;

/** The variables that `srun` needs of those of the job's script. */
export function stepVariables(variables: Variables): Readonly<Record<string, string>> {
  const kept = Object.entries(variables).flatMap(([name, value]) =>
    value !== undefined && OF_SLURM.test(name) && !OF_THE_JOB.test(name) ? [[name, value]] : []
  );
  return Object.fromEntries(kept);
}
