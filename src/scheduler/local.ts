/**
 * Scheduler "local": every container is a process of this machine, in a session of its own.
 * Which ones there are is the scheduler role's.
 */

import { type Clock, sleep } from "../base/mod.ts";
import { isRunning, killProcess, type ProcessFacts, spawnLogged } from "../base/supervision/mod.ts";
import type { Scheduler } from "./scheduler.ts";

const LOOK_MS = 5;

// What the kernel cannot end in this time waits for a disk; nobody can do more.
const LOOKS_MAX = 200;

/** The scheduler of this machine. */
export function createLocalScheduler(clock: Clock): Scheduler {
  return Object.freeze<Scheduler>({
    start: ({ logFile, ...options }) => ({
      ...spawnLogged(options, logFile),
      killLeft(processes) {
        processes.forEach(killProcess);
        return untilGone(processes, clock);
      },
    }),
  });
}

async function untilGone(processes: readonly ProcessFacts[], clock: Clock): Promise<void> {
  for (let look = 0; look < LOOKS_MAX && processes.some(isRunning); look++) {
    await sleep(clock, LOOK_MS);
  }
}
