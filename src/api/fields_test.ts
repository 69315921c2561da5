/** Tests of the ordered field names. */

import { expect, test } from "bun:test";
import { Fields } from "./fields.ts";

test("Fields keeps names in order and finds them", () => {
  const fields = new Fields("word", "count");
  expect(fields.size()).toBe(2);
  expect([...fields]).toEqual(["word", "count"]);
  expect(fields.toList()).toEqual(["word", "count"]);
  expect(fields.get(1)).toBe("count");
  expect(fields.fieldIndex("count")).toBe(1);
  expect(fields.contains("word")).toBe(true);
  expect(fields.contains("toString")).toBe(false);
  expect(String(fields)).toBe("[word, count]");
});

test("Fields takes one list as well as single names, and none", () => {
  expect(new Fields(["a", "b"]).toList()).toEqual(["a", "b"]);
  expect(new Fields().size()).toBe(0);
});

test("Fields refuses a name that comes twice or is no string", () => {
  expect(() => new Fields("a", "b", "a")).toThrow(TypeError);
  // What a caller without types may do.
  expect(() => new Fields([1 as unknown as string])).toThrow(/type "number"/);
});

test("Fields refuses unknown names and positions", () => {
  const fields = new Fields("a", "b");
  expect(() => fields.fieldIndex("c")).toThrow(/"c": not found, expected one of a, b/);
  expect(() => fields.get(2)).toThrow(RangeError);
  expect(() => fields.get(-1)).toThrow(RangeError);
});

test("Fields.select picks values in the order of the selector", () => {
  const fields = new Fields("a", "b", "c");
  expect(fields.select(new Fields("c", "a"), [1, 2, 3])).toEqual([3, 1]);
  expect(() => fields.select(new Fields("d"), [1, 2, 3])).toThrow(RangeError);
});

test("Fields cannot be changed through its list", () => {
  const given = ["a", "b"];
  const fields = new Fields(given);
  given.push("c");
  expect(fields.size()).toBe(2);
  expect(Object.isFrozen(fields.toList())).toBe(true);
});

test("Fields.of() is for the compiler: nothing happens", () => {
  const fields = new Fields("a", "b");
  expect<unknown>(fields.of<[string, number]>()).toBe(fields);
});
