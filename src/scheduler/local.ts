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
/** A process that begins has no command line for a moment: one look may miss it. */
const QUIET_LOOKS = 2;

// What the kernel cannot end in this time waits for a disk; nobody can do more.
const LOOKS_MAX = 200;

/** The scheduler of this machine. */
export function createLocalScheduler(clock: Clock): Scheduler {
  return Object.freeze<Scheduler>({
    start: ({ logFile, marks, ...options }) => ({
      ...spawnLogged(options, logFile),
      async killLeft(told) {
        told.forEach(killProcess);
        for (let look = 0, quiet = 0; look < LOOKS_MAX && quiet < QUIET_LOOKS; look++) {
          // One that was just started when the container died was not told.
          const found = readProcessesWith(marks);
          found.forEach(killGroup);
          quiet = found.length === 0 && !told.some(isRunning) ? quiet + 1 : 0;
          await sleep(clock, LOOK_MS);
        }
      },
    }),
  });
}
