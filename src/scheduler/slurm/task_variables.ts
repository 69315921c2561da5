/**
 * Which of the variables that Slurm sets for a step the tasks in it get. All others of the machine's
 * are kept from user code: what a topology runs with is what it was submitted with.
 */

import type { Variables } from "./allocation.ts";

const PASSED_ON: ReadonlySet<string> = new Set([
  // The devices that the step was given: a library that does not read them takes another's.
  ...["CUDA_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES", "ZE_AFFINITY_MASK", "GPU_DEVICE_ORDINAL"],
  ...["SLURM_JOB_GPUS", "SLURM_STEP_GPUS", "SLURM_GPUS_ON_NODE"],
  // Which job this is, to name files and to ask for it; the second is the older name of the first.
  ...["SLURM_JOB_ID", "SLURM_JOBID", "SLURM_JOB_NAME", "SLURM_CLUSTER_NAME", "SLURM_RESTART_COUNT"],
  ...["SLURM_JOB_PARTITION", "SLURM_JOB_ACCOUNT", "SLURM_JOB_QOS", "SLURM_JOB_USER"],
  // When it began and when it ends, in seconds since 1970.
  ...["SLURM_JOB_START_TIME", "SLURM_JOB_END_TIME"],
  // Where this is. A container is a step of one task: its numbers in the step are 0.
  ...["SLURMD_NODENAME", "SLURM_JOB_NODELIST", "SLURM_JOB_NUM_NODES", "SLURM_TOPOLOGY_ADDR"],
  ...["SLURM_STEP_ID", "SLURM_STEPID", "SLURM_STEP_NODELIST"],
  ...["SLURM_NODEID", "SLURM_PROCID", "SLURM_LOCALID", "SLURM_NTASKS"],
  // How much it may use: libraries size their pools of threads by it.
  ...["SLURM_CPUS_PER_TASK", "SLURM_CPUS_ON_NODE", "SLURM_MEM_PER_CPU", "SLURM_MEM_PER_NODE"],
  // Where the node wants files that are not to be kept.
  ...["SLURM_TMPDIR", "TMPDIR"],
]);

/** The variables for tasks, of those of their step; none outside of a job. */
export function taskVariables(variables: Variables): Readonly<Record<string, string>> {
  if (variables["SLURM_JOB_ID"] === undefined) return {};
  const kept = Object.entries(variables).flatMap(([name, value]) =>
    value !== undefined && PASSED_ON.has(name) ? [[name, value]] : []
  );
  return Object.fromEntries(kept);
}
