/** Door of `scheduler`: where containers run, and the role that starts, watches and stops them. */

export type { FrameSink } from "./frame_writer.ts";
export { createLocalScheduler } from "./local.ts";
export type { ContainerStart, RunningContainer, Scheduler } from "./scheduler.ts";
export { runScheduler, type SchedulerOptions } from "./scheduler_role.ts";
