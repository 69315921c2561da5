import { expect, test } from "bun:test";
import { create } from "@bufbuild/protobuf";
import { drawTopology, randomTopology } from "../../tests/support/definitions.ts";
import { type GroupingDefinition, type ISpout, TopologyBuilder } from "../api/mod.ts";
import {
  Grouping,
  InputStream_Refinement,
  TopologySchema,
  TopologyState,
} from "../base/gen/heron/topology_pb.ts";
import { HeronError, seededRandom } from "../base/mod.ts";
import { logicalPlanFromProto, logicalPlanToProto } from "./logical_plan.ts";
import { decodeRecord, encodeRecord } from "./record_codec.ts";

function roundTrip(record: ReturnType<typeof logicalPlanToProto>) {
  return decodeRecord(TopologySchema, encodeRecord(TopologySchema, record), "the topology");
}

test("logicalPlanFromProto() gives back what logicalPlanToProto() took, and what it recorded", () => {
  for (let seed = 1; seed <= 300; seed++) {
    const definition = randomTopology(seededRandom(seed));
    const record = roundTrip(logicalPlanToProto(definition, "id"));
    expect(logicalPlanFromProto(record), `seed ${seed}`).toEqual({
      ...definition,
      config: { ...definition.config, "topology.name": "random", "topology.key.groups": 1024 },
    });
  }
});

test("logicalPlanToProto() writes what the builder has built", () => {
  const spout: ISpout = { nextTuple() {}, declareOutputFields: (d) => d.declare(["word"]) };
  const builder = new TopologyBuilder("built");
  builder.setSpout("word", spout, 2);
  builder.setBolt("count", { execute() {} }, 3).fieldsGrouping("word", ["word"]);
  const { definition } = builder.createTopology({ "my.key": 5 });
  const record = logicalPlanToProto(definition, "built-1", TopologyState.PAUSED);
  expect(record).toMatchObject({ id: "built-1", name: "built", state: TopologyState.PAUSED });
  expect(record.spouts[0]?.comp?.config?.kvs[0]).toMatchObject({
    key: "topology.component.parallelism",
    value: "2",
  });
  expect(record.bolts[0]?.inputs[0]).toMatchObject({
    stream: { id: "default", componentName: "word" },
    gtype: Grouping.FIELDS,
    groupingFields: { keys: [{ key: "word" }] },
  });
  expect(logicalPlanFromProto(roundTrip(record))).toEqual({
    ...definition,
    config: { ...definition.config, "topology.key.groups": 1024 },
  });
});

test("logicalPlanToProto() records groupings that Heron does not have under one that it has", () => {
  const groupings: readonly GroupingDefinition[] = [
    { type: "shuffle" },
    { type: "localOrShuffle" },
    { type: "partialKey", fields: ["value"] },
    { type: "custom" },
  ];
  const [spout, bolt] = drawTopology("s b").components;
  if (spout === undefined || bolt === undefined) throw new Error("no components");
  const inputs = groupings.map((grouping) => ({ component: "s", stream: "default", grouping }));
  const definition = { ...drawTopology("s b"), components: [spout, { ...bolt, inputs }] };
  const record = roundTrip(logicalPlanToProto(definition, "id"));
  expect(record.bolts[0]?.inputs.map(({ gtype }) => gtype)).toEqual([
    Grouping.SHUFFLE,
    Grouping.SHUFFLE,
    Grouping.CUSTOM,
    Grouping.CUSTOM,
  ]);
  expect(logicalPlanFromProto(record).components[1]?.inputs).toEqual(inputs);
});

test("logicalPlanToProto() refuses more tasks of a component than key groups", () => {
  const config = { "topology.key.groups": 2 };
  expect(() => logicalPlanToProto(drawTopology("s b", { config, parallelism: { b: 3 } }), "id"))
    .toThrow(HeronError);
});

test("logicalPlanFromProto() refuses what does not hang together", () => {
  const spout = (name: string, parallelism = "1") => ({
    comp: {
      name,
      config: { kvs: [{ key: "topology.component.parallelism", value: parallelism }] },
    },
  });
  const read = (parts: object) => () =>
    logicalPlanFromProto(create(TopologySchema, { id: "t", name: "t", ...parts }));
  for (const parallelism of ["", "0", "-1", "1.5", "x"]) {
    expect(read({ spouts: [spout("a", parallelism)] })).toThrow(
      `Read a logical plan: found parallelism "${parallelism}" of "a", expected a whole number`,
    );
  }
  expect(read({ spouts: [{ comp: { name: "a", config: {} } }] })).toThrow("parallelism undefined");
  expect(read({ spouts: [spout("a"), spout("a")] })).toThrow('two components "a"');
  const input = { stream: { id: "x", componentName: "a" }, gtype: Grouping.SHUFFLE };
  expect(read({ spouts: [spout("a")], bolts: [{ ...spout("b"), inputs: [input] }] }))
    .toThrow('found input "a", stream "x", of "b", expected a declared stream');
  const refinement = InputStream_Refinement.LOCAL_FIRST;
  const refined = { ...input, gtype: Grouping.ALL, refinement };
  expect(read({ bolts: [{ ...spout("b"), inputs: [refined] }] }))
    .toThrow("found grouping ALL refined by LOCAL_FIRST, expected one this version knows");
});
