/**
 * What tells one process of this machine from all others: its pid and its start time, as
 * pids are used again. Reads /proc; who the process is for is its supervisor's business.
 */

import { readdirSync, readFileSync } from "node:fs";
import { HeronError } from "../mod.ts";

/** A process of this machine. */
export interface ProcessFacts {
  readonly pid: number;
  /** Clock ticks since boot, field 22 of /proc/PID/stat. */
  readonly startTime: bigint;
}

// Its number in the auxiliary vector.
const AT_PAGESZ = 6n;

// Of the fields behind the command's name, which is field 2 and in brackets.
const START_TIME_INDEX = 22 - 3;

/** The process that has `pid` now; undefined when there is none. */
export function readProcessFacts(pid: number): ProcessFacts | undefined {
  const stat = readFileOf(String(pid), "stat");
  // One that has ended and that its parent has not asked about is none.
  if (stat === undefined || /\) [ZX] [^)]*$/.test(stat)) return undefined;
  return { pid, startTime: parseStartTime(stat) };
}

/**
 * The start time in the text of a /proc/PID/stat.
 * @throws HeronError `corrupt` when it has none
 */
export function parseStartTime(stat: string): bigint {
  // The command's name may hold spaces and brackets; nothing behind it does.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const field = fields[START_TIME_INDEX] ?? "";
  if (/^\d+$/.test(field)) return BigInt(field);
  throw new HeronError(
    "corrupt",
    `Read the start time of a process: found "${field}" in "${stat}", expected a number in field 22`,
  );
}

/** Reads how much memory processes of this machine hold. */
export class MemoryReader {
  readonly #pageBytes = readPageBytes();

  /** Bytes that a process holds for itself, files mapped left out; undefined: there is none. */
  bytesOf(pid: number): number | undefined {
    const statm = readFileOf(String(pid), "statm");
    if (statm === undefined) return undefined;
    const [, resident = "0", shared = "0"] = statm.split(" ");
    return (Number(resident) - Number(shared)) * this.#pageBytes;
  }
}

/** The size of a page, from what the kernel gave this process on its way. */
function readPageBytes(): number {
  const bytes = readFileSync("/proc/self/auxv");
  for (let at = 0; at + 16 <= bytes.length; at += 16) {
    if (bytes.readBigUInt64LE(at) === AT_PAGESZ) return Number(bytes.readBigUInt64LE(at + 8));
  }
  throw new HeronError("corrupt", "Read the size of a page: found none in /proc/self/auxv");
}

/** The pids of the processes of this machine whose command lines have these words in a row. */
export function readProcessesWith(words: readonly string[]): number[] {
  const marks = `\0${words.join("\0")}\0`;
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name))
    .filter((name) => readFileOf(name, "cmdline")?.includes(marks)).map(Number);
}

/** The words of a process's command line; none when it has ended. */
export function readCommandLine(pid: number): readonly string[] {
  return readFileOf(String(pid), "cmdline")?.split("\0").slice(0, -1) ?? [];
}

/** Whether a process has not ended yet, and its pid is not another's by now. */
export function isRunning({ pid, startTime }: ProcessFacts): boolean {
  return readProcessFacts(pid)?.startTime === startTime;
}

/**
 * Kills a process and its group, unless its pid is another's by now. A group outlives its leader,
 * and keeps the pid from being used again.
 */
export function killProcess({ pid, startTime }: ProcessFacts): void {
  const now = readProcessFacts(pid);
  if (now === undefined || now.startTime === startTime) killGroup(pid);
}

/** Kills the process group that `pid` leads, if there is one. */
export function killGroup(pid: number): boolean {
  return kill(-pid);
}

/** Kills one process, if there is one. */
export function killOne(pid: number): boolean {
  return kill(pid);
}

/** Sends a signal to one process, if there is one. */
export function signalProcess(pid: number, signal: NodeJS.Signals): boolean {
  return kill(pid, signal);
}

function kill(target: number, signal: NodeJS.Signals = "SIGKILL"): boolean {
  try {
    process.kill(target, signal);
    return true;
  } catch (thrown) {
    // ESRCH: it ended just now. EPERM: what is left of it has another user.
    if (isSystemError(thrown, "ESRCH") || isSystemError(thrown, "EPERM")) return false;
    throw HeronError.from(thrown, `Send ${signal} to process ${target}`);
  }
}

function readFileOf(pid: string, name: "stat" | "statm" | "cmdline"): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "utf8");
  } catch (thrown) {
    // ESRCH: it ended between opening and reading.
    if (isSystemError(thrown, "ENOENT") || isSystemError(thrown, "ESRCH")) return undefined;
    throw HeronError.from(thrown, `Read the ${name} of process ${pid}`);
  }
}

function isSystemError(thrown: unknown, code: string): boolean {
  return thrown instanceof Error && "code" in thrown && thrown.code === code;
}
