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

const BYTES_PER_MB = 1024 * 1024;
const USEC_PER_MS = 1000;

/**
 * The same of an instance, under the names that Heron's instances have; they tell of the whole process,
 * whatever runs in it. The load is that of the time since the last export: 1 is one core. What a
 * collection of garbage takes is not known.
 */
export function registerRuntimeMetrics(registry: MetricRegistry, clock: Clock): void {
  const startMs = clock.nowMs();
  let last = { atMs: startMs, usec: usedUsec() };
  registry.restlessGauges(() => {
    const nowMs = clock.nowMs();
    const now = { atMs: nowMs, usec: usedUsec() };
    const load = (now.usec - last.usec) / USEC_PER_MS / Math.max(1, nowMs - last.atMs);
    last = now;
    return [
      ["__jvm-uptime-secs", Math.floor((nowMs - startMs) / 1000)],
      ["__jvm-process-cpu-load", Math.round(load * 10_000) / 10_000],
      ["__jvm-process-cpu-time-nanos", now.usec * 1000],
      ["__jvm-memory-used-mb", Math.round(process.memoryUsage.rss() / BYTES_PER_MB)],
    ];
  });
}

/** Processor time of this process, in microseconds. */
function usedUsec(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}
