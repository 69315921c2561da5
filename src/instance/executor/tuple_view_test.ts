import { expect, test } from "bun:test";
import { Fields } from "../../api/mod.ts";
import { ByteBuffer, writeValue } from "../../tuples/mod.ts";
import { type TupleOrigin, TupleView } from "./tuple_view.ts";

const ORIGIN = {
  component: "words",
  stream: "default",
  source: { task: 4, epoch: 1, counter: 1 },
  fields: new Fields("word", "count"),
};

function viewOf(...values: unknown[]): TupleView {
  return viewIn(ORIGIN, values);
}

function viewIn(origin: TupleOrigin, values: readonly unknown[]): TupleView {
  const buffer = new ByteBuffer(64);
  // Neighbours on both sides, as in a batch.
  writeValue(buffer, "before");
  const start = buffer.length;
  for (const value of values) writeValue(buffer, value);
  const end = buffer.length;
  writeValue(buffer, "after");
  return new TupleView(origin, {
    bytes: buffer.bytes,
    rootsStart: start,
    rootsEnd: start,
    valuesStart: start,
    valuesEnd: end,
  });
}

test("TupleView reads its values from the middle of a batch", () => {
  const view = viewOf("heron", 7);
  expect(view.getValues()).toEqual(["heron", 7]);
  expect(view.getStringByField("word")).toBe("heron");
  expect(view.getInteger(1)).toBe(7);
  expect([view.getSourceComponent(), view.getSourceStreamId(), view.getSourceTask()])
    .toEqual(["words", "default", 4]);
});

test("TupleView decodes once: values keep their identity", () => {
  const view = viewOf({ a: 1 }, 7);
  expect(view.getValue(0)).toBe(view.getValue(0));
});

test("TupleView names what is wrong with a value that is asked for", () => {
  const view = viewOf("heron", 7);
  expect(() => view.getValue(2)).toThrow("expected 0 to 1");
  expect(() => view.getString(1)).toThrow("a string");
  expect(() => view.getValueByField("colour")).toThrow('"colour"');
});

test("TupleView refuses a range with more or fewer values than fields", () => {
  expect(() => viewOf("heron").getValues()).toThrow();
  expect(() => viewOf("heron", 7, 8).getValues()).toThrow("behind its 2 values");
});

const ONE_FIELD = { ...ORIGIN, fields: new Fields("word") };

test("TupleView of one field gives its value by itself and in a list", () => {
  for (const value of ["heron", 7, null, false, { a: 1 }, ["b"]]) {
    const view = viewIn(ONE_FIELD, [value]);
    expect(view.getValue(0)).toEqual(value);
    expect(view.getValues()).toEqual([value]);
    expect(view.getValues()[0]).toBe(view.getValueByField("word"));
    expect(viewIn(ONE_FIELD, [value]).getValues()).toEqual([value]);
  }
});

test("TupleView of one field or none refuses other indexes and other numbers of values", () => {
  for (const index of [-1, 1, 0.5]) {
    expect(() => viewIn(ONE_FIELD, [["b", "c"]]).getValue(index)).toThrow("expected 0 to 0");
  }
  expect(() => viewIn(ONE_FIELD, []).getValue(0)).toThrow();
  expect(() => viewIn(ONE_FIELD, ["heron", 7]).getValue(0)).toThrow("behind its 1 values");
  const none = { ...ORIGIN, fields: new Fields() };
  expect(viewIn(none, []).getValues()).toEqual([]);
  expect(() => viewIn(none, []).getValue(0)).toThrow("not found");
  expect(() => viewIn(none, [7]).getValues()).toThrow("behind its 0 values");
});
