import { expect, test } from "bun:test";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { Config_PlainType, ConfigSchema, ConfigValueType } from "../base/gen/heron/topology_pb.ts";
import { configFromProto, configToProto } from "./config_record.ts";

function read(kvs: MessageInitShape<typeof ConfigSchema>["kvs"]) {
  return configFromProto(create(ConfigSchema, { kvs: kvs ?? [] }));
}

test("configToProto() writes text as Heron does", () => {
  expect(configToProto({ a: "x", b: 2.5, c: false })).toEqual({
    kvs: [
      { key: "a", value: "x", type: ConfigValueType.STRING_VALUE },
      {
        key: "b",
        value: "2.5",
        type: ConfigValueType.STRING_VALUE,
        plainType: Config_PlainType.NUMBER,
      },
      {
        key: "c",
        value: "false",
        type: ConfigValueType.STRING_VALUE,
        plainType: Config_PlainType.BOOLEAN,
      },
    ],
  });
});

test("configFromProto() gives back what configToProto() took", () => {
  const config = {
    text: "text",
    empty: "",
    digits: "17",
    truth: "true",
    integer: 17,
    fraction: 0.1,
    large: 1e300,
    zero: -0,
    yes: true,
    no: false,
    ["__proto__"]: "kept",
  };
  const back = configFromProto(create(ConfigSchema, configToProto(config)));
  expect(Object.entries(back)).toEqual(Object.entries(config));
  expect(Object.is(back["zero"], -0)).toBe(true);
});

test("configFromProto() reads Heron's entries as text, the last of a key", () => {
  expect(read([{ key: "a", value: "1" }, { key: "b", value: "" }, { key: "a", value: "2" }]))
    .toEqual({ a: "2", b: "" });
});

test("configFromProto() leaves out what another language has serialized", () => {
  expect(read([{
    key: "a",
    serializedValue: new Uint8Array([1]),
    type: ConfigValueType.JAVA_SERIALIZED_VALUE,
  }])).toEqual({});
  expect(configFromProto(undefined)).toEqual({});
});

test("configFromProto() refuses numbers and booleans that are none", () => {
  const number = { key: "n", plainType: Config_PlainType.NUMBER };
  expect(() => read([{ ...number, value: " " }])).toThrow('found " ", expected a number');
  expect(() => read([{ ...number, value: "1x" }])).toThrow('Read config "n": found "1x"');
  expect(() => read([{ key: "b", value: "no", plainType: Config_PlainType.BOOLEAN }]))
    .toThrow('found "no", expected "true" or "false"');
});
