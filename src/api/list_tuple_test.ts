/** Tests of the tuple over a list, and with it of the getters of every tuple. */

import { expect, test } from "bun:test";
import { Fields } from "./fields.ts";
import { createTickTuple, ListTuple } from "./list_tuple.ts";
import { isTick, TupleUtils } from "./tick.ts";
import { tupleText } from "./tuple_base.ts";

const SOURCE = { component: "split", stream: "default", task: 7 } as const;

function tupleOf(values: Record<string, unknown>): ListTuple {
  return new ListTuple(new Fields(Object.keys(values)), Object.values(values), SOURCE);
}

test("ListTuple knows its values, names and source", () => {
  const tuple = tupleOf({ word: "the", count: 2 });
  expect(tuple.size()).toBe(2);
  expect(tuple.getValues()).toEqual(["the", 2]);
  expect(tuple.getValueByField("count")).toBe(2);
  expect(tuple.fieldIndex("count")).toBe(1);
  expect(tuple.contains("word")).toBe(true);
  expect(tuple.contains("words")).toBe(false);
  expect(tuple.select(new Fields("count", "word"))).toEqual([2, "the"]);
  expect(tuple.getSourceComponent()).toBe("split");
  expect(tuple.getSourceStreamId()).toBe("default");
  expect(tuple.getSourceTask()).toBe(7);
});

test("Typed getters give values of their type, by position and by name", () => {
  const bytes = new Uint8Array([1, 2]);
  const tuple = tupleOf({ s: "x", n: 1.5, i: 3, l: 2n ** 60n, b: false, y: bytes });
  expect(tuple.getString(0)).toBe("x");
  expect(tuple.getStringByField("s")).toBe("x");
  expect(tuple.getNumber(1)).toBe(1.5);
  expect(tuple.getNumberByField("n")).toBe(1.5);
  expect(tuple.getDouble(1)).toBe(1.5);
  expect(tuple.getDoubleByField("n")).toBe(1.5);
  expect(tuple.getInteger(2)).toBe(3);
  expect(tuple.getIntegerByField("i")).toBe(3);
  expect(tuple.getLong(3)).toBe(2n ** 60n);
  expect(tuple.getLongByField("i")).toBe(3n);
  expect(tuple.getBoolean(4)).toBe(false);
  expect(tuple.getBooleanByField("b")).toBe(false);
  expect(tuple.getBinary(5)).toBe(bytes);
  expect(tuple.getBinaryByField("y")).toBe(bytes);
});

test("Typed getters refuse values of another type, naming field and source", () => {
  const tuple = tupleOf({ word: null, half: 0.5, big: 2n });
  expect(() => tuple.getString(0)).toThrow(
    'Read field "word" of stream "default" from "split": found null, expected a string',
  );
  expect(() => tuple.getInteger(1)).toThrow(/"half".*found number "0\.5", expected a whole number/);
  expect(() => tuple.getLong(1)).toThrow(TypeError);
  expect(() => tuple.getNumber(2)).toThrow(/found bigint "2", expected a number/);
  expect(() => tuple.getBoolean(0)).toThrow(TypeError);
  expect(() => tuple.getBinary(0)).toThrow(TypeError);
});

test("Getters refuse unknown positions and names", () => {
  const tuple = tupleOf({ word: "a" });
  expect(() => tuple.getValue(1)).toThrow(RangeError);
  expect(() => tuple.getString(-1)).toThrow(RangeError);
  expect(() => tuple.getStringByField("words")).toThrow(RangeError);
});

test("ListTuple refuses another number of values than of fields", () => {
  expect(() => new ListTuple(new Fields("a", "b"), [1], SOURCE)).toThrow(
    /found 1 values, expected 2/,
  );
});

test("tupleText shows source, stream and values, long ones cut", () => {
  const tuple = tupleOf({ a: "x", b: 1, c: new Uint8Array(3), d: { e: 2n }, f: new Set([1]) });
  expect(tupleText(tuple)).toBe(
    'source: split, stream: default, [x, 1, 3 bytes, {"e":"2n"}, Set [1]]',
  );
  expect(String(tupleOf({ a: null }))).toBe("source: split, stream: default, [null]");
  expect(tupleText(tupleOf({ a: "y".repeat(10_000) })).length).toBeLessThan(300);
});

test("isTick() tells ticks from data", () => {
  const tick = createTickTuple();
  expect(isTick(tick)).toBe(true);
  expect(TupleUtils.isTick(tick)).toBe(true);
  expect(tick.size()).toBe(0);
  expect(isTick(tupleOf({}))).toBe(false);
  expect(isTick(new ListTuple(new Fields(), [], { ...SOURCE, stream: "__tick" }))).toBe(false);
});
