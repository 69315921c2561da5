import { expect, test } from "bun:test";
import { Fields } from "../../api/mod.ts";
import { ByteBuffer, writeValue } from "../../tuples/mod.ts";
import { TupleView } from "./tuple_view.ts";

const ORIGIN = {
  component: "words",
  stream: "default",
  source: { task: 4, epoch: 1, counter: 1 },
  fields: new Fields("word", "count"),
};

function viewOf(...values: unknown[]): TupleView {
  const buffer = new ByteBuffer(64);
  // Neighbours on both sides, as in a batch.
  writeValue(buffer, "before");
  const start = buffer.length;
  for (const value of values) writeValue(buffer, value);
  const end = buffer.length;
  writeValue(buffer, "after");
  return new TupleView(ORIGIN, {
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
