/** Tests of the checks of subscriptions. */

import { expect, test } from "bun:test";
import type { ComponentDefinition, GroupingDefinition, InputDefinition } from "./definition.ts";
import { checkInputs, suggestion } from "./input_checks.ts";

function componentOf(name: string, streams: Record<string, string[]>): ComponentDefinition {
  const outputs = Object.entries(streams).map(([id, fields]) => ({ id, fields, direct: false }));
  return { name, kind: "spout", parallelism: 1, config: {}, outputs, inputs: [] };
}

const SOURCES = [
  componentOf("words", { default: ["word"], pairs: ["left", "right"] }),
  componentOf("named", { odd: ["n"] }),
  componentOf("silent", {}),
  componentOf("signal", { default: [] }),
] as const;

/** An input, written as component, stream, grouping. */
type Subscription = readonly [string, string, GroupingDefinition];

function faultsOf(...subscriptions: readonly Subscription[]): string[] {
  const inputs = subscriptions.map(([component, stream, grouping]): InputDefinition => {
    return { component, stream, grouping };
  });
  const bolt: ComponentDefinition = {
    ...componentOf("b", { default: ["x"] }),
    kind: "bolt",
    inputs,
  };
  const faults: string[] = [];
  checkInputs(bolt, new Map([...SOURCES, bolt].map((one) => [one.name, one])), faults);
  return faults;
}

const SHUFFLE: GroupingDefinition = { type: "shuffle" };

test("checkInputs() accepts every grouping on declared streams, cycles too", () => {
  expect(faultsOf(
    ["words", "default", SHUFFLE],
    ["words", "default", { type: "none" }],
    ["words", "default", { type: "all" }],
    ["words", "default", { type: "global" }],
    ["words", "default", { type: "direct" }],
    ["words", "pairs", { type: "fields", fields: ["right", "left"] }],
    ["b", "default", { type: "fields", fields: ["x"] }],
  )).toEqual([]);
});

test("checkInputs() refuses a bolt without input", () => {
  expect(faultsOf()).toEqual([
    'Bolt "b": has no input, expected a grouping such as shuffleGrouping()',
  ]);
});

test("checkInputs() refuses unknown components, naming the nearest or all", () => {
  expect(faultsOf(["wrods", "default", SHUFFLE], ["sources", "default", SHUFFLE])).toEqual([
    'Bolt "b": input component "wrods" is unknown, did you mean "words"?',
    'Bolt "b": input component "sources" is unknown, expected one of "words", "named", "silent", "signal", "b"',
  ]);
});

test("checkInputs() refuses streams that are not declared, naming those that are", () => {
  expect(faultsOf(
    ["silent", "default", SHUFFLE],
    ["named", "default", SHUFFLE],
    ["words", "pair", { type: "direct" }],
  )).toEqual([
    'Bolt "b": input component "silent" declares no stream, expected "default"',
    'Bolt "b": "named" does not declare stream "default", expected one of "odd"',
    'Bolt "b": "words" does not declare stream "pair", expected one of "default", "pairs"',
  ]);
});

test("checkInputs() refuses fields that the stream does not have", () => {
  expect(faultsOf(
    ["words", "pairs", { type: "fields", fields: ["up", "left", "down"] }],
    ["signal", "default", { type: "fields", fields: ["x"] }],
    ["words", "default", { type: "fields", fields: [] }],
    ["words", "default", { type: "fields", fields: ["word", "word"] }],
  )).toEqual([
    'Bolt "b": fields grouping on stream "pairs" of "words" names "up", "down", expected some of "left", "right"',
    'Bolt "b": fields grouping on stream "default" of "signal" names "x", expected some of no fields',
    'Bolt "b": fields grouping on stream "default" of "words" names no field',
    'Bolt "b": fields grouping on stream "default" of "words" names "word" twice',
  ]);
});

test("checkInputs() accepts a stream by two groupings, not twice by the same", () => {
  expect(faultsOf(["words", "default", SHUFFLE], ["words", "default", { type: "all" }])).toEqual(
    [],
  );
  expect(faultsOf(["words", "default", SHUFFLE], ["words", "default", SHUFFLE])).toEqual([
    'Bolt "b": subscribes twice to stream "default" of "words" by shuffle grouping',
  ]);
});

test("suggestion() says what was meant, what there is, or that there is nothing", () => {
  expect(suggestion("splt", ["split"])).toBe('did you mean "split"?');
  expect(suggestion("xyz", ["split", "count"])).toBe('expected one of "split", "count"');
  expect(suggestion("xyz", [])).toBe("and there are no others");
});
