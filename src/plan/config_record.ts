/**
 * A configuration as Heron's `Config` record and back. Values are text in the
 * record; that a text was a number or a boolean stands in a field of our own, so
 * all values come back as they were. In a record that Heron wrote, all are text.
 */

import { isFieldSet, type MessageInitShape } from "@bufbuild/protobuf";
import type { ConfigMap, ConfigValue } from "../api/mod.ts";
import { HeronError } from "../base/mod.ts";
import {
  type Config,
  type Config_KeyValue,
  Config_KeyValueSchema,
  Config_PlainType,
  type ConfigSchema,
  ConfigValueType,
} from "../base/gen/heron/topology_pb.ts";

/** The record of `config`, entries in its order. */
export function configToProto(config: ConfigMap): MessageInitShape<typeof ConfigSchema> {
  return {
    kvs: Object.entries(config).map(([key, value]) => ({
      key,
      value: Object.is(value, -0) ? "-0" : String(value),
      type: ConfigValueType.STRING_VALUE,
      ...plainTypeOf(value),
    })),
  };
}

function plainTypeOf(value: ConfigValue): { plainType?: Config_PlainType } {
  switch (typeof value) {
    case "number":
      return { plainType: Config_PlainType.NUMBER };
    case "boolean":
      return { plainType: Config_PlainType.BOOLEAN };
    case "string":
      return {};
  }
}

/**
 * The configuration of a record. Of entries with one key the last wins; what
 * another language has serialized is left out.
 * @throws HeronError "corrupt" when a number or boolean is none
 */
export function configFromProto(config: Config | undefined): ConfigMap {
  const readable = (config?.kvs ?? []).filter((entry) =>
    isFieldSet(entry, Config_KeyValueSchema.field.value)
  );
  return Object.fromEntries(readable.map((entry) => [entry.key, plainValue(entry)]));
}

function plainValue({ key, value, plainType }: Config_KeyValue): ConfigValue {
  switch (plainType) {
    case Config_PlainType.TEXT:
      return value;
    case Config_PlainType.NUMBER:
      if (value.trim() === "" || Number.isNaN(Number(value))) break;
      return Number(value);
    case Config_PlainType.BOOLEAN:
      if (value !== "true" && value !== "false") break;
      return value === "true";
  }
  const expected = plainType === Config_PlainType.NUMBER ? "a number" : '"true" or "false"';
  throw new HeronError(
    "corrupt",
    `Read config "${key}": found ${JSON.stringify(value)}, expected ${expected}`,
  );
}
