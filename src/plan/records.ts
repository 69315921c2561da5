/** The small records that a run writes to the state store, as bytes and back. */

import {
  create,
  type DescMessage,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import { HeronError } from "../base/mod.ts";

/** The bytes of a record. */
export function encodeRecord<Desc extends DescMessage>(
  schema: Desc,
  record: MessageInitShape<Desc>,
): Uint8Array {
  return toBinary(schema, create(schema, record));
}

/**
 * The record in `bytes`.
 * @throws HeronError "corrupt" naming `what` when they are none
 */
export function decodeRecord<Desc extends DescMessage>(
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
      `Read ${what}: found ${bytes.length} B that are no ${schema.typeName} (${found})`,
      { cause },
    );
  }
}
