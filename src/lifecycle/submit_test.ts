/** Tests of submitting into a folder and a state store in memory. */

import { create } from "@bufbuild/protobuf";
import { afterAll, expect, test } from "bun:test";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { userInfo } from "node:os";
import { TopologyBuilder, type TopologyDefinition } from "../api/mod.ts";
import { ExecutionStateSchema } from "../base/gen/heron/execution_state_pb.ts";
import { type PackingPlan, PackingPlanSchema } from "../base/gen/heron/packing_plan_pb.ts";
import { TopologySchema } from "../base/gen/heron/topology_pb.ts";
import { seededRandom } from "../base/mod.ts";
import { decodeJob, decodeRecord, logicalPlanFromProto, planHash } from "../plan/mod.ts";
import { openMemory, type StateManager } from "../state/mod.ts";
import { createRunFolder } from "./run_folder.ts";
import { type SubmitOptions, submitTopology } from "./submit.ts";

const root = await mkdtemp("/tmp/hb-submit-");
afterAll(() => rm(root, { recursive: true }));

function definitionOf(): TopologyDefinition {
  const builder = new TopologyBuilder("submitted");
  builder.setSpout("words", {
    nextTuple() {},
    declareOutputFields: (declarer) => void declarer.declare(["word"]),
  }, 3);
  return builder.createTopology({ "user.key": true }).definition;
}

// As many containers as asked for, but never more than two.
function pack(definition: TopologyDefinition, id: string): PackingPlan {
  const count = Math.min(2, Number(definition.config["topology.stmgrs"]));
  const resource = { cpu: 1, ram: 1n, disk: 1n };
  const containerPlans = Array.from({ length: count }, (_, index) => ({
    id: index + 1,
    instancePlans: [],
    requiredResource: resource,
  }));
  return create(PackingPlanSchema, { id, containerPlans });
}

async function optionsFor(
  state: StateManager,
  more: Partial<SubmitOptions> = {},
): Promise<SubmitOptions> {
  const folder = await createRunFolder({
    temporaryFolders: [root],
    userId: userInfo().uid,
    name: "submitted",
    random: seededRandom(Number(crypto.getRandomValues(new Uint32Array(1))[0])),
  });
  return {
    definition: definitionOf(),
    containers: 5,
    arguments: ["a", "b"],
    environment: { PATH: "/bin", TOKEN: "t" },
    bundle: `${folder.topology}/bundle.js`,
    folder,
    workingFolder: "/work",
    uuid: "-1-2-3",
    secret: new Uint8Array(32).fill(7),
    submission: {
      cluster: "local",
      environ: "default",
      role: "me",
      user: "me",
      version: "0.1.0",
      wallMs: 1_700_000_000_999,
    },
    state,
    pack,
    ...more,
  };
}

test("submitTopology() writes the job and the secret for its owner alone", async () => {
  await using state = openMemory();
  const options = await optionsFor(state);
  const { topologyId, definition } = await submitTopology(options);
  const job = decodeJob(new Uint8Array(await readFile(options.folder.job)));
  expect(job).toMatchObject({
    topologyName: "submitted",
    topologyId,
    arguments: ["a", "b"],
    workingFolder: "/work",
    stateRoot: options.folder.state,
  });
  expect(job.environment.map(({ name, value }) => `${name}=${value}`)).toEqual([
    "PATH=/bin",
    "TOKEN=t",
  ]);
  expect(logicalPlanFromProto(job.topology).components.map(({ name }) => name)).toEqual(
    definition.components.map(({ name }) => name),
  );
  for (const file of [options.folder.job, options.folder.secret]) {
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  }
  expect([...await readFile(options.folder.secret)]).toEqual([...options.secret]);
});

test("submitTopology() hashes what the user built and records what it runs with", async () => {
  await using state = openMemory();
  const options = await optionsFor(state);
  const { definition } = await submitTopology(options);
  const job = decodeJob(new Uint8Array(await readFile(options.folder.job)));
  expect(job.planHash).toEqual(planHash(options.definition));
  expect(definition.config).toMatchObject({
    "topology.stmgrs": 2,
    "topology.key.groups": 1024,
    "user.key": true,
  });
});

test("submitTopology() writes Heron's records", async () => {
  await using state = openMemory();
  await submitTopology(await optionsFor(state));
  const read = async (path: string): Promise<Uint8Array> =>
    (await state.get(path))?.bytes ?? new Uint8Array();
  const topology = decodeRecord(TopologySchema, await read("topologies/submitted"), "topology");
  expect(topology.id).toBe("submitted-1-2-3");
  const packed = decodeRecord(PackingPlanSchema, await read("packingplans/submitted"), "packing");
  expect(packed.containerPlans.length).toBe(2);
  const execution = decodeRecord(
    ExecutionStateSchema,
    await read("executionstate/submitted"),
    "execution state",
  );
  expect(execution).toMatchObject({
    submissionTime: 1_700_000_000n,
    submissionUser: "me",
    cluster: "local",
    environ: "default",
    role: "me",
  });
});

test("submitTopology() takes back its records when one is there already", async () => {
  await using state = openMemory();
  await state.create("executionstate/submitted", new Uint8Array([1]));
  expect(submitTopology(await optionsFor(state))).rejects.toThrow();
  await submitTopology(await optionsFor(state)).catch(() => undefined);
  expect(await state.list("topologies")).toEqual([]);
  expect(await state.list("packingplans")).toEqual([]);
  expect(await state.list("executionstate")).toEqual(["submitted"]);
});
