/**
 * Kills the processes of a container that outlived it, on the machine on which this runs: those
 * that have its marks, and those that it told of. What is to be killed can be handed to a process
 * on another machine.
 */

import { type Clock, HeronError, sleep } from "../base/mod.ts";
import {
  isRunning,
  killGroup,
  killProcess,
  type ProcessFacts,
  readProcessesWith,
} from "../base/supervision/mod.ts";

/** What is to be killed. */
export interface Sweep {
  /** Words in a row that the command line of each of its processes has, and no other process. */
  readonly marks: readonly string[];
  /** Processes that it told of; what they started ends with them. */
  readonly told: readonly ProcessFacts[];
}

/** Holds a sweep for a process that does it: its own command line must not have the marks. */
export const SWEEP_VARIABLE = "HERON_BIN_SWEEP";

const LOOK_MS = 5;
/** A process that begins has no command line for a moment: one look may miss it. */
const QUIET_LOOKS = 2;

// What the kernel cannot end in this time waits for a disk; nobody can do more.
const LOOKS_MAX = 200;

/** Kills them, the first time before it returns; resolves when they are gone. */
export async function sweepProcesses({ marks, told }: Sweep, clock: Clock): Promise<void> {
  told.forEach(killProcess);
  for (let look = 0, quiet = 0; look < LOOKS_MAX && quiet < QUIET_LOOKS; look++) {
    // One that was just started when the container died was not told.
    const found = readProcessesWith(marks);
    found.forEach(killGroup);
    quiet = found.length === 0 && !told.some(isRunning) ? quiet + 1 : 0;
    await sleep(clock, LOOK_MS);
  }
}

/** A sweep as text, without line ends. */
export function encodeSweep({ marks, told }: Sweep): string {
  const processes = told.map(({ pid, startTime }) => [pid, String(startTime)]);
  return JSON.stringify({ marks, told: processes });
}

/**
 * The sweep in `text`.
 * @throws HeronError `corrupt` when it is none, so that nothing else is killed
 */
export function decodeSweep(text: string): Sweep {
  const damaged = new HeronError(
    "corrupt",
    `Read what is to be killed: found ${
      JSON.stringify(text.slice(0, 200))
    }, expected marks and processes`,
  );
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    throw damaged;
  }
  if (typeof found !== "object" || found === null || !("marks" in found) || !("told" in found)) {
    throw damaged;
  }
  const { marks, told } = found;
  if (!Array.isArray(marks) || marks.length === 0 || !Array.isArray(told)) throw damaged;
  return {
    marks: marks.map((mark: unknown) => {
      if (typeof mark !== "string" || mark === "") throw damaged;
      return mark;
    }),
    told: told.map((one: unknown) => {
      const [pid, startTime]: readonly unknown[] = Array.isArray(one) ? one : [];
      const isPid = typeof pid === "number" && Number.isSafeInteger(pid) && pid > 1;
      if (!isPid || typeof startTime !== "string" || !/^\d{1,20}$/.test(startTime)) throw damaged;
      return { pid, startTime: BigInt(startTime) };
    }),
  };
}
