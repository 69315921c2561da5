/**
 * Protobuf records as bytes and back, with all required fields checked: the
 * library lets them be missing when it reads, and names only the first one when
 * it writes. Knows no record by name.
 */

import {
  create,
  type DescField,
  type DescMessage,
  fromBinary,
  isFieldSet,
  type Message,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import { HeronError } from "../base/mod.ts";

// As protobuf-es numbers it; its enum would bring the descriptors of descriptors along.
const LEGACY_REQUIRED = 3;

/** How many missing fields an error names. */
const MISSING_NAMED_MAX = 5;

/**
 * The bytes of a record.
 * @throws TypeError naming the required fields that are missing
 */
export function encodeRecord<Desc extends DescMessage>(
  schema: Desc,
  record: MessageInitShape<Desc>,
): Uint8Array {
  const message = create(schema, record);
  const missing = missingFields(schema, message);
  if (missing.length > 0) {
    throw new TypeError(`Encode ${schema.typeName}: ${describeMissing(missing)}`);
  }
  return toBinary(schema, message);
}

/**
 * The record in `bytes`; fields that are not known are kept.
 * @throws HeronError "corrupt" naming `what`, and the required fields that are missing
 */
export function decodeRecord<Desc extends DescMessage>(
  schema: Desc,
  bytes: Uint8Array,
  what: string,
): MessageShape<Desc> {
  const message = parse(schema, bytes, what);
  const missing = missingFields(schema, message);
  if (missing.length > 0) {
    throw new HeronError(
      "corrupt",
      `Read ${what}: ${describeMissing(missing)} in ${bytes.length} B of ${schema.typeName}`,
    );
  }
  return message;
}

function parse<Desc extends DescMessage>(
  schema: Desc,
  bytes: Uint8Array,
  what: string,
): MessageShape<Desc> {
  try {
    return fromBinary(schema, bytes);
  } catch (cause) {
    const found = cause instanceof Error ? cause.message : String(cause);
    throw new HeronError(
      "corrupt",
      `Read ${what}: found ${bytes.length} B (${found}), expected a ${schema.typeName}`,
      { cause },
    );
  }
}

function describeMissing(missing: readonly string[]): string {
  const named = missing.slice(0, MISSING_NAMED_MAX).map((path) => `"${path}"`).join(", ");
  const rest = missing.length - MISSING_NAMED_MAX;
  return `found no ${named}${rest > 0 ? ` and ${rest} more` : ""}, expected all required fields`;
}

/** Paths of required fields that are not set, as `container_plans[0].id`. */
function missingFields(schema: DescMessage, message: Message, path = ""): string[] {
  const missing: string[] = [];
  for (const field of schema.fields) {
    const name = `${path}${field.name}`;
    if (!isFieldSet(message, field)) {
      if (Number(field.presence) === LEGACY_REQUIRED) missing.push(name);
    } else if (field.message !== undefined) {
      // A field of a message type holds messages, one or a list of them.
      const value = valueOf(message, field) as Message | readonly Message[];
      missing.push(...missingInside(field.message, value, name));
    }
  }
  return missing;
}

/** The value of a field that is set. */
function valueOf(message: Message, field: DescField): unknown {
  // Messages of a type have its fields, by their local names.
  const values = message as unknown as Readonly<Record<string, unknown>>;
  if (field.fieldKind === "list" || field.oneof === undefined) return values[field.localName];
  // A oneof has the value of the field that is set.
  return (values[field.oneof.localName] as { readonly value?: unknown }).value;
}

function missingInside(
  schema: DescMessage,
  value: Message | readonly Message[],
  name: string,
): string[] {
  if ("$typeName" in value) return missingFields(schema, value, `${name}.`);
  return value.flatMap((one, at) => missingFields(schema, one, `${name}[${at}].`));
}
