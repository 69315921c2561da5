/**
 * Writes the descriptors in generated code in the compact form that
 * src/base/descriptors.ts reads lazily, in place of the encoded file that
 * protobuf-es would decode at each start.
 */

import {
  createFileRegistry,
  type DescEnum,
  type DescField,
  type DescFile,
  type DescMessage,
  type FileRegistry,
  fromBinary,
} from "@bufbuild/protobuf";
import { FeatureSet_FieldPresence, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import type { CompactEnum, CompactFile, CompactMessage } from "../src/base/descriptors.ts";

const ENCODED = /fileDesc\("[^"]*"/;
const IMPORTED = /(import \{[^}]*\} from )"@bufbuild\/protobuf\/codegenv2"/;

/** The descriptors of an encoded `FileDescriptorSet`. */
export function readDescriptorSet(bytes: Uint8Array): FileRegistry {
  return createFileRegistry(fromBinary(FileDescriptorSetSchema, bytes));
}

/** The text of the generated file of `file`, with its descriptor in the compact form. */
export function compactGenerated(text: string, file: DescFile): string {
  if (!ENCODED.test(text) || !IMPORTED.test(text)) {
    throw new Error(`Rewriting the descriptor of ${file.name}: not found in the generated code`);
  }
  const up = "../".repeat(file.name.split("/").length);
  const compact = JSON.stringify(compactFile(file), undefined, 1);
  return text
    .replace(ENCODED, () => `fileDesc(${compact}`)
    .replace(IMPORTED, (_whole, head: string) => `${head}"${up}descriptors.ts"`);
}

/** A file in the compact form. */
export function compactFile(file: DescFile): CompactFile {
  const syntax = file.proto.syntax === "proto3" ? "proto3" : "proto2";
  refuse(file.proto.syntax === "editions", file, "an edition");
  refuse(file.services.length + file.extensions.length > 0, file, "services or extensions");
  return {
    name: file.name,
    package: file.proto.package,
    syntax,
    messages: file.messages.map(compactMessage),
    ...(file.enums.length > 0 && { enums: file.enums.map(compactEnum) }),
  };
}

function compactMessage(message: DescMessage): CompactMessage {
  refuse(message.nestedExtensions.length > 0, message, "extensions");
  const fields = message.fields.map(compactField).join("; ");
  const nested = message.nestedMessages.map(compactMessage);
  const enums = message.nestedEnums.map(compactEnum);
  if (enums.length > 0) return [message.name, fields, nested, enums];
  return nested.length > 0 ? [message.name, fields, nested] : [message.name, fields];
}

function compactEnum({ name, values }: DescEnum): CompactEnum {
  return [name, values.map((value) => `${value.name} ${value.number}`).join("; ")];
}

function compactField(field: DescField): string {
  const { name, number, proto } = field;
  refuse(field.fieldKind === "map", field, "a map");
  refuse(proto.defaultValue !== "", field, "a default value");
  refuse(proto.options !== undefined && proto.options.jstype !== 0, field, "a jstype");
  refuse(field.jsonName !== field.localName, field, "a name in JSON, or one that is reserved");
  return `${name} ${number} ${presenceOf(field)} ${typeOf(field)}`;
}

function presenceOf(field: DescField): string {
  if (field.fieldKind === "list") return field.packed ? "#" : "*";
  if (field.oneof !== undefined) return field.oneof.name;
  switch (field.presence) {
    case FeatureSet_FieldPresence.EXPLICIT:
      return "?";
    case FeatureSet_FieldPresence.IMPLICIT:
      return "=";
    case FeatureSet_FieldPresence.LEGACY_REQUIRED:
      return "!";
  }
}

function typeOf(field: DescField): string {
  if (field.message !== undefined) return field.message.typeName;
  return field.enum === undefined ? String(field.scalar) : `@${field.enum.typeName}`;
}

function refuse(isFound: boolean, where: { toString(): string }, what: string): void {
  if (isFound) {
    throw new Error(`Writing the descriptor of ${where}: found ${what}, which is not kept`);
  }
}
