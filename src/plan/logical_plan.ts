/**
 * The logical plan as Heron's `Topology` record and back. The record adds what
 * the definition leaves open: the topology's name and its number of key groups
 * stand in its configuration, the parallelism in that of each component.
 */

import { create, isFieldSet, type MessageInitShape } from "@bufbuild/protobuf";
import {
  type ComponentDefinition,
  Config,
  type GroupingDefinition,
  type InputDefinition,
  type StreamDefinition,
  type TopologyDefinition,
} from "../api/mod.ts";
import { HeronError } from "../base/mod.ts";
import {
  type Bolt,
  type ComponentSchema,
  Grouping,
  type InputStream,
  InputStream_Refinement as Refinement,
  InputStreamSchema,
  type OutputStream,
  type OutputStreamSchema,
  type StreamSchemaSchema,
  type Topology,
  TopologySchema,
  TopologyState,
  Type,
} from "../base/gen/heron/topology_pb.ts";
import { configFromProto, configToProto } from "./config_record.ts";
import { keyGroupsOf } from "./key_group_count.ts";

/** Heron's number of a grouping, and what it does not say. */
interface RecordedGrouping {
  readonly gtype: Grouping;
  readonly refinement?: Refinement;
}

const GROUPINGS: Readonly<Record<GroupingDefinition["type"], RecordedGrouping>> = Object.freeze({
  shuffle: { gtype: Grouping.SHUFFLE },
  localOrShuffle: { gtype: Grouping.SHUFFLE, refinement: Refinement.LOCAL_FIRST },
  fields: { gtype: Grouping.FIELDS },
  // As in Storm, where it is a custom grouping.
  partialKey: { gtype: Grouping.CUSTOM, refinement: Refinement.PARTIAL_KEY },
  all: { gtype: Grouping.ALL },
  global: { gtype: Grouping.LOWEST },
  none: { gtype: Grouping.NONE },
  direct: { gtype: Grouping.DIRECT },
  custom: { gtype: Grouping.CUSTOM },
});

const GROUPING_TYPES = Object.keys(GROUPINGS) as GroupingDefinition["type"][]; // of the record above

/**
 * The record of `definition` under `topologyId`; the code of components is not in it.
 * @throws HeronError "invalid_topology" when a parallelism is above the number of key groups
 */
export function logicalPlanToProto(
  definition: TopologyDefinition,
  topologyId: string,
  state: TopologyState = TopologyState.RUNNING,
): Topology {
  const { components } = definition;
  return create(TopologySchema, {
    id: topologyId,
    name: definition.name,
    spouts: components.filter((one) => one.kind === "spout")
      .map((one) => ({ comp: componentToProto(one), outputs: outputsToProto(one) })),
    bolts: components.filter((one) => one.kind === "bolt").map((one) => ({
      comp: componentToProto(one),
      inputs: one.inputs.map(inputToProto),
      outputs: outputsToProto(one),
    })),
    state,
    topologyConfig: configToProto({
      ...definition.config,
      [Config.TOPOLOGY_NAME]: definition.name,
      [Config.TOPOLOGY_KEY_GROUPS]: keyGroupsOf(definition),
    }),
  });
}

function componentToProto(
  component: ComponentDefinition,
): MessageInitShape<typeof ComponentSchema> {
  const { [Config.TOPOLOGY_COMPONENT_PARALLELISM]: _given, ...config } = component.config;
  return {
    name: component.name,
    config: configToProto({
      // As text without more: the very entry that Heron writes.
      [Config.TOPOLOGY_COMPONENT_PARALLELISM]: String(component.parallelism),
      ...config,
    }),
  };
}

function outputsToProto(
  component: ComponentDefinition,
): MessageInitShape<typeof OutputStreamSchema>[] {
  return component.outputs.map((stream) => ({
    stream: { id: stream.id, componentName: component.name },
    schema: schemaToProto(stream.fields),
    ...(stream.direct ? { direct: true } : {}),
  }));
}

