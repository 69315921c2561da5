import { expect, test } from "bun:test";
import { ManualClock } from "../base/mod.ts";
import { heapUsedBytes, threadIdHere } from "./engine_figures.ts";
import { MetricRegistry } from "./metric_registry.ts";
import { openFileCount, openFileLimit, threadCount, threadNanos } from "./proc_figures.ts";
import { type ExecutorFigures, registerRuntimeMetrics } from "./runtime_metrics.ts";

function runtimeOf(executor: ExecutorFigures) {
  const clock = new ManualClock();
  const registry = new MetricRegistry(clock);
  registerRuntimeMetrics(registry, clock, () => executor);
  const collect = () => new Map(registry.collect().map(({ name, value }) => [name, Number(value)]));
  return { clock, collect };
}

test("registerRuntimeMetrics() tells the load since it was last read under Heron's names", () => {
  const { clock, collect } = runtimeOf({ threadId: 0, heapBytes: 0 });
  clock.jump(1_000_000_000);
  const values = collect();
  expect(values.get("__jvm-uptime-secs")).toBe(1_000_000);
  // Next to nothing in a million seconds.
  expect(values.get("__jvm-process-cpu-load")).toBe(0);
  expect(values.get("__jvm-process-cpu-time-nanos")).toBeGreaterThan(0);
});

test("registerRuntimeMetrics() asks the system with the first export and each tenth", () => {
  const { clock, collect } = runtimeOf({ threadId: 0, heapBytes: 0 });
  const isRead = Array.from({ length: 21 }, () => {
    const names = [...collect().keys()];
    clock.jump(999);
    return names.length > 0;
  });
  expect(isRead.flatMap((one, at) => one ? [at] : [])).toEqual([0, 10, 20]);
});

test("registerRuntimeMetrics() tells how much memory is used, and of how much", () => {
  const { collect } = runtimeOf({ threadId: 0, heapBytes: 5000 * 2 ** 20 });
  const values = collect();
  const used = values.get("__jvm-memory-used-mb") ?? 0;
  const total = values.get("__jvm-memory-mb-total") ?? 0;
  expect(used).toBeGreaterThan(1);
  expect(total).toBeGreaterThan(used);
  expect(values.get("__jvm-memory-free-mb")).toBeLessThanOrEqual(total);
  // Both heaps.
  expect(values.get("__jvm-memory-heap-mb-used")).toBeGreaterThanOrEqual(5000);
});

test("registerRuntimeMetrics() parts the processor time by thread", () => {
  const { collect } = runtimeOf({ threadId: process.pid, heapBytes: 0 });
  const values = collect();
  const ofMain = values.get("__jvm-threads-cpu-time-nanos/gateway") ?? 0;
  expect(ofMain).toBeGreaterThan(0);
  expect(values.get("__jvm-threads-cpu-time-nanos/executor")).toBeGreaterThanOrEqual(ofMain);
  expect(values.get("__jvm-other-threads-cpu-time-nanos")).toBeGreaterThanOrEqual(0);
  expect(runtimeOf({ threadId: 0, heapBytes: 0 }).collect().keys()).not.toContain(
    "__jvm-threads-cpu-time-nanos/executor",
  );
});

test("heapUsedBytes() and the figures of /proc tell of this process", () => {
  expect(heapUsedBytes()).toBeGreaterThan(1e5);
  expect(threadIdHere()).toBe(process.pid);
  expect(threadCount()).toBeGreaterThan(1);
  expect(openFileCount()).toBeGreaterThan(2);
  expect(openFileLimit()).toBeGreaterThan(openFileCount());
  expect(threadNanos(process.pid)).toBeGreaterThan(0);
  expect(threadNanos(2 ** 30)).toBeNaN();
});
