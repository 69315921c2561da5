/** Tests of loading a cluster, from its file to its settings. */

import { afterAll, expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ClusterFlag } from "./cluster_layer.ts";
import { loadCluster, type LoadedCluster } from "./load_cluster.ts";

const root = await mkdtemp(join(tmpdir(), "heron-bin-load-"));
afterAll(() => rm(root, { recursive: true }));

type Flags = readonly (readonly [ClusterFlag, string])[];

function load(cluster: string, flags: Flags = []): Promise<LoadedCluster> {
  const names = {
    cluster,
    role: "ann",
    environ: "prod",
    home: "/home/ann",
    user: "ann",
    environment: { SCRATCH: "/scratch/ann" },
  };
  return loadCluster({ names, folder: { path: root, namedBy: undefined }, flags });
}

async function loadText(cluster: string, text: string, flags: Flags = []): Promise<LoadedCluster> {
  await writeFile(join(root, `${cluster}.yaml`), text);
  return await load(cluster, flags);
}

test("loadCluster() has settings for the local cluster without any file", async () => {
  const { settings, file, warnings } = await load("local");
  expect([file, warnings]).toEqual([undefined, []]);
  expect(settings).toEqual({
    cluster: "local",
    role: "ann",
    environ: "prod",
    scheduler: { type: "local", folder: "/home/ann/.heron-bin/topologies/local/ann/prod" },
    state: { type: "local_fs", root: "/home/ann/.heron-bin/state/local" },
    uploader: { type: "local_fs", folder: "/home/ann/.heron-bin/packages/local/ann/prod" },
    packing: { type: "round_robin" },
    metrics: {
      sinks: [{
        type: "file",
        id: "file-sink",
        folder: "logs/metrics",
        filesMax: 5,
        fileBytesMax: 16_777_216,
        flushMs: 60_000,
        queueBytesMax: 8_388_608,
      }],
    },
    internals: {},
  });
});

test("loadCluster() lays a file on the cluster of its name, and the command line on that", async () => {
  const text = `scheduler:
  folder: \${SCRATCH}/topologies
  slurm:
    partition: main
    time.limit: 1-0
    extra.lines: ["#SBATCH --exclusive"]
    network: 10.0.0.0/8
internals:
  heron.metrics.export.interval.sec: 5
metrics.sinks.file-sink.type: none
`;
  const { settings, values, file } = await loadText("slurm", text, [
    ["--slurm", "partition=long"],
    ["--config", "scheduler.slurm.poll.interval=1m"],
  ]);
  expect(file).toBe(join(root, "slurm.yaml"));
  expect(settings).toMatchObject({
    scheduler: {
      type: "slurm",
      folder: "/scratch/ann/topologies",
      slurm: {
        partition: "long",
        timeLimit: "1-0",
        timeLimitMs: 86_400_000,
        requestMemory: true,
        extraLines: ["#SBATCH --exclusive"],
        reach: { type: "network", cidr: "10.0.0.0/8" },
        commandTimeoutMs: 20_000,
        pollIntervalMs: 60_000,
      },
    },
    metrics: { sinks: [] },
    internals: { "metrics.export.interval.ms": 5000 },
  });
  const origins = new Map(values.map(({ path, origin }) => [path, origin]));
  expect(origins.get("scheduler.type")).toEqual({ type: "built_in", cluster: "slurm" });
  expect(origins.get("scheduler.slurm.partition")).toMatchObject({ flag: "--slurm" });
  expect(origins.get("scheduler.slurm.time.limit")).toMatchObject({ line: 5 });
});

test("loadCluster() freezes what it gives", async () => {
  const { settings } = await load("local");
  expect(Object.isFrozen(settings.metrics.sinks[0])).toBe(true);
  expect(Object.isFrozen(settings.scheduler)).toBe(true);
});

test("loadCluster() tells all faults of the file and of the command line together", async () => {
  const text = "scheduler:\n  typ: slurm\nstate:\n  type: zookeeper\n";
  const loading = loadText("bad", text, [["--config", "packing.type=ffd"]]);
  const file = join(root, "bad.yaml");
  await expect(loading).rejects.toMatchObject({
    code: "invalid_config",
    message: `Read cluster "bad": 4 faults
  ${file}:2 "scheduler.typ": found no such key, expected "scheduler.type"?
  ${file}:4 "state.type": found "zookeeper", expected "local_fs": this version has no other yet
  --config "packing.type": found "ffd", expected "round_robin"
  default "scheduler.type": found nothing, expected "local" or "slurm"`,
  });
});

test("loadCluster() tells where a file stops to be YAML", async () => {
  const loading = loadText("broken", "scheduler:\n  type: [slurm\n");
  await expect(loading).rejects.toThrow(`broken.yaml:2: found no YAML`);
});

test("loadCluster() refuses --slurm where the scheduler is another", async () => {
  await expect(load("local", [["--slurm", "partition=a"]])).rejects.toThrow(
    'Read cluster "local": --slurm "partition=a": found the scheduler "local", expected "slurm"',
  );
});

test("loadCluster() leaves Slurm's keys out of a local cluster, and warns of what has no effect", async () => {
  const text = "scheduler.type: local\ninternals.heron.logging.directory: x\n";
  const { values, warnings } = await loadText("mine", text);
  expect(values.filter(({ path }) => path.startsWith("scheduler.slurm."))).toEqual([]);
  expect(warnings).toEqual([
    `${join(root, "mine.yaml")}:2 "internals.heron.logging.directory": changes nothing here: ` +
    "logs are files of JSON lines, one a process, written at once",
  ]);
});
