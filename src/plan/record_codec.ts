/**
 * Protobuf records as bytes and back, with all required fields checked: the
 * library lets them be missing when it reads, and names only the first one when
 * it writes. Knows no record by name.
 */

import {
  create,
  type DescMessage,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import { isReflectMessage, reflect, type ReflectMessage } from "@bufbuild/protobuf/reflect";
import { FeatureSet_FieldPresence } from "@bufbuild/protobuf/wkt";
import { HeronError } from "../base/mod.ts";

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
  const missing = missingFields(reflect(schema, message));
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
  const missing = missingFields(reflect(schema, message));
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
function missingFields(message: ReflectMessage, path = ""): string[] {
  return message.fields.flatMap((field) => {
    const name = `${path}${field.name}`;
    if (!message.isSet(field)) {
      return field.presence === FeatureSet_FieldPresence.LEGACY_REQUIRED ? [name] : [];
    }
    switch (field.fieldKind) {
      case "message":
        return missingFields(message.get(field), `${name}.`);
      case "list":
        return field.listKind === "message" ? missingInList([...message.get(field)], name) : [];
      default:
        return [];
    }
  });
}

function missingInList(elements: readonly unknown[], name: string): string[] {
  return elements.flatMap((element, index) =>
    isReflectMessage(element) ? missingFields(element, `${name}[${index}].`) : []
  );
}
