/** Figures of other processes as the kernel has them, and waiting until one stands still. */

import { readFileSync } from "node:fs";

const STILL_MS = 1000;

/** The memory of a process that is not paged out, in bytes. */
export function residentBytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kilobytes) * 1024;
}

/** What a process has written to files and pipes so far; sockets do not count. */
export function writtenBytes(pid: number): number {
  return Number(/^wchar: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, "utf8"))?.[1]);
}

/** Waits until a figure has not grown by more than `tolerance` within a second. */
export async function untilStill(figure: () => number, tolerance = 0): Promise<void> {
  let before = -Infinity;
  for (let now = figure(); now > before + tolerance; now = figure()) {
    before = now;
    await Bun.sleep(STILL_MS);
  }
}
