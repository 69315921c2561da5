/**
 * The names of all metrics that a process of a topology gives of itself,
 * against the list in `tests/golden/metric_names/`; docs/metrics.md says what they mean.
 */

import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ComponentDefinition } from "../src/api/mod.ts";
import { ManualClock } from "../src/base/mod.ts";
import { allocateTask, COUNTER, encodeTimePlace } from "../src/instance/bridge.ts";
import { registerInstanceMetrics } from "../src/instance/gateway/instance_metrics.ts";
import { MetricRegistry, registerProcessMetrics } from "../src/metrics/mod.ts";
import { registerStmgrMetrics } from "../src/stmgr/stmgr_metrics.ts";
import { ROOT } from "./support/repository.ts";

/** The names of the list for `kind`, a name a line. */
function golden(kind: string): string[] {
  const file = join(ROOT, "tests/golden/metric_names", `${kind}.txt`);
  return readFileSync(file, "utf8").trimEnd().split("\n");
}

function namesIn(registry: MetricRegistry): string[] {
  return registry.collect().map(({ name }) => name).sort();
}

const STREAM = { id: "default", fields: ["word"], direct: false };
const SPOUT = { kind: "spout", outputs: [STREAM], inputs: [] } as const;
const BOLT = {
  kind: "bolt",
  outputs: [STREAM],
  inputs: [{ component: "words", stream: "default", grouping: { type: "shuffle" } }],
} as const;

/** Of an instance that has counted everything, in a thread of its own. */
function instanceNames(
  component: Pick<ComponentDefinition, "kind" | "outputs" | "inputs">,
  config: Readonly<Record<string, string | number>>,
): string[] {
  const clock = new ManualClock();
  const registry = new MetricRegistry(clock);
  const counters = new Float64Array(allocateTask({ largestTaskId: 1, slots: 0 }).counters);
  counters.fill(1, 0, encodeTimePlace(1));
  counters[COUNTER.threadId] = process.pid;
  registerInstanceMetrics({
    registry,
    clock,
    counters,
    component,
    config,
    gateway: {
      receivedPackets: 0,
      receivedBytes: 0,
      sentPackets: 0,
      sentBytes: 0,
      inQueueFull: 0,
      waitingBytes: 0,
      waitingBytesMax: 0,
      openTuples: 0,
      pressureMs: 0,
    },
    exceptions: { logged: 0, leftOut: 0 },
    published: () => ({ packets: 0, bytes: 0, metrics: 0, exceptions: 0 }),
  });
  return namesIn(registry);
}

test("a spout's instance gives the metrics of the golden list", () => {
  expect(instanceNames(SPOUT, {})).toEqual(golden("spout"));
});

test("a bolt's instance gives the metrics of the golden list", () => {
  const names = instanceNames(BOLT, {
    "topology.tick.tuple.freq.ms": 1000,
    "topology.component.error.retries": 1,
    "topology.component.error.then": "dead_letter",
  });
  expect(names).toEqual(golden("bolt"));
});

test("a stream manager gives the metrics of the golden list", () => {
  const clock = new ManualClock();
  const registry = new MetricRegistry(clock);
  registerProcessMetrics(registry, clock);
  const traffic = { packets: 0, bytes: 0 };
  registerStmgrMetrics(registry, {
    fromInstances: () => [[1, traffic]],
    toInstances: () => [["container_1_words_1", traffic]],
    fromPeers: () => traffic,
    toPeers: () => [["stmgr-2", traffic]],
    instanceBuffers: () => [["container_1_words_1", 0]],
    dropped: () => [["no_route", 0]],
    pressure: () => ({
      announcedMs: 0,
      announcedByPeersMs: 0,
      pausedMs: 0,
      announcedMsByInstance: () => [["container_1_words_1", 0]],
    }),
    waitingBytes: () => 0,
    waitingBytesMax: () => 0,
  });
  expect(namesIn(registry)).toEqual(golden("stmgr"));
});

test("all names of the golden lists are explained in docs/metrics.md", () => {
  const page = readFileSync(join(ROOT, "docs/metrics.md"), "utf8");
  const missing = ["spout", "bolt", "stmgr"].flatMap(golden)
    .filter((name) => !page.includes(`\`${generalName(name)}`));
  expect(missing).toEqual([]);
});

/** As the page writes a name: what stands for a stream, task or process left open. */
function generalName(name: string): string {
  return name.replace(/(?<!queue)\/(words\/)?default$|\/__system\/__tick$|\/__tick$/, "/<stream>")
    .replace("/container_1_words_1", "/<instance>")
    .replace(/(__instance_bytes_received)\/1$/, "$1/<task>")
    .replace("__client_stmgr-2", "__client_<stmgr>")
    .replace("/no_route", "/<reason>");
}
