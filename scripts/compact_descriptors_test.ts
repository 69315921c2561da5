import type { DescEnum, DescField, DescFile, DescMessage } from "@bufbuild/protobuf";
import { expect, test } from "bun:test";
import { file_heron_bin_job } from "../src/base/gen/heron_bin/job_pb.ts";
import { file_heron_bin_packet } from "../src/base/gen/heron_bin/packet_pb.ts";
import { file_heron_bin_submission } from "../src/base/gen/heron_bin/submission_pb.ts";
import { file_heron_common } from "../src/base/gen/heron/common_pb.ts";
import { file_heron_execution_state } from "../src/base/gen/heron/execution_state_pb.ts";
import { file_heron_metrics } from "../src/base/gen/heron/metrics_pb.ts";
import { file_heron_packing_plan } from "../src/base/gen/heron/packing_plan_pb.ts";
import { file_heron_physical_plan } from "../src/base/gen/heron/physical_plan_pb.ts";
import { file_heron_scheduler } from "../src/base/gen/heron/scheduler_pb.ts";
import { file_heron_tmanager } from "../src/base/gen/heron/tmanager_pb.ts";
import { file_heron_topology } from "../src/base/gen/heron/topology_pb.ts";
import { compactFile, compactGenerated } from "./compact_descriptors.ts";
import { describeProtos } from "./generated.ts";

const FILES: readonly DescFile[] = [
  file_heron_bin_job,
  file_heron_bin_packet,
  file_heron_bin_submission,
  file_heron_common,
  file_heron_execution_state,
  file_heron_metrics,
  file_heron_packing_plan,
  file_heron_physical_plan,
  file_heron_scheduler,
  file_heron_tmanager,
  file_heron_topology,
];

const REGISTRY = await describeProtos();

test("each file of proto/ is one of those compared here", () => {
  const names = [...REGISTRY.files].map(({ name }) => name).sort();
  expect(FILES.map(({ name }) => name).sort()).toEqual(names);
});

test.each(FILES.map((file) => ({ file, name: file.name })))(
  "the lazy descriptors of $name say what those of protobuf-es say",
  ({ file, name }) => {
    const expected = REGISTRY.getFile(`${name}.proto`);
    if (expected === undefined) throw new Error(`proto/ has no "${name}"`);
    expect(fileShape(file)).toEqual(fileShape(expected));
  },
);

function fileShape(file: DescFile): object {
  const { kind, name, edition, deprecated, dependencies, extensions, services } = file;
  return {
    ...{ kind, name, edition, deprecated, extensions, services, text: String(file) },
    dependencies: dependencies.map(String).sort(),
    enums: file.enums.map(enumShape),
    messages: file.messages.map(messageShape),
  };
}

function enumShape(one: DescEnum): object {
  const { kind, name, typeName, open, deprecated, sharedPrefix } = one;
  const values = one.values.map((value) => ({
    kind: value.kind,
    name: value.name,
    localName: value.localName,
    jsonName: value.jsonName,
    number: value.number,
    deprecated: value.deprecated,
    parent: String(value.parent),
    text: String(value),
  }));
  const file = String(one.file);
  const byNumber = Object.entries(one.value).map(([number, value]) => [number, String(value)]);
  const parent = String(one.parent);
  return { kind, name, typeName, open, deprecated, sharedPrefix, values, byNumber, file, parent };
}

function messageShape(message: DescMessage): object {
  const { kind, name, typeName, deprecated, nestedExtensions } = message;
  return {
    ...{ kind, name, typeName, deprecated, nestedExtensions, text: String(message) },
    file: String(message.file),
    parent: String(message.parent),
    fields: message.fields.map(fieldShape),
    field: Object.entries(message.field).map(([key, field]) => [key, String(field)]),
    members: message.members.map(String),
    oneofs: message.oneofs.map((oneof) => ({
      kind: oneof.kind,
      name: oneof.name,
      localName: oneof.localName,
      deprecated: oneof.deprecated,
      parent: String(oneof.parent),
      fields: oneof.fields.map(String),
    })),
    enums: message.nestedEnums.map(enumShape),
    messages: message.nestedMessages.map(messageShape),
  };
}

/** All but `proto`, which is for generators of code, with what it refers to by name. */
function fieldShape(field: DescField): object {
  const { proto: _, toString: __, getDefaultValue, ...rest } = {
    getDefaultValue: undefined,
    ...field,
  };
  return {
    ...rest,
    text: String(field),
    parent: String(field.parent),
    message: String(field.message),
    enum: String(field.enum),
    oneof: "oneof" in field ? String(field.oneof) : undefined,
    hasDefault: getDefaultValue?.() !== undefined,
    canHaveDefault: getDefaultValue !== undefined,
  };
}

test("compactFile() refuses what the compact form cannot say", () => {
  const common = REGISTRY.getFile("heron/common.proto");
  if (common === undefined) throw new Error("proto/ has no heron/common.proto");
  const [message] = common.messages;
  if (message === undefined) throw new Error("heron/common.proto has no message");
  const [field] = message.fields;
  if (field === undefined) throw new Error("its message has no field");
  function withField(change: object): DescFile {
    // A descriptor with one field changed, as no file of proto/ has it.
    return { ...common, messages: [{ ...message, fields: [{ ...field, ...change }] }] } as DescFile;
  }
  expect(compactFile(withField({})).messages).toHaveLength(1);
  for (
    const change of [
      { fieldKind: "map" },
      { jsonName: "other" },
      { proto: { ...field.proto, defaultValue: "OK" } },
    ]
  ) {
    expect(() => compactFile(withField(change))).toThrow("which is not kept");
  }
});

test("compactGenerated() refuses text that has no encoded descriptor", () => {
  const [file] = REGISTRY.files;
  if (file === undefined) throw new Error("proto/ has no file");
  expect(() => compactGenerated("export {};", file)).toThrow("not found in the generated code");
});