function inputToProto(input: InputDefinition): MessageInitShape<typeof InputStreamSchema> {
  const { grouping } = input;
  return {
    stream: { id: input.stream, componentName: input.component },
    ...GROUPINGS[grouping.type],
    ...("fields" in grouping ? { groupingFields: schemaToProto(grouping.fields) } : {}),
  };
}

function schemaToProto(fields: readonly string[]): MessageInitShape<typeof StreamSchemaSchema> {
  return { keys: fields.map((key) => ({ key, type: Type.OBJECT })) };
}

/**
 * The definition in a record.
 * @throws HeronError "corrupt" when it does not hang together or says what this version does not know
 */
export function logicalPlanFromProto(topology: Topology): TopologyDefinition {
  const definition = {
    name: topology.name,
    config: configFromProto(topology.topologyConfig),
    components: [
      ...topology.spouts.map((spout) => componentFromProto("spout", spout)),
      ...topology.bolts.map((bolt) => componentFromProto("bolt", bolt)),
    ],
  };
  checkReferences(definition);
  return definition;
}

type ComponentRecord = Pick<Bolt, "comp" | "outputs"> & { inputs?: readonly InputStream[] };

function componentFromProto(kind: "spout" | "bolt", record: ComponentRecord): ComponentDefinition {
  const name = record.comp?.name ?? "";
  const { [Config.TOPOLOGY_COMPONENT_PARALLELISM]: given, ...config } = configFromProto(
    record.comp?.config,
  );
  const parallelism = given === undefined || given === "" ? NaN : Number(given);
  if (!Number.isSafeInteger(parallelism) || parallelism < 1) {
    throw corrupt(`parallelism ${JSON.stringify(given)} of "${name}"`, "a whole number from 1");
  }
  return {
    name,
    kind,
    parallelism,
    config,
    outputs: record.outputs.map(outputFromProto),
    inputs: (record.inputs ?? []).map(inputFromProto),
  };
}

function outputFromProto(output: OutputStream): StreamDefinition {
  return {
    id: output.stream?.id ?? "",
    fields: (output.schema?.keys ?? []).map(({ key }) => key),
    direct: output.direct,
  };
}

function inputFromProto(input: InputStream): InputDefinition {
  return {
    component: input.stream?.componentName ?? "",
    stream: input.stream?.id ?? "",
    grouping: groupingFromProto(input),
  };
}

function groupingFromProto(input: InputStream): GroupingDefinition {
  const refinement = isFieldSet(input, InputStreamSchema.field.refinement)
    ? input.refinement
    : undefined;
  const type = GROUPING_TYPES.find((one) =>
    GROUPINGS[one].gtype === input.gtype && GROUPINGS[one].refinement === refinement
  );
  if (type === undefined) {
    const refined = refinement === undefined
      ? ""
      : ` refined by ${Refinement[refinement] ?? refinement}`;
    throw corrupt(
      `grouping ${Grouping[input.gtype] ?? input.gtype}${refined}`,
      "one this version knows",
    );
  }
  if (type !== "fields" && type !== "partialKey") return { type };
  return { type, fields: (input.groupingFields?.keys ?? []).map(({ key }) => key) };
}

function checkReferences({ components }: TopologyDefinition): void {
  const streams = new Map<string, Set<string>>();
  for (const { name, outputs } of components) {
    if (streams.has(name)) throw corrupt(`two components "${name}"`, "each name once");
    streams.set(name, new Set(outputs.map(({ id }) => id)));
  }
  for (const { name, inputs } of components) {
    for (const input of inputs) {
      if (streams.get(input.component)?.has(input.stream) === true) continue;
      const found = `input "${input.component}", stream "${input.stream}", of "${name}"`;
      throw corrupt(found, "a declared stream");
    }
  }
}

function corrupt(found: string, expected: string): HeronError {
  return new HeronError("corrupt", `Read a logical plan: found ${found}, expected ${expected}`);
}
