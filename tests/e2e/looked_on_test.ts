/** What tasks tell of themselves: metrics and hooks of users, reported errors, debug emits. */

import { expect, test } from "bun:test";
import { LiveRun, topologyFile, until } from "./live_run.ts";
import { type MetricsRecord, processOf, readMetrics, valueOf } from "./metric_files.ts";
import { logLines } from "./role_logs.ts";

const TEST_MS = 180_000;

/** The sum of a metric over all records of the processes whose id contains `process`. */
function sumOf(records: readonly MetricsRecord[], process: string, name: string): number {
  return records.filter((one) => processOf(one).includes(process))
    .reduce((sum, one) => sum + valueOf(one, name), 0);
}

/** Heron's metrics of the two tasks, and what they come to. */
const COUNTS = [
  ["numbers", "__emit-count/odd", 300],
  ["numbers", "__ack-count/odd", 300],
  ["numbers", "__fail-count/odd", 0],
  ["numbers", "__timeout-count/odd", 0],
  ["reporter", "__execute-count/numbers/odd", 300],
  ["reporter", "__ack-count/numbers/odd", 300],
  ["reporter", "__ack-count/odd", 300],
] as const;
const LATENCIES = [
  ["numbers", "__next-tuple-latency"],
  ["numbers", "__complete-latency/odd"],
  ["numbers", "__tuple-serialization-time-ns/odd"],
  ["reporter", "__tuple-deserialization-time-ns/numbers/odd"],
  ["numbers", "__produce-tuple-count"],
  ["reporter", "__execution-count"],
  ["numbers", "__average-tuple-size-added-queue/default"],
  ["numbers", "__jvm-memory-heap-mb-used"],
  ["numbers", "__jvm-memory-mb-total"],
  ["numbers", "__jvm-threads-cpu-time-nanos/gateway"],
  ["numbers", "__gateway-sent-metrics-size"],
  ["numbers", "__jvm-memory-used-mb"],
  ["numbers", "__jvm-process-cpu-load"],
  ["reporter", "__execute-latency/numbers/odd"],
  ["reporter", "__execute-time-ns/odd"],
  ["reporter", "__process-latency/odd"],
] as const;

/** Starts a topology in one container with so many threads an instance. */
function startRun(threads: string, name: string, ...args: readonly string[]): LiveRun {
  return new LiveRun([
    "--plain",
    "--containers",
    "1",
    topologyFile("threads"),
    threads,
    name,
    ...args,
  ]);
}

test.each(["1", "2"])(
  "own_metrics publishes all it counts with instance.threads %s",
  async (threads) => {
    // So many that all processes reach their metrics manager: of one that ends before, none are left.
    await using run = startRun(threads, "own_metrics", "400000");
    const { exitCode, stderr } = await run.result;
    expect({ exitCode, stderr: exitCode === 0 ? "" : stderr }).toEqual({ exitCode: 0, stderr: "" });
    const records = readMetrics(run.folder);
    const names = ["orders", "orders-of/de", "orders-of/fr", "orders-of/at"];
    expect(names.map((name) => sumOf(records, "accounting", name))).toEqual([
      400_000,
      100_000,
      200_000,
      100_000,
    ]);
    const means = records.flatMap(({ metrics }) => metrics["euros"] ?? []).map(Number);
    expect(means.length).toBeGreaterThan(0);
    for (const mean of means) expect(Math.abs(mean - 49.5)).toBeLessThan(49.5);
    const waiting = records.flatMap(({ metrics }) => metrics["orders-waiting"] ?? []);
    expect(waiting.at(-1)).toBe("0");
    const slowest = records.flatMap(({ metrics }) => metrics["slowest-call-ms"] ?? []);
    expect(Math.max(...slowest.map(Number))).toBeGreaterThan(0);
  },
  TEST_MS,
);

test.each(["1", "2"])("tasks tell of themselves with instance.threads %s", async (threads) => {
  await using run = startRun(threads, "looked_on", "300", "end");
  const { exitCode, stdout, stderr } = await run.result;
  expect({ exitCode, stderr: exitCode === 0 ? "" : stderr }).toEqual({ exitCode: 0, stderr: "" });
  expect(stdout).toContain("greeting hello in looked-on");
  expect(stdout.match(/hook heard of id \d+/g)?.length).toBe(300);
  expect(stdout.match(/hook cleaned up/g)?.length).toBe(2);
  const lines = logLines(run.folder, ["container_1_"]).map((line) => JSON.parse(line));
  const emits = lines.filter(({ event }) => event === "emit");
  expect(emits.length).toBe(300);
  expect(emits[0]).toMatchObject({ stream: "odd", values: "[1, text]", tasks: [2] });
  const reports = lines.filter(({ event }) => event === "reported by user code");
  const counts: number[] = reports.map(({ count }) => count);
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(300);
  expect(reports.length).toBeLessThan(50);
  expect(reports[0].stack).toContain("looked_on.ts");
  const records = readMetrics(run.folder);
  const exceptions = records.flatMap((record) => record.exceptions ?? []);
  expect(exceptions.reduce((sum, { count }) => sum + count, 0)).toBe(300);
  expect(exceptions[0]?.stackTrace).toContain("looked_on.ts");
  expect(sumOf(records, "reporter", "__exception-count")).toBe(300);
  for (const [task, name, count] of COUNTS) {
    expect([name, sumOf(records, task, name)]).toEqual([name, count]);
  }
  expect(sumOf(records, "numbers", "__tuple-serialization-time-ns/odd")).toBeGreaterThan(0);
  expect(sumOf(records, "reporter", "__tuple-deserialization-time-ns/odd")).toBeGreaterThan(0);
  for (const [task, name] of LATENCIES) {
    const values = records.filter((one) => processOf(one).includes(task))
      .flatMap(({ metrics }) => metrics[name] ?? []).map(Number);
    expect([name, values.length > 0 && values.every((ns) => ns >= 0 && ns < 60e9)]).toEqual([
      name,
      true,
    ]);
  }
}, TEST_MS);

test.each(["1", "2"])(
  "metrics go on while tasks are idle with instance.threads %s",
  async (threads) => {
    await using run = startRun(threads, "looked_on", "0", "never");
    await run.untilStderr(/running \d+ tasks? in/);
    await until(
      "ten values of an idle task",
      () =>
        readMetrics(run.folder).filter(({ metrics }) => metrics["beats"] !== undefined).length >=
          10,
    );
    run.interrupt();
    expect((await run.result).exitCode).toBe(0);
    expect(sumOf(readMetrics(run.folder), "reporter", "seen")).toBe(5);
  },
  TEST_MS,
);

test("what a task throws is an exception record before it is gone", async () => {
  await using run = startRun("2", "looked_on", "3", "throw");
  expect((await run.result).exitCode).toBe(4);
  const exceptions = readMetrics(run.folder).flatMap((record) => record.exceptions ?? []);
  expect(exceptions.some(({ stackTrace }) => stackTrace.includes("no more numbers"))).toBe(true);
}, TEST_MS);
