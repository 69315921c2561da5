/**
 * What an instance tells of its process under the names that Heron's have,
 * `__jvm-*`: there is no JVM, but its names are what dashboards ask for. What
 * has no counterpart in the engine is left out.
 */

import { totalmem } from "node:os";
import type { Clock } from "../base/mod.ts";
import { heapUsedBytes } from "./engine_figures.ts";
import type { MetricRegistry, NamedValue } from "./metric_registry.ts";
import { openFileCount, openFileLimit, threadCount, threadNanos } from "./proc_figures.ts";

/** The thread of user code, where it has one of its own. */
export interface ExecutorFigures {
  /** The system's number of it; 0: it is the gateway's, or none is known. */
  readonly threadId: number;
  readonly heapBytes: number;
}

const BYTES_PER_MB = 1024 * 1024;
const USEC_PER_MS = 1000;
const NS_PER_USEC = 1000;

/**
 * How often they are read, in milliseconds: with every tenth export of a second. It is what Heron does
 * (`heron.instance.metrics.system.sample.interval.sec`), for to ask the system takes longer than all else
 * that is exported, and tuples wait meanwhile.
 */
const SAMPLE_MS = 9_500;

/**
 * Registers them for the process whose main thread this is, its gateway; they are exported when they are
 * read, ten seconds apart. The load is that of the time in between: 1 is one core.
 */
export function registerRuntimeMetrics(
  registry: MetricRegistry,
  clock: Clock,
  executor: () => ExecutorFigures,
): void {
  const startMs = clock.nowMs();
  const fileLimit = openFileLimit();
  let last = { atMs: startMs, usec: usedUsec() };
  let nextMs = startMs;
  registry.restlessGauges(() => {
    const nowMs = clock.nowMs();
    if (nowMs < nextMs) return [];
    nextMs = nowMs + SAMPLE_MS;
    const now = { atMs: nowMs, usec: usedUsec() };
    const load = (now.usec - last.usec) / USEC_PER_MS / Math.max(1, nowMs - last.atMs);
    last = now;
    const figures = executor();
    return [
      ["__jvm-uptime-secs", Math.floor((nowMs - startMs) / 1000)],
      ["__jvm-process-cpu-load", Math.round(load * 10_000) / 10_000],
      ["__jvm-process-cpu-time-nanos", now.usec * NS_PER_USEC],
      ["__jvm-thread-count", threadCount()],
      ["__jvm-fd-count", openFileCount()],
      ["__jvm-fd-limit", fileLimit],
      ...threadTimes(figures.threadId, now.usec * NS_PER_USEC),
      ...memory(figures.heapBytes),
    ];
  });
}

/** By thread: where user code and sockets share one it is the gateway's. */
function threadTimes(executorId: number, processNanos: number): NamedValue[] {
  const gateway = threadNanos(process.pid);
  const executor = executorId === 0 ? Number.NaN : threadNanos(executorId);
  const others = processNanos - gateway - (Number.isNaN(executor) ? 0 : executor);
  return [
    ["__jvm-threads-cpu-time-nanos/gateway", gateway],
    ["__jvm-threads-cpu-time-nanos/executor", executor],
    // The two figures come from different clocks of the system.
    ["__jvm-other-threads-cpu-time-nanos", Math.max(0, others)],
  ];
}

/** Heaps have no bound of their own here: what is there in all is what the system, or its group, gives. */
function memory(executorHeapBytes: number): NamedValue[] {
  const megabytes = (bytes: number): number => Math.round(bytes / BYTES_PER_MB);
  return [
    ["__jvm-memory-used-mb", megabytes(process.memoryUsage.rss())],
    ["__jvm-memory-free-mb", megabytes(process.availableMemory())],
    ["__jvm-memory-mb-total", megabytes(memoryLimit())],
    ["__jvm-memory-heap-mb-used", megabytes(heapUsedBytes() + executorHeapBytes)],
  ];
}

function memoryLimit(): number {
  const limit = process.constrainedMemory();
  const total = totalmem();
  // Without a limit it is 0, or more than there is.
  return limit > 0 ? Math.min(limit, total) : total;
}

/** Processor time of this process, in microseconds. */
function usedUsec(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}
