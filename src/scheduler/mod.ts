/** Door of `scheduler`: where containers run, and the role that starts, watches and stops them. */

export type { Finding } from "./finding.ts";
export type { JobFacts, Launch, Launched, Launcher, Presence } from "./launcher.ts";
export { createLocalScheduler } from "./local.ts";
export { createLocalLauncher } from "./local_launcher.ts";
export type { Orders, Owner, WaitingContainer } from "./owner.ts";
export { createPipeOwner, type PipeOwnerOptions } from "./pipe_owner.ts";
export type { ContainerStart, RunningContainer, Scheduler } from "./scheduler.ts";
export { runScheduler, type SchedulerOptions } from "./scheduler_role.ts";
export type { Variables } from "./slurm/allocation.ts";
export { type ContainerSize, containerSizesOf, type JobSize, jobSizeOf } from "./slurm/job_size.ts";
export { JOB_LOG, type SlurmJob } from "./slurm/job_script.ts";
export { hasEnded, isOnNodes, type SlurmJobState } from "./slurm/job_state.ts";
export { type JobWords, wordsOfJob } from "./slurm/job_words.ts";
export { cancelJob, readJobId, submitJob, whyEnding } from "./slurm/jobs.ts";
export { parseNodeList } from "./slurm/node_list.ts";
export { type QueueCacheOptions, type QueueView, readQueue } from "./slurm/queue_cache.ts";
export {
  createSlurmClient,
  createSlurmRunner,
  type SlurmClient,
  type SlurmClientOptions,
} from "./slurm/slurm_client.ts";
export { examineSlurm, type SlurmExamination } from "./slurm/slurm_examination.ts";
export { createSlurmLauncher, type SlurmLauncherOptions } from "./slurm/slurm_launcher.ts";
export type { SlurmOptions } from "./slurm/slurm_options.ts";
export { createSlurmScheduler, type SlurmSchedulerOptions } from "./slurm/slurm_scheduler.ts";
export { taskVariables } from "./slurm/task_variables.ts";
export { decodeSweep, type Sweep, SWEEP_VARIABLE, sweepProcesses } from "./sweep.ts";
