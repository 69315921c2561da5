/** Tests of what is told of a cluster. */

import { afterAll, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clusterToJson, formatCluster } from "./cluster_report.ts";
import { loadCluster } from "./load_cluster.ts";

const root = await mkdtemp(join(tmpdir(), "heron-bin-report-"));
afterAll(() => rm(root, { recursive: true }));

const loaded = await loadCluster({
  names: { cluster: "slurm", role: "a", environ: "e", home: "/h", user: "a", environment: {} },
  folder: { path: root, namedBy: undefined },
  flags: [
    ["--slurm", "partition=main"],
    ["--slurm", "time=90m"],
    ["--slurm", "command.timeout=60s"],
    ["--config", "packing.type=round_robin"],
    ["--config", "internals.heron.metrics.export.interval.sec=2"],
  ],
});

test("formatCluster() tells what is changed, in columns", () => {
  expect(formatCluster(loaded, { isChangedOnly: true })).toBe(
    `cluster slurm, role a, environ e: no file of its own

KEY                                   VALUE     FROM
scheduler.type                        slurm     built-in cluster slurm
scheduler.slurm.partition             main      --slurm
scheduler.slurm.time.limit            01:30:00  --slurm
scheduler.slurm.command.timeout       1m        --slurm
internals.metrics.export.interval.ms  2000      --config (heron.metrics.export.interval.sec)
`,
  );
});

test("formatCluster() tells all that is in force", () => {
  const text = formatCluster(loaded, { isChangedOnly: false });
  expect(text).toMatch(/^packing.type +round_robin +--config$/m);
  expect(text).toMatch(/^scheduler.slurm.account +- +default$/m);
  expect(text).toMatch(/^scheduler.slurm.poll.interval +30s +default$/m);
  expect(text).toMatch(/^state.root +\/h\/.heron-bin\/state\/slurm +default$/m);
});

test("formatCluster() says when nothing is changed", () => {
  const same = { ...loaded, values: loaded.values.slice(1, 2) };
  expect(formatCluster(same, { isChangedOnly: true })).toEndWith(
    "\n\nnothing differs from the defaults\n",
  );
});

test("clusterToJson() tells values in the system's units, with their defaults and origins", () => {
  const json = JSON.parse(JSON.stringify(clusterToJson(loaded, { isChangedOnly: true })));
  expect(json).toMatchObject({
    cluster: "slurm",
    role: "a",
    environ: "e",
    file: null,
    warnings: [],
  });
  expect(json.values[1]).toEqual({
    key: "scheduler.slurm.partition",
    value: "main",
    default: null,
    from: { type: "command_line", flag: "--slurm" },
  });
  expect(json.values[3]).toMatchObject({ value: 60_000, default: 20_000, unit: "ms" });
  expect(json.values[4]).toMatchObject({ heronName: "heron.metrics.export.interval.sec" });
  expect(json.values).toHaveLength(5);
});
