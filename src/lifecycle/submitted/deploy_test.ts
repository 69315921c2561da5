import { expect, test } from "bun:test";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { TopologySchema, TopologyState } from "../../base/gen/heron/topology_pb.ts";
import { Activation, Phase } from "../../base/gen/heron_bin/submission_pb.ts";
import { HeronError } from "../../base/mod.ts";
import {
  decodeJob,
  decodeRecord,
  readExecutionState,
  readSchedulerLocation,
  readSubmission,
  readWanted,
} from "../../plan/mod.ts";
import { topologyPaths } from "../../state/mod.ts";
import {
  createTestCluster,
  faultOf,
  NAME,
  type TestCluster,
} from "../../../tests/support/submitted.ts";

async function recordOf(cluster: TestCluster, path: string): Promise<Uint8Array> {
  const record = await cluster.state.get(path);
  if (record === undefined) throw new Error(`no record "${path}"`);
  return record.bytes;
}

/** All that a submit that failed may have left. */
async function leftOf({ root, state }: TestCluster): Promise<readonly string[]> {
  const folders = ["topologies", "packages"];
  const files = await Promise.all(
    folders.map((folder) => readdir(join(root, folder), { recursive: true }).catch(() => [])),
  );
  const records = await Promise.all(
    ["topologies", "executionstate", "packingplans", "schedulers", `heron-bin/${NAME}`]
      .map((folder) => state.list(folder)),
  );
  return [...files, ...records].flat().sort();
}

test("deployTopology() makes the folder of what was uploaded, all records, and the scheduler's start", async () => {
  await using cluster = await createTestCluster();
  const { submitted, folder } = await cluster.deploy();
  const paths = topologyPaths(NAME);
  expect(await readdir(folder.path)).toEqual(
    expect.arrayContaining([
      "config.yaml",
      "definition",
      "job",
      "logs",
      "secret",
      "sockets",
      "topology",
    ]),
  );
  expect((await stat(folder.secret)).mode & 0o777).toBe(0o600);
  expect((await stat(folder.path)).mode & 0o777).toBe(0o700);
  const job = decodeJob(new Uint8Array(await readFile(folder.job)));
  expect(job).toMatchObject({
    submitted: true,
    stateRoot: "/state",
    role: "ann",
    cluster: "local",
  });
  const place = readSubmission(await recordOf(cluster, paths.submission));
  expect(place).toMatchObject({ topologyId: submitted.topologyId, folder: folder.path });
  expect(place.packageUri).toEndWith(`/packages/${submitted.topologyId}.tar.gz`);
  expect(readWanted(await recordOf(cluster, paths.wanted)).activation).toBe(Activation.ACTIVE);
  expect(readExecutionState(await recordOf(cluster, paths.executionState)).role).toBe("ann");
  expect(readSchedulerLocation(await recordOf(cluster, paths.scheduler)).httpEndpoint).toBe(
    "scheduler_as_lib_no_endpoint",
  );
  expect(cluster.launcher.launches).toEqual([{
    jobFile: folder.job,
    command: ["heron-bin", "scheduler", "--job", folder.job],
    environment: { HOME: "/home/ann" },
    workingFolder: folder.path,
    logFile: join(folder.logs, "scheduler.stderr"),
  }]);
});

test("the secret is in no package", async () => {
  await using cluster = await createTestCluster();
  await cluster.deploy();
  const [name = ""] = await readdir(cluster.packages);
  const archive = Bun.gunzipSync(await readFile(join(cluster.packages, name)));
  expect(Buffer.from(archive).includes(Buffer.alloc(32, 7))).toBe(false);
});

test("deployTopology() of one that is to be deactivated says so in its records", async () => {
  await using cluster = await createTestCluster();
  await cluster.deploy({ isPaused: true });
  const paths = topologyPaths(NAME);
  const topology = decodeRecord(TopologySchema, await recordOf(cluster, paths.topology), "it");
  expect(topology.state).toBe(TopologyState.PAUSED);
  expect(readWanted(await recordOf(cluster, paths.wanted)).activation).toBe(Activation.PAUSED);
});

test("deployTopology() of a name that is taken changes nothing", async () => {
  await using cluster = await createTestCluster();
  await cluster.deploy();
  const before = await leftOf(cluster);
  expect(await faultOf(cluster.deploy({ uuid: "0-2" }))).toStartWith(
    `already_exists: Submit topology "${NAME}": topology "${NAME}" already exists`,
  );
  expect(await leftOf(cluster)).toEqual(before);
  expect(cluster.launcher.ended).toEqual([]);
});

test("deployTopology() leaves nothing when its scheduler cannot be started, ends or says that it failed", async () => {
  for (
    const onLaunch of [
      () => () => Promise.reject(new HeronError("io", "no start")),
      (cluster: TestCluster) => () => {
        cluster.launcher.presence = { type: "gone", reason: "it is not there" };
        return Promise.resolve();
      },
      (cluster: TestCluster) => () =>
        cluster.tell(Phase.FAILED, { code: "io", reason: "it broke" }),
    ]
  ) {
    await using cluster = await createTestCluster();
    cluster.launcher.onLaunch = onLaunch(cluster);
    const fault = await faultOf(cluster.deploy());
    expect(fault).toMatch(/^io: no start$|^process_died: .*it is not there$|^io: it broke$/);
    expect(await leftOf(cluster)).toEqual([]);
    expect(cluster.launcher.ended.length).toBe(1);
  }
});

test("deployTopology() leaves nothing when it is interrupted or takes too long", async () => {
  for (const isAborted of [true, false]) {
    await using cluster = await createTestCluster();
    const abort = new AbortController();
    cluster.launcher.onLaunch = () => {
      if (isAborted) abort.abort();
      return Promise.resolve();
    };
    const deployed = cluster.deploy({ signal: abort.signal, startMs: isAborted ? 60_000 : 10 });
    if (isAborted) await expect(deployed).rejects.toThrow();
    else expect(await faultOf(deployed)).toStartWith("timeout: Start the topology: no word of its");
    expect(await leftOf(cluster)).toEqual([]);
  }
});

test("deployTopology() says what it could not undo", async () => {
  await using cluster = await createTestCluster();
  cluster.launcher.onLaunch = () => Promise.reject(new HeronError("io", "no start"));
  cluster.launcher.end = () => Promise.reject(new HeronError("timeout", "they do not end"));
  expect(await faultOf(cluster.deploy())).toBe("io: no start");
  expect(cluster.notes.at(-1)).toBe("not undone: its processes (they do not end)");
});
