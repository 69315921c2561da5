/** Tables and JSON lines of made-up results. */

import { expect, test } from "bun:test";
import type { RateFigures } from "./figures.ts";
import {
  comparisonTable,
  costTable,
  jsonLine,
  memoryTable,
  peersTable,
  type Result,
  runLine,
  summaryTable,
} from "./report.ts";

const MACHINE = { cpu: "A processor", cores: 2, kernel: "6.1" };

const FIGURES: RateFigures = {
  kind: "rate",
  workload: "const",
  mode: "amo",
  seconds: 10,
  tuples: 20_000_000,
  tuples_per_s: 2_000_000,
  cpu_s: { spout: 4, stmgr: 1, bolt: 5, total: 10 },
  daemon_cpu_s: { tm: 0.1, total: 0.1 },
  tuples_per_cpu_s: 2_000_000,
  rss_mb: { spout: 60, total: 60 },
  private_mb: { spout: 30, metricsmgr: 40, total: 70 },
  processes: { spout: 1, metricsmgr: 2, total: 3 },
  latency_ms: null,
  traffic: { tuples_per_batch: 500, bytes_per_tuple: 20, stmgr_frames_per_tuple: 0.002 },
  extra: {},
  host: { other_cpu_s: 0.5, steal_s: 0 },
};

function result(change: Partial<Result> = {}, figures: Partial<RateFigures> = {}): Result {
  return {
    system: "heron-bin",
    variant: "",
    run: 1,
    figures: { ...FIGURES, ...figures },
    control: { before: 19e6, after: 21e6, share: 0.1 },
    isSteady: true,
    ...change,
  };
}

test("jsonLine() has the words that all runners share, and more", () => {
  const line = JSON.parse(jsonLine(result(), MACHINE));
  expect(line).toMatchObject({
    system: "heron-bin",
    workload: "const",
    mode: "amo",
    seconds: 10,
    tuples: 20_000_000,
    tuples_per_s: 2_000_000,
    cpu_s: { total: 10 },
    tuples_per_cpu_s: 2_000_000,
    rss_mb: { total: 60 },
    latency_ms: null,
    steady: true,
    share_of_control: 0.1,
    host: { cores: 2, other_cpu_s: 0.5 },
  });
  expect(line).not.toHaveProperty("kind");
  expect(JSON.parse(jsonLine(result({}, { extra: { rate: 7 } }), MACHINE)).rate).toBe(7);
  expect(line).not.toHaveProperty("variant");
});

test("runLine() says when the machine was not steady", () => {
  expect(runLine(result())).not.toContain("unsteady");
  expect(runLine(result({ isSteady: false }))).toEndWith("unsteady");
});

test("summaryTable() has median and ends of all runs", () => {
  const runs = [1e6, 4e6, 2e6].map((tuples_per_cpu_s) => result({}, { tuples_per_cpu_s }));
  const row = summaryTable(runs).split("\n").find((line) => line.includes("CPU-second"));
  expect(row?.split(/\s{2,}/)).toEqual(
    ["const", "tuples a CPU-second", "2.000", "1.000–4.000", "M", "3"],
  );
});

test("summaryTable() takes the memory of one process, where a role has several", () => {
  expect(summaryTable([result()])).toMatch(/private memory, largest role +30\.0/);
});

test("summaryTable() shows percentiles of times", () => {
  const times_ms = { tm: { p50: 50, p99: 90, p999: 90, max: 90, samples: 50 } };
  const figures = { kind: "times", workload: "recovery", mode: "alo", times_ms } as const;
  const table = summaryTable([result({ figures, control: undefined })]);
  expect(table).toMatch(/recovery alo +tm p50 +50\.000/);
  expect(table).not.toContain("p99.9");
});

test("costTable() divides the processor time by the tuples", () => {
  expect(costTable([result()])).toContain("spout 200, stmgr 50, bolt 250, total 500");
});

test("costTable() shows an idle topology as shares of a core", () => {
  const idle = { workload: "idle", tuples: 0, extra: { cpu_percent: 1 } };
  const row = costTable([result({}, idle)]).split("\n").at(-1);
  expect(row).toContain("spout 40.00, stmgr 10.00, bolt 50.00, tm 1.00: % of a core");
});

test("memoryTable() divides by the number of processes", () => {
  expect(memoryTable([result()])).toContain("spout 30.0, metricsmgr 20.0");
});

test("summaryTable() shows few large tuples one by one", () => {
  expect(summaryTable([result({}, { tuples_per_s: 12.5 })])).toMatch(/tuples a second +12\.5 /);
});

test("comparisonTable() divides the medians of the new by those of the other", () => {
  const table = comparisonTable([
    result({ variant: "new" }, { tuples_per_cpu_s: 3e6 }),
    result({ variant: "against" }, { tuples_per_cpu_s: 2e6 }),
  ]);
  expect(table).toMatch(/const +tuples a CPU-second +1\.500/);
});

test("peersTable() divides ours by theirs", () => {
  const storm = result({ system: "storm" }, { tuples_per_cpu_s: 1e6, private_mb: {} });
  expect(peersTable([result(), storm])).toMatch(/const +storm +tuples a CPU-second +2\.000/);
});
