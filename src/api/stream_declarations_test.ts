/** Tests of the collector of declared streams. */

import { expect, test } from "bun:test";
import { Fields } from "./fields.ts";
import { StreamDeclarations } from "./stream_declarations.ts";

function declared(declare: (declarations: StreamDeclarations) => void) {
  const faults: string[] = [];
  const declarations = new StreamDeclarations("Owner", faults);
  declare(declarations);
  return { streams: declarations.streams, faults };
}

test("StreamDeclarations keeps streams in order, with all four forms", () => {
  const { streams, faults } = declared((to) => {
    to.declareStream("late", new Fields("a", "b"));
    to.declare(["word"]);
    to.declareStream("told", true, ["n"]);
    to.declareStream("signal", []);
  });
  expect(faults).toEqual([]);
  expect(streams).toEqual([
    { id: "late", fields: ["a", "b"], direct: false },
    { id: "default", fields: ["word"], direct: false },
    { id: "told", fields: ["n"], direct: true },
    { id: "signal", fields: [], direct: false },
  ]);
  expect(declared((to) => to.declare(true, ["n"])).streams).toEqual([
    { id: "default", fields: ["n"], direct: true },
  ]);
});

test("StreamDeclarations lists what is wrong", () => {
  // What a caller without types may do.
  const wrong = (value: unknown) => value as string[];
  const { faults } = declared((to) => {
    to.declare(["x", "x", ""]);
    to.declare(true, ["y"]);
    to.declareStream("__s", ["z"]);
    to.declareStream("t", wrong("word"));
    to.declareStream("u", true, wrong(undefined));
    to.declareStream("v", wrong([5]));
  });
  expect(faults).toEqual([
    'Owner: stream "default" has the field "x" twice',
    'Owner: stream "default" has the field name "", expected non-empty text',
    'Owner: declares stream "default" twice',
    'Owner: declares a stream whose id "__s" begins with "__", which is reserved',
    'Owner: declares stream "t" without a list of fields',
    'Owner: declares stream "u" without a list of fields',
    'Owner: stream "v" has the field name "5", expected non-empty text',
  ]);
});

test("StreamDeclarations takes the outputs of a component: fields, or fields by stream", () => {
  const faults: string[] = [];
  const declarations = new StreamDeclarations('Bolt "b"', faults);
  declarations.declareOutputs(new Fields("word").of<[string]>());
  declarations.declareOutputs({ late: new Fields("word", "count") });
  expect(declarations.streams).toEqual([
    { id: "default", fields: ["word"], direct: false },
    { id: "late", fields: ["word", "count"], direct: false },
  ]);
  expect(faults).toEqual([]);
});

test("StreamDeclarations says what outputs are when they are no fields", () => {
  const faults: string[] = [];
  const declarations = new StreamDeclarations('Bolt "b"', faults);
  for (
    const outputs of ["word", null, ["word"], { a: ["word"], b: {}, c: 7 }, { "x:y": new Fields() }]
  ) {
    declarations.declareOutputs(outputs);
  }
  expect(faults).toEqual([
    'Bolt "b": its outputs are of type string, expected a Fields or an object of them',
    'Bolt "b": its outputs are null, expected a Fields or an object of them',
    'Bolt "b": its outputs are an array, expected a Fields or an object of them',
    'Bolt "b": outputs.a is an array, expected a Fields',
    'Bolt "b": outputs.b is an object of another kind, expected a Fields',
    'Bolt "b": outputs.c is of type number, expected a Fields',
    'Bolt "b": declares a stream whose id "x:y" contains ":"',
  ]);
});
