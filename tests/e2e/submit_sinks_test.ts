/** The sinks of a cluster file: a topology that was submitted writes its metrics where they say. */

import { expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { getPriority } from "node:os";
import { join } from "node:path";
import { Cluster } from "./cluster.ts";
import { PATIENCE_MS, topologyFile, until } from "./live_run.ts";
import { parseMetrics, processOf } from "./metric_files.ts";
import { processesIn } from "./process_tree.ts";

const TEST_MS = 4 * PATIENCE_MS;

function filesIn(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}

test(
  "the metrics of a submitted topology go to the sinks of its cluster, and to no other",
  async () => {
    await using cluster = new Cluster();
    const conf = join(cluster.root, "conf");
    const outside = join(cluster.root, "metrics");
    mkdirSync(conf);
    writeFileSync(
      join(conf, "local.yaml"),
      [
        "metrics.sinks:",
        "  file-sink: { type: none }",
        `  kept: { folder: ${outside}, flush.interval: 1s, files.max: 3 }`,
        "  near: { folder: logs/near }",
        "",
      ].join("\n"),
    );
    const at = ["--config-path", conf];
    await cluster.succeed("submit", "local", ...at, topologyFile("counting"), cluster.data);
    const { folder } = await cluster.untilState("counting", "running");
    const kept = join(outside, "counting");
    const expected = [0, 1, 2].flatMap((id) =>
      [0, 1, 2].map((number) => `metricsmgr-${id}.kept.json.${number}`)
    );
    // Of each metrics manager as many as it may have: each was ended by its flush.
    await until("three files of each metrics manager", () => {
      // One that is written again is away for a moment.
      return Bun.deepEquals(filesIn(kept), expected);
    });
    await until(
      "a count of the bolt",
      () =>
        filesIn(kept).some((name) =>
          parseMetrics(readFileSync(join(kept, name), "utf8")).some((record) =>
            /_sink_\d+$/.test(processOf(record)) &&
            Object.keys(record.metrics).some((metric) => metric.startsWith("__execute-count/"))
          )
        ),
    );
    expect(filesIn(join(folder, "logs/near"))).toEqual(
      [0, 1, 2].map((id) => `metricsmgr-${id}.near.json.0`),
    );
    expect(existsSync(join(folder, "logs/metrics"))).toBe(false);
    await cluster.succeed("kill", "local", ...at, "counting");
    expect(cluster.files).toEqual([]);
    // What lies outside of its folder is its user's.
    expect(filesIn(kept)).toContain("metricsmgr-1.kept.json.0");
  },
  TEST_MS,
);

test("metrics managers give way to the processes that carry tuples", async () => {
  await using cluster = new Cluster();
  await cluster.succeed("submit", "local", topologyFile("counting"), cluster.data);
  const { folder } = await cluster.untilState("counting", "running");
  const niceness = new Map<string, Set<number>>();
  for (const { role, pid } of processesIn(folder)) {
    niceness.set(role, (niceness.get(role) ?? new Set()).add(getPriority(pid)));
  }
  const usual = getPriority();
  expect(niceness.get("metricsmgr")).toEqual(new Set([Math.min(usual + 5, 19)]));
  for (const role of ["tm", "stmgr", "instance", "container", "scheduler"]) {
    expect([role, niceness.get(role)]).toEqual([role, new Set([usual])]);
  }
  await cluster.succeed("kill", "local", "counting");
}, TEST_MS);
