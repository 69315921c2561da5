/**
 * The logical plan as Heron's `Topology` record and back. Configuration values
 * are text in the record, as Heron has them; what reads a number or a boolean
 * takes it from the text.
 */

import { create } from "@bufbuild/protobuf";
import type {
  ComponentDefinition,
  ConfigMap,
  GroupingDefinition,
  InputDefinition,
  StreamDefinition,
  TopologyDefinition,
} from "../api/mod.ts";
import { HeronError } from "../base/mod.ts";
import {
  type Bolt,
  type Config,
  Grouping,
  type InputStream,
  type OutputStream,
  type Topology,
  TopologySchema,
  TopologyState,
  Type,
} from "../base/gen/heron/topology_pb.ts";

const PARALLELISM_KEY = "topology.component.parallelism";

const GROUPING_NUMBERS: Readonly<Record<GroupingDefinition["type"], Grouping>> = Object.freeze({
  shuffle: Grouping.SHUFFLE,
  fields: Grouping.FIELDS,
  all: Grouping.ALL,
  global: Grouping.LOWEST,
  none: Grouping.NONE,
  direct: Grouping.DIRECT,
});

function configToProto(config: ConfigMap): { kvs: { key: string; value: string; type: 1 }[] } {
  return {
    kvs: Object.entries(config).map(([key, value]) => ({ key, value: String(value), type: 1 })),
  };
}

function schemaOf(fields: readonly string[]): { keys: { key: string; type: Type }[] } {
  return { keys: fields.map((key) => ({ key, type: Type.OBJECT })) };
}

function outputsOf(component: ComponentDefinition) {
  return component.outputs.map((stream) => ({
    stream: { id: stream.id, componentName: component.name },
    schema: schemaOf(stream.fields),
  }));
}

function componentOf(component: ComponentDefinition) {
  const config = { [PARALLELISM_KEY]: component.parallelism, ...component.config };
  return { name: component.name, config: configToProto(config) };
}

function inputOf(input: InputDefinition) {
  const { grouping } = input;
  return {
    stream: { id: input.stream, componentName: input.component },
    gtype: GROUPING_NUMBERS[grouping.type],
    ...(grouping.type === "fields" ? { groupingFields: schemaOf(grouping.fields) } : {}),
  };
}

/** The record of `definition` under `topologyId`. */
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
      .map((one) => ({ comp: componentOf(one), outputs: outputsOf(one) })),
    bolts: components.filter((one) => one.kind === "bolt").map((one) => ({
      comp: componentOf(one),
      inputs: one.inputs.map(inputOf),
      outputs: outputsOf(one),
    })),
    state,
    topologyConfig: configToProto({ ...definition.config, "topology.name": definition.name }),
  });
}

function configFromProto(config: Config | undefined): Record<string, string> {
  return Object.fromEntries((config?.kvs ?? []).map(({ key, value }) => [key, value]));
}

function outputsFromProto(outputs: readonly OutputStream[]): StreamDefinition[] {
  return outputs.map((output) => ({
    id: output.stream?.id ?? "",
    fields: (output.schema?.keys ?? []).map(({ key }) => key),
    direct: false,
  }));
}

function inputFromProto(input: InputStream): InputDefinition {
  return {
    component: input.stream?.componentName ?? "",
    stream: input.stream?.id ?? "",
    grouping: groupingFromProto(input),
  };
}

function groupingFromProto(input: InputStream): GroupingDefinition {
  switch (input.gtype) {
    case Grouping.SHUFFLE:
      return { type: "shuffle" };
    case Grouping.FIELDS:
      return { type: "fields", fields: (input.groupingFields?.keys ?? []).map(({ key }) => key) };
    case Grouping.ALL:
      return { type: "all" };
    case Grouping.LOWEST:
      return { type: "global" };
    case Grouping.NONE:
      return { type: "none" };
    case Grouping.DIRECT:
      return { type: "direct" };
    case Grouping.CUSTOM:
      throw new HeronError(
        "corrupt",
        "Read a logical plan: found a custom grouping, expected one this version knows",
      );
  }
}

type ProtoComponent = Pick<Bolt, "comp" | "outputs"> & { inputs?: readonly InputStream[] };

function componentFromProto(kind: "spout" | "bolt", record: ProtoComponent): ComponentDefinition {
  const { [PARALLELISM_KEY]: parallelism, ...config } = configFromProto(record.comp?.config);
  return {
    name: record.comp?.name ?? "",
    kind,
    parallelism: Number(parallelism ?? 1),
    config,
    outputs: outputsFromProto(record.outputs),
    inputs: (record.inputs ?? []).map(inputFromProto),
  };
}

/**
 * The definition in a record; configuration values are text.
 * @throws HeronError "corrupt" when it says what this version does not know
 */
export function logicalPlanFromProto(topology: Topology): TopologyDefinition {
  return {
    name: topology.name,
    config: configFromProto(topology.topologyConfig),
    components: [
      ...topology.spouts.map((spout) => componentFromProto("spout", spout)),
      ...topology.bolts.map((bolt) => componentFromProto("bolt", bolt)),
    ],
  };
}
