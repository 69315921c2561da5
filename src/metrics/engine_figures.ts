/**
 * What can be told of the JavaScript engine of a thread without slowing it:
 * the bytes in use on its heap, and by which number the system knows the
 * thread. How often and how long it collects its garbage it does not tell.
 */

import { readlinkSync } from "node:fs";

/** Bytes in use on the heap of this thread's engine, as of its last collection and what was made since. */
export function heapUsedBytes(): number {
  return process.memoryUsage().heapUsed;
}

/** The system's number of the thread that asks; undefined where the system tells none. */
export function threadIdHere(): number | undefined {
  try {
    return Number(readlinkSync("/proc/thread-self").split("/").at(-1));
  } catch {
    // No Linux.
    return undefined;
  }
}
