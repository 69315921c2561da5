/** Tests of the error of a value that cannot be encoded and of its path. */

import { expect, test } from "bun:test";
import { locate, propertyStep, ValueNotEncodable } from "./value_not_encodable.ts";

test("locate() puts its step in front of the path and keeps the reason", () => {
  const inner = new ValueNotEncodable("a hole, expected a value", ".name");
  const outer = locate(inner, "[2]", []);
  expect(outer).toBeInstanceOf(ValueNotEncodable);
  expect(outer).toMatchObject({
    reason: "a hole, expected a value",
    path: "[2].name",
    message: 'Encode a value: at "[2].name" found a hole, expected a value',
  });
});

test("locate() leaves other errors alone", () => {
  const error = new RangeError("full");
  expect(locate(error, "[2]", [])).toBe(error);
});

test("locate() tells a cycle when the container is its own ancestor", () => {
  const cyclic: unknown[] = [];
  const deep = new ValueNotEncodable("too many containers", "[0][0]", cyclic);
  expect(locate(deep, "[0]", cyclic)).toMatchObject({
    reason: "a value that contains itself, expected a tree",
    path: "",
  });
  expect(locate(deep, "[0]", [])).toMatchObject({ reason: "too many containers" });
});

test("propertyStep() quotes keys that are no names", () => {
  expect(propertyStep("name_1")).toBe(".name_1");
  expect(propertyStep("$")).toBe(".$");
  expect(propertyStep("1")).toBe('["1"]');
  expect(propertyStep('a "b"')).toBe('["a \\"b\\""]');
  expect(propertyStep("")).toBe('[""]');
});
