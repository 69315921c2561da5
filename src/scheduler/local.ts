/**
 * Scheduler "local": every container is a process of this machine, in a session of its own.
 * Which ones there are is the scheduler role's.
 */

import { killProcess, spawnLogged } from "../base/supervision/mod.ts";
import type { Scheduler } from "./scheduler.ts";

/** The scheduler of this machine. */
export function createLocalScheduler(): Scheduler {
  return Object.freeze<Scheduler>({
    start: ({ logFile, ...options }) => ({
      ...spawnLogged(options, logFile),
      killLeft: (processes) => processes.forEach((one) => void killProcess(one)),
    }),
  });
}
