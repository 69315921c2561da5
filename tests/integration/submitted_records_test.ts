/** The records of a submitted topology against those that a real Heron 0.20.5 wrote of the same one. */

import { expect, test } from "bun:test";
import { type DescMessage, fromBinary, toJson } from "@bufbuild/protobuf";
import { ExecutionStateSchema } from "../../src/base/gen/heron/execution_state_pb.ts";
import { PackingPlanSchema } from "../../src/base/gen/heron/packing_plan_pb.ts";
import { SchedulerLocationSchema } from "../../src/base/gen/heron/scheduler_pb.ts";
import { TopologySchema } from "../../src/base/gen/heron/topology_pb.ts";
import { decodeRecord, logicalPlanFromProto } from "../../src/plan/mod.ts";
import { Phase } from "../../src/base/gen/heron_bin/submission_pb.ts";
import { put, topologyPaths } from "../../src/state/mod.ts";
import { schedulerStatusRecord } from "../../src/plan/mod.ts";
import { createTestCluster, type TestCluster } from "../support/submitted.ts";
import { ROOT } from "../support/repository.ts";

async function golden(record: string): Promise<Uint8Array> {
  const file = Bun.file(`${ROOT}/tests/golden/heron/word_count.${record}.bin`);
  return new Uint8Array(await file.arrayBuffer());
}

/** Heron's word count, submitted by us as it was there. */
async function submitWordCount(cluster: TestCluster): Promise<void> {
  const topology = decodeRecord(TopologySchema, await golden("topologies"), "it");
  const state = fromBinary(ExecutionStateSchema, await golden("executionstate"));
  const { topologyId, topologyName: name } = state;
  cluster.launcher.onLaunch = async () => {
    const found = await cluster.state.get(topologyPaths(name).submission);
    expect(found).toBeDefined();
    const status = {
      topologyId,
      epoch: 1,
      host: "here",
      pid: 1,
      startTime: 1n,
      phase: Phase.RUNNING,
      phaseMs: 0n,
      code: "",
      reason: "",
      restarts: [],
      ends: [],
      unaskedEnds: 0,
      containers: 1,
      tasks: 2,
      waiting: [],
    };
    await put(cluster.state, topologyPaths(name).status, schedulerStatusRecord(status));
  };
  await cluster.deploy({
    definition: logicalPlanFromProto(topology),
    uuid: topologyId.slice(name.length),
    submission: {
      cluster: state.cluster,
      role: state.role,
      environ: state.environ,
      user: state.submissionUser,
      version: state.releaseState?.releaseVersion ?? "",
      wallMs: Number(state.submissionTime) * 1000,
    },
  });
}

async function written(cluster: TestCluster, path: string): Promise<Uint8Array> {
  const record = await cluster.state.get(path);
  if (record === undefined) throw new Error(`no record "${path}"`);
  return record.bytes;
}

function json(schema: DescMessage, bytes: Uint8Array): unknown {
  return toJson(schema, fromBinary(schema, bytes), { useProtoFieldName: true });
}

test("execution state and packing plan are, byte for byte, those that Heron wrote", async () => {
  await using cluster = await createTestCluster();
  await submitWordCount(cluster);
  const paths = topologyPaths("WordCount");
  expect(await written(cluster, paths.executionState)).toEqual(await golden("executionstate"));
  expect(json(PackingPlanSchema, await written(cluster, paths.packingPlan))).toEqual(
    json(PackingPlanSchema, await golden("packingplans")),
  );
});

test("topology and scheduler location have Heron's form, for Heron's tools", async () => {
  await using cluster = await createTestCluster();
  await submitWordCount(cluster);
  const paths = topologyPaths("WordCount");
  const topology = fromBinary(TopologySchema, await written(cluster, paths.topology));
  const theirs = fromBinary(TopologySchema, await golden("topologies"));
  expect(topology.id).toBe(theirs.id);
  expect(topology.state).toBe(theirs.state);
  expect(topology.spouts.map(({ comp, outputs }) => [comp?.name, outputs])).toEqual(
    theirs.spouts.map(({ comp, outputs }) => [comp?.name, outputs]),
  );
  expect(topology.bolts.map(({ comp, inputs }) => [comp?.name, inputs])).toEqual(
    theirs.bolts.map(({ comp, inputs }) => [comp?.name, inputs]),
  );
  // As Heron has it for schedulers without a server.
  expect(json(SchedulerLocationSchema, await written(cluster, paths.scheduler))).toEqual({
    topology_name: "WordCount",
    http_endpoint: "scheduler_as_lib_no_endpoint",
  });
  expect(await cluster.state.list("topologies")).toEqual(["WordCount"]);
});
