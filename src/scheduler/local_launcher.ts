/**
 * The launcher of scheduler "local": the scheduler is a process of this machine in a session of its own,
 * as are all processes of its topology. They are known by the job in their command lines.
 */

import { hostname } from "node:os";
import { type Clock, HeronError, RUNTIME_OPTIONS, sleep } from "../base/mod.ts";
import { isRunning, killGroup, readProcessesWith, spawnLogged } from "../base/supervision/mod.ts";
import type { Launched, Launcher, Presence } from "./launcher.ts";

const LOOK_MS = 5;
/** A process that begins has no command line for a moment: one look may miss it. */
const QUIET_LOOKS = 3;
const END_MS_MAX = 10_000;

/** The launcher of this machine. */
export function createLocalLauncher(clock: Clock): Launcher {
  return Object.freeze<Launcher>({
    launch({ command, environment, workingFolder, logFile }) {
      return Promise.try(() => {
        const variables = { ...environment, ...RUNTIME_OPTIONS };
        spawnLogged({ command, environment: variables, workingFolder }, logFile);
      });
    },
    look: (topology) => Promise.try(() => look(topology)),
    end: (topology) => end(topology, clock),
  });
}

function look({ jobFile, told }: Launched): Presence {
  if (told === undefined) {
    const isThere = readProcessesWith(["scheduler", "--job", jobFile]).length > 0;
    return isThere ? { type: "alive" } : { type: "gone", reason: "there is no process of it" };
  }
  const { host, pid } = told;
  if (host !== hostname()) {
    return { type: "unknown", reason: `its scheduler is on host "${host}"` };
  }
  if (isRunning(told)) return { type: "alive" };
  return { type: "gone", reason: `its scheduler, process ${pid}, is not there any more` };
}

async function end({ jobFile, told }: Launched, clock: Clock): Promise<void> {
  if (told !== undefined && told.host !== hostname()) {
    throw new HeronError(
      "unavailable",
      `End the processes of a topology: its scheduler is on host "${told.host}", expected "${hostname()}"`,
    );
  }
  const deadlineMs = clock.nowMs() + END_MS_MAX;
  for (let quiet = 0; quiet < QUIET_LOOKS;) {
    // The scheduler and containers start others: they end with the same look.
    const found = readProcessesWith(["--job", jobFile]);
    found.forEach(killGroup);
    quiet = found.length === 0 ? quiet + 1 : 0;
    if (clock.nowMs() > deadlineMs) {
      const pids = found.join(", ");
      throw new HeronError("timeout", `End the processes of a topology: ${pids} do not end`);
    }
    await sleep(clock, LOOK_MS);
  }
}
