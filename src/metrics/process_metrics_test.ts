import { expect, test } from "bun:test";
import { ManualClock } from "../base/mod.ts";
import { metricsmgrSocket } from "./metricsmgr_socket.ts";
import { MetricRegistry } from "./metric_registry.ts";
import { registerProcessMetrics } from "./process_metrics.ts";

test("registerProcessMetrics() tells processor time, age and memory", () => {
  const clock = new ManualClock();
  const registry = new MetricRegistry(clock);
  registerProcessMetrics(registry, clock);
  clock.jump(2500);
  const values = new Map(registry.collect().map(({ name, value }) => [name, Number(value)]));
  expect([...values.keys()].sort()).toEqual([
    "__process/__cpu_system_usec",
    "__process/__cpu_user_usec",
    "__process/__mem_private_bytes",
    "__process/__mem_used_bytes",
    "__process/__uptime_sec",
  ]);
  expect(values.get("__process/__mem_private_bytes")).toBeLessThanOrEqual(
    values.get("__process/__mem_used_bytes") ?? 0,
  );
  expect(values.get("__process/__uptime_sec")).toBe(2);
  expect(values.get("__process/__mem_used_bytes")).toBeGreaterThan(1e6);
  // The kernel shares short times between the two by its ticks: either may be 0.
  const user = values.get("__process/__cpu_user_usec") ?? 0;
  const system = values.get("__process/__cpu_system_usec") ?? 0;
  expect(user + system).toBeGreaterThan(0);
});

test("metricsmgrSocket() lies in the folder of the sockets", () => {
  expect(metricsmgrSocket("/tmp/run", "metricsmgr-2")).toBe("/tmp/run/sockets/metricsmgr-2.sock");
});
