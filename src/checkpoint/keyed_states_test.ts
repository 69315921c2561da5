import { expect, test } from "bun:test";
import type { GroupingDefinition, KeyedStateOptions } from "../api/mod.ts";
import { KeyedStates } from "./keyed_states.ts";

function statesOf(groupings: readonly GroupingDefinition[], parallelism = 4): KeyedStates {
  const inputs = groupings.map((grouping, index) => ({
    component: `source ${index}`,
    stream: "default",
    grouping,
  }));
  return new KeyedStates({ component: "count", index: 1, parallelism, inputs, keyGroups: 1024 });
}

function by(...fields: readonly string[]): GroupingDefinition {
  return { type: "fields", fields };
}

test("KeyedStates takes the fields of the fields grouping as the key, unless told", () => {
  const states = statesOf([by("word"), { type: "all" }, by("word")]);
  const counts = states.open("counts", { value: "int32" });
  expect(counts.definition).toMatchObject({
    fields: ["word"],
    grouped: 1,
    groups: { first: 256, end: 512 },
  });
  const { definition } = states.open("minutes", { key: ["word", "minute"], value: "any" });
  expect(definition).toMatchObject({ fields: ["word", "minute"], grouped: 1 });
  const two = statesOf([by("a"), by("b", "c")]).open("x", { key: ["b", "c"], value: "int64" });
  expect(two.definition).toMatchObject({ fields: ["b", "c"], grouped: 2 });
  const alone = statesOf([{ type: "shuffle" }], 2 - 1);
  expect(() => alone.open("none", { value: "int32" })).toThrow("fields groupings by none");
});

test("KeyedStates lets a single task have any key", () => {
  const inputs = [{ component: "a", stream: "default", grouping: { type: "shuffle" } as const }];
  const states = new KeyedStates({
    component: "count",
    index: 0,
    parallelism: 1,
    inputs,
    keyGroups: 1024,
  });
  const { definition } = states.open("counts", { key: ["a", "b"], value: "float64" });
  expect(definition).toMatchObject({ grouped: 2, groups: { first: 0, end: 1024 } });
});

test("KeyedStates gives the same state for the same name and options", () => {
  const states = statesOf([by("word")]);
  const counts = states.open("counts", { value: "int32" });
  expect(states.open("counts", { key: ["word"], value: "int32" })).toBe(counts);
  expect(states.open("other", { value: "int32" })).not.toBe(counts);
  expect(states.all().map(({ name, kind }) => [name, kind])).toEqual([
    ["counts", "int32"],
    ["other", "int32"],
  ]);
  expect(() => states.open("counts", { value: "float64" })).toThrow(
    'Open keyed state "counts" of "count": found values "float64" and key [word], ' +
      'expected values "int32" and key [word] as when it was asked for first',
  );
  expect(() => states.open("counts", { key: ["word", "n"], value: "int32" })).toThrow(
    "key [word, n], expected",
  );
});

test("KeyedStates refuses keys by which no task is chosen, and unknown kinds", () => {
  const refusal = (groupings: readonly GroupingDefinition[], options: object) => {
    try {
      // Some are the caller's mistake, which the types tell of too.
      statesOf(groupings).open("x", options as KeyedStateOptions);
    } catch (error) {
      return [Object(error).code, Object(error).message.replace(/.*: found /, "")];
    }
    return undefined;
  };
  const begins = "expected a key that begins with the fields of one: they say which task has a key";
  expect(refusal([by("a"), by("b")], { value: "int32" })).toEqual([
    "user_code",
    "no key and fields groupings by [a] and [b], expected one, or a key",
  ]);
  expect(refusal([by("word")], { key: ["n", "word"], value: "int32" })).toEqual([
    "user_code",
    `key [n, word] and fields groupings by [word], ${begins}`,
  ]);
  expect(refusal([{ type: "shuffle" }], { key: ["n"], value: "int32" })?.[1]).toBe(
    `key [n] and fields groupings by none, ${begins}`,
  );
  expect(refusal([by("a"), by("a", "b")], { key: ["a", "b"], value: "int32" })?.[1]).toContain(
    "fields groupings by [a] and [a, b]",
  );
  expect(refusal([by("a")], { key: ["a", "a"], value: "int32" })?.[1]).toBe(
    "key [a, a], expected fields, each once",
  );
  expect(refusal([by("a")], { key: [], value: "int32" })?.[1]).toContain("key []");
  expect(refusal([by("a")], { value: "int16" })?.[1]).toBe(
    'values "int16", expected one of int32, float64, int64, any',
  );
});
