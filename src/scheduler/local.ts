/**
 * Scheduler "local": every container is a process of this machine, in a session of its own.
 * Which ones there are is the scheduler role's.
 */

import { type Clock, sleep } from "../base/mod.ts";
import {
  isRunning,
  killGroup,
  killProcess,
  readProcessesWith,
  spawnLogged,
} from "../base/supervision/mod.ts";
import type { Scheduler } from "./scheduler.ts";

const LOOK_MS = 5;

// What the kernel cannot end in this time waits for a disk; nobody can do more.
const LOOKS_MAX = 200;

/** The scheduler of this machine. */
export function createLocalScheduler(clock: Clock): Scheduler {
  return Object.freeze<Scheduler>({
    start: ({ logFile, marks, ...options }) => ({
      ...spawnLogged(options, logFile),
      async killLeft(told) {
        told.forEach(killProcess);
        for (let look = 0; look < LOOKS_MAX; look++) {
          // One that was just started when the container died was not told.
          const found = readProcessesWith(marks);
          found.forEach(killGroup);
          if (found.length === 0 && !told.some(isRunning)) return;
          await sleep(clock, LOOK_MS);
        }
      },
    }),
  });
}
