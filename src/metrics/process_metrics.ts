/**
 * What every process tells of itself: processor time, memory and age, under
 * the names of Heron's daemons.
 */

import { readFileSync } from "node:fs";
import type { Clock } from "../base/mod.ts";
import type { MetricRegistry } from "./metric_registry.ts";

/** Registers the metrics of this process; `clock` tells its age from now on. */
export function registerProcessMetrics(registry: MetricRegistry, clock: Clock): void {
  const startMs = clock.nowMs();
  registry.restlessGauges(() => {
    const cpu = process.cpuUsage();
    const rss = process.memoryUsage.rss();
    return [
      ["__process/__cpu_user_usec", cpu.user],
      ["__process/__cpu_system_usec", cpu.system],
      ["__process/__uptime_sec", Math.floor((clock.nowMs() - startMs) / 1000)],
      ["__process/__mem_used_bytes", rss],
      ["__process/__mem_private_bytes", rss * privateShare()],
    ];
  });
}

/** Which part of the resident memory is this process's own, where the system says so. */
function privateShare(): number {
  try {
    const [, resident = 0, shared = 0] = readFileSync("/proc/self/statm", "utf8").split(" ").map(
      Number,
    );
    return (resident - shared) / resident;
  } catch {
    // No Linux: what is unknown is left out.
    return Number.NaN;
  }
}
