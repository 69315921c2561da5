/** Lines as the runners of other systems print them. */

import { expect, test } from "bun:test";
import { figuresFromLine } from "./peers.ts";

const STORM = JSON.stringify({
  system: "storm",
  workload: "latency",
  mode: "amo",
  seconds: 5,
  tuples: 50_000,
  tuples_per_s: 10_000,
  cpu_s: { spout_worker: 3, total: 6 },
  tuples_per_cpu_s: 8333,
  rss_mb: { total: 2000 },
  latency_ms: { count: 50_000, p50: 1.5, p99: 4.6, p999: 9, max: 20 },
});

test("figuresFromLine() takes over the shared words, under our name of the workload", () => {
  expect(figuresFromLine("latency", STORM)).toMatchObject({
    workload: "latency",
    tuples: 50_000,
    cpu_s: { total: 6 },
    latency_ms: { p50: 1.5, p999: 9 },
  });
});

test("figuresFromLine() throws for what is no line", () => {
  expect(() => figuresFromLine("latency", "")).toThrow();
});
