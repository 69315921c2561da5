/**
 * What Linux tells of this process in `/proc`. Elsewhere it is not a number,
 * and what is not a number is left out of the metrics.
 */

import { readdirSync, readFileSync } from "node:fs";

/** Threads of this process. */
export function threadCount(): number {
  return entriesIn("/proc/self/task");
}

/** Open files, sockets and pipes of this process. */
export function openFileCount(): number {
  // One of them reads the folder.
  return entriesIn("/proc/self/fd") - 1;
}

/** How many it may have. */
export function openFileLimit(): number {
  return Number(/^Max open files +(\d+)/m.exec(textOf("/proc/self/limits"))?.[1]);
}

/** Processor time of one thread of this process, in nanoseconds; `threadId` as the system numbers them. */
export function threadNanos(threadId: number): number {
  return Number(/^\d+/.exec(textOf(`/proc/self/task/${threadId}/schedstat`))?.[0]);
}

function entriesIn(folder: string): number {
  try {
    return readdirSync(folder).length;
  } catch {
    // No Linux.
    return Number.NaN;
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    // No Linux, or the thread has ended.
    return "";
  }
}
