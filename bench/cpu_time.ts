/**
 * Processor time from /proc: of processes, by the nanosecond and thread, and of the whole machine.
 * The texts are parsed by pure functions; what was used is the difference of two samples.
 */

import { readdirSync, readFileSync } from "node:fs";

/** The kernel counts the times in `stat` in steps of 10 ms. */
const TICK_NS = 10_000_000;
/** What `stat` may say too much between two samples: user and system time are rounded each. */
const STAT_ERROR_NS = 2 * TICK_NS;

/** What a process had used at a time. */
export interface ProcessCpu {
  /** Of each thread that lived, in nanoseconds. */
  readonly threads: ReadonlyMap<number, number>;
  /** Of all threads that ever lived, in nanoseconds, in steps of 10 ms. */
  readonly statNs: number;
}

/** What the machine's processors had done, in seconds since its start. */
export interface MachineCpu {
  readonly busyS: number;
  /** Time in which the host ran others. */
  readonly stealS: number;
}

/** Time that a thread has run, in nanoseconds: the first number of `/proc/PID/task/TID/schedstat`. */
export function parseSchedstat(text: string): number {
  return Number(text.slice(0, text.indexOf(" ")));
}

/** User and system time of a process in nanoseconds, from `/proc/PID/stat`. */
export function parseStat(text: string): number {
  // Fields behind the command's name, which is in brackets; the times are fields 14 and 15.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * TICK_NS;
}

/** The first line of `/proc/stat`. */
export function parseMachineStat(text: string): MachineCpu {
  const [, ...ticks] = (text.split("\n")[0] ?? "").split(/\s+/).map(Number);
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = ticks;
  const seconds = TICK_NS / 1e9;
  return { busyS: (user + nice + system + irq + softirq) * seconds, stealS: steal * seconds };
}

/**
 * What a process used between two samples, in nanoseconds. A thread that ended in between is
 * missing from the exact sum; then what `stat` says at least is nearer.
 */
export function cpuBetween(before: ProcessCpu | undefined, after: ProcessCpu): number {
  let sum = 0;
  for (const [thread, ns] of after.threads) sum += ns - (before?.threads.get(thread) ?? 0);
  return Math.max(sum, after.statNs - (before?.statNs ?? 0) - STAT_ERROR_NS);
}

/** Samples a process; undefined when it is gone. */
export function sampleProcess(pid: number): ProcessCpu | undefined {
  try {
    const threads = new Map<number, number>();
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      const text = readIfThere(`/proc/${pid}/task/${thread}/schedstat`);
      if (text !== undefined) threads.set(Number(thread), parseSchedstat(text));
    }
    return { threads, statNs: parseStat(readFileSync(`/proc/${pid}/stat`, "latin1")) };
  } catch (thrown) {
    if (isGone(thrown)) return undefined;
    throw thrown;
  }
}

/** Samples the machine. */
export function sampleMachine(): MachineCpu {
  return parseMachineStat(readFileSync("/proc/stat", "latin1"));
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "latin1");
  } catch (thrown) {
    if (isGone(thrown)) return undefined;
    throw thrown;
  }
}

function isGone(thrown: unknown): boolean {
  const code = thrown instanceof Error && "code" in thrown ? thrown.code : undefined;
  return code === "ENOENT" || code === "ESRCH";
}
