/**
 * Scheduler "local": every container is a process of this machine, in a session of its own.
 * Which ones there are is the scheduler role's.
 */

import type { Clock } from "../base/mod.ts";
import { spawnLogged } from "../base/supervision/mod.ts";
import type { Scheduler } from "./scheduler.ts";
import { sweepProcesses } from "./sweep.ts";

/** The scheduler of this machine. */
export function createLocalScheduler(clock: Clock): Scheduler {
  return Object.freeze<Scheduler>({
    start: ({ command, workingFolder, environment, logFile, marks }) => ({
      ...spawnLogged({ command, workingFolder, environment }, logFile),
      killLeft: (told) => sweepProcesses({ marks, told }, clock),
    }),
  });
}
