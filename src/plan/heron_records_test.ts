/** Records that a real Heron 0.20.5 wrote: read, compared with their JSON form, written again. */

import { expect, test } from "bun:test";
import { type DescMessage, fromBinary, fromJson, toBinary, toJson } from "@bufbuild/protobuf";
import { ExecutionStateSchema } from "../base/gen/heron/execution_state_pb.ts";
import { PackingPlanSchema } from "../base/gen/heron/packing_plan_pb.ts";
import { PhysicalPlanSchema } from "../base/gen/heron/physical_plan_pb.ts";
import { SchedulerLocationSchema } from "../base/gen/heron/scheduler_pb.ts";
import { TManagerLocationSchema } from "../base/gen/heron/tmanager_pb.ts";
import { TopologySchema } from "../base/gen/heron/topology_pb.ts";
import { logicalPlanFromProto, logicalPlanToProto } from "./logical_plan.ts";
import { decodeRecord, encodeRecord } from "./record_codec.ts";

const FOLDER = `${import.meta.dir}/../../tests/golden/heron`;

const SCHEMAS: Readonly<Record<string, DescMessage>> = {
  topologies: TopologySchema,
  packingplans: PackingPlanSchema,
  pplans: PhysicalPlanSchema,
  pplans_after_runtime_config: PhysicalPlanSchema,
  executionstate: ExecutionStateSchema,
  tmanagers: TManagerLocationSchema,
  schedulers: SchedulerLocationSchema,
};

const CASES = ["word_count", "err_topo"].flatMap((topology) =>
  Object.entries(SCHEMAS).map(([record, schema]) => ({ name: `${topology}.${record}`, schema }))
);

async function bytesOf(name: string): Promise<Uint8Array> {
  return new Uint8Array(await Bun.file(`${FOLDER}/${name}.bin`).arrayBuffer());
}

test("all golden records have a case", () => {
  const files = [...new Bun.Glob("*.bin").scanSync({ cwd: FOLDER })].sort();
  expect(files).toEqual(CASES.map(({ name }) => `${name}.bin`).sort());
});

test.each(CASES)("$name is read and written byte for byte", async ({ name, schema }) => {
  const bytes = await bytesOf(name);
  const record = decodeRecord(schema, bytes, name);
  expect(record.$unknown).toBeUndefined();
  expect(encodeRecord(schema, record)).toEqual(bytes);
});

test.each(CASES)("$name says what its JSON form says", async ({ name, schema }) => {
  const record = fromBinary(schema, await bytesOf(name));
  const json = await Bun.file(`${FOLDER}/${name}.json`).json();
  expect(fromJson(schema, json)).toEqual(record);
  expect(toJson(schema, record, { useProtoFieldName: true })).toEqual(json);
});

test.each(CASES)("$name cut at any byte is refused or reads as less", async ({ name, schema }) => {
  const bytes = await bytesOf(name);
  const whole = toBinary(schema, decodeRecord(schema, bytes, name));
  for (let cut = 0; cut < bytes.length; cut++) {
    let read: Uint8Array | undefined;
    try {
      read = encodeRecord(schema, decodeRecord(schema, bytes.subarray(0, cut), name));
    } catch (error) {
      expect(error, `cut at ${cut}`).toMatchObject({ code: "corrupt" });
    }
    // Some cuts fall between optional fields; then nothing else may have changed.
    if (read !== undefined) expect(read, `cut at ${cut}`).toEqual(whole.subarray(0, cut));
  }
});

test("logicalPlanFromProto() reads what Heron wrote", async () => {
  const record = decodeRecord(TopologySchema, await bytesOf("word_count.topologies"), "it");
  const definition = logicalPlanFromProto(record);
  expect(definition.components).toEqual([
    {
      name: "word",
      kind: "spout",
      parallelism: 1,
      config: {},
      outputs: [{ id: "default", fields: ["word"], direct: false }],
      inputs: [],
    },
    {
      name: "consumer",
      kind: "bolt",
      parallelism: 1,
      config: {},
      outputs: [],
      inputs: [{
        component: "word",
        stream: "default",
        grouping: { type: "fields", fields: ["word"] },
      }],
    },
  ]);
  expect(definition.config).toMatchObject({
    "topology.stmgrs": "1",
    "topology.container.cpu": "3.0",
    "topology.enable.message.timeouts": "true",
  });
  // What Java has serialized is not for us.
  expect(definition.config["topology.team.environment"]).toBeUndefined();
});

test("logicalPlanToProto() writes components as Heron wrote them, but for their code", async () => {
  const record = decodeRecord(TopologySchema, await bytesOf("err_topo.topologies"), "it");
  const written = logicalPlanToProto(logicalPlanFromProto(record), record.id);
  const without = [...record.spouts, ...record.bolts].map(({ comp, ...rest }) => ({
    ...rest,
    comp: { name: comp?.name, config: comp?.config },
  }));
  expect([...written.spouts, ...written.bolts]).toMatchObject(without);
});
