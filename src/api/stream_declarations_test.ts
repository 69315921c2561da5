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
