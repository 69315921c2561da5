import { expect, test } from "bun:test";
import fc from "fast-check";
import { encodedTuples } from "../../tests/support/encoded_tuples.ts";
import { Fields, type KeyValue, ListTuple, type StateKey } from "../api/mod.ts";
import type { ByteKeyedStateOptions } from "./byte_keyed_state.ts";
import { Float64State, Int32State, Int64State } from "./number_states.ts";

const seed = crypto.getRandomValues(new Int32Array(1))[0] ?? 0;

function optionsOf(fields: readonly string[], grouped = fields.length): ByteKeyedStateOptions {
  const label = 'keyed state "counts" of "count"';
  return {
    name: "counts",
    label,
    fields,
    grouped,
    keyGroups: 1024,
    groups: { first: 0, end: 1024 },
  };
}

/** What is equal as a key is equal as this text. */
function textOf(value: KeyValue): string {
  if (typeof value === "number" && Number.isInteger(value)) return `i${BigInt(value)}`;
  if (typeof value === "bigint") return `i${value}`;
  if (value instanceof Uint8Array) return `b${value.toHex()}`;
  if (Array.isArray(value)) return `[${value.map(textOf).join(",")}]`;
  return `${typeof value} ${JSON.stringify(String(value))}`;
}

const simpleKey: fc.Arbitrary<KeyValue> = fc.oneof(
  fc.string({ maxLength: 3 }),
  fc.string({ minLength: 30, maxLength: 34 }),
  fc.constantFrom("", "a", "é", "x".repeat(300)),
  fc.integer({ min: -200, max: 400 }),
  fc.constantFrom(0, -0, 0n, 1, 1n, 2 ** 32, 2n ** 32n, 2 ** 53, 2n ** 53n, 2n ** 70n, 1e300, NaN),
  fc.constantFrom(0.5, -0.5, Infinity, -(2 ** 40), -(2n ** 40n)),
  fc.boolean(),
  fc.constant(null),
  fc.uint8Array({ maxLength: 3 }),
);
const anyKey: fc.Arbitrary<KeyValue> = fc.oneof(simpleKey, fc.array(simpleKey, { maxLength: 2 }));

interface Step {
  readonly key: readonly KeyValue[];
  readonly action: "add" | "set" | "delete" | "get";
  readonly amount: number;
  readonly asTuple: boolean;
}

function stepOf(length: number): fc.Arbitrary<Step> {
  return fc.record({
    key: fc.array(anyKey, { minLength: length, maxLength: length }),
    action: fc.constantFrom("add", "add", "add", "set", "delete", "get"),
    amount: fc.integer({ min: -1000, max: 1000 }),
    asTuple: fc.boolean(),
  });
}

function takeStep(state: Int32State, map: Map<string, number>, { step, key }: {
  readonly step: Step;
  readonly key: StateKey;
}): void {
  const text = textOf(step.key);
  const before = map.get(text);
  expect(state.has(key)).toBe(before !== undefined);
  expect(state.get(key)).toBe(before);
  if (step.action === "add") {
    map.set(text, (before ?? 0) + step.amount);
    expect(state.add(key, step.amount)).toBe((before ?? 0) + step.amount);
  } else if (step.action === "set") {
    map.set(text, step.amount);
    state.set(key, step.amount);
  } else if (step.action === "delete") expect(state.delete(key)).toBe(map.delete(text));
  expect(state.size).toBe(map.size);
}

for (const keyAt of [[0], [1], [0, 1], [1, 2], [2, 0], [1, 1 + 2]]) {
  for (const isLarge of [false, true]) {
    const size = isLarge ? "a large" : "a small";
    test(`Int32State with ${size} table and the key in fields ${keyAt} holds what a Map would`, () => {
      const names = ["a", "b", "c", "d"];
      const fields = new Fields(names);
      const key = keyAt.map((index) => names[index] ?? "");
      fc.assert(
        fc.property(fc.array(stepOf(keyAt.length), { maxLength: 150 }), (steps) => {
          const state = new Int32State(optionsOf(key));
          // A large table has keys read ahead.
          if (isLarge) state.table.reserve(40_000, 0);
          const map = new Map<string, number>();
          const rows = steps.map((step) =>
            names.map((_, index) =>
              step.key[keyAt.indexOf(index)] ?? (step.key.length > 1 ? 7 : "x")
            )
          );
          const tuples = encodedTuples(fields, rows);
          steps.forEach((step, index) => {
            const asTuple = step.asTuple || step.amount > 0;
            const chosen = asTuple ? tuples[index] ?? step.key : step.key;
            // A null in a key looks like a field that is none of it.
            if (step.key.includes(null)) return;
            takeStep(state, map, { step, key: chosen });
          });
          const entries = [...state].map(([values, value]) => [textOf(values), value] as const);
          expect(new Map(entries)).toEqual(map);
          expect(entries.length).toBe(map.size);
        }),
        { seed, numRuns: 60 },
      );
    });
  }
}

test("Int32State reads tuples in any order, again, and of several batches at a time", () => {
  const fields = new Fields("word", "n");
  const batches = [0, 1].map((batch) =>
    encodedTuples(
      fields,
      Array.from({ length: 300 }, (_, n) => [`word ${(n * 7 + batch) % 90}`, n]),
    )
  );
  const state = new Int32State(optionsOf(["word"]));
  state.table.reserve(40_000, 0);
  const map = new Map<string, number>();
  let at = 1;
  for (let step = 0; step < 20_000; step++) {
    at = (at * 48271) % 2147483647;
    // Mostly onward, sometimes back, sometimes over some.
    const index = at % 5 === 0 ? at % 300 : (step * (1 + step % 3)) % 300;
    const tuple = batches[at % 7 === 0 ? 1 : 0]?.[index];
    if (tuple === undefined) throw new Error("no such tuple");
    const word = tuple.getString(0);
    map.set(word, (map.get(word) ?? 0) + 1);
    expect(state.add(tuple, 1)).toBe(map.get(word) ?? 0);
  }
  expect(new Map([...state].map(([[word], count]) => [String(word), count]))).toEqual(map);
});

test("Int32State takes tuples that came over no wire by their values", () => {
  const source = { component: "words", stream: "default", task: 1 };
  const state = new Int32State(optionsOf(["word"]));
  const tuple = new ListTuple(new Fields("n", "word"), [1, "the"], source);
  expect([state.add(tuple, 2), state.add(["the"], 3), state.get(tuple)]).toEqual([2, 5, 5]);
});

test("Int32State refuses what is no whole number within 32 bits, and changes nothing", () => {
  const state = new Int32State(optionsOf(["word"]));
  state.set(["a"], 2 ** 31 - 1);
  const text = 'to keyed state "counts" of "count": found number';
  expect(() => state.add(["a"], 1)).toThrow(
    new RangeError(`Add ${text} "2147483648", expected a whole number within 32 bits`),
  );
  for (const wrong of [1.5, NaN, 2 ** 31, Infinity]) {
    expect(() => state.add(["b"], wrong)).toThrow(`Add ${text} "${wrong}"`);
    expect(() => state.set(["b"], wrong)).toThrow(`Write ${text} "${wrong}"`);
  }
  expect([...state]).toEqual([[["a"], 2 ** 31 - 1]]);
  expect([state.add(["a"], -(2 ** 31)), state.add(["a"], -0)]).toEqual([-1, -1]);
});

test("Float64State holds any number", () => {
  const state = new Float64State(optionsOf(["k"]));
  const values = [0.1, -0, NaN, Infinity, 5e-324, 2 ** 53];
  values.forEach((value, index) => state.set([index], value));
  // Growth keeps them.
  for (let index = 100; index < 3000; index++) {
    expect(state.add([index], index / 7)).toBe(index / 7);
  }
  values.forEach((value, index) => expect(state.get([index])).toBe(value));
  expect(state.add([0], 0.2)).toBe(0.1 + 0.2);
  // The caller's mistake, which the types tell of too.
  expect(() => state.set([0], "1" as unknown as number)).toThrow(
    'found string "1", expected a number',
  );
});

test("Int64State holds bigints within 64 bits", () => {
  const state = new Int64State(optionsOf(["k"]));
  for (let index = 0; index < 3000; index++) {
    state.set([index], BigInt(index) - 2n ** 63n);
  }
  expect(state.get([7])).toBe(7n - 2n ** 63n);
  expect(state.add([7], 2n ** 63n - 1n)).toBe(6n);
  expect(() => state.add([1], -2n)).toThrow("expected a bigint within 64 bits");
  expect(() => state.add([1], 1 as unknown as bigint)).toThrow('found number "1"'); // the caller's mistake
  expect(() => state.set([1], 2n ** 63n)).toThrow('found bigint "9223372036854775808"');
  expect(state.get([1])).toBe(1n - 2n ** 63n);
});

test("entries() lets keys be deleted and values be set, and ends with an error when a key is added", () => {
  const state = new Int32State(optionsOf(["k"]));
  for (let index = 0; index < 500; index++) state.set([index], index);
  const seen: unknown[] = [];
  for (const [key, value] of state) {
    seen.push(value);
    if (value % 2 === 0) state.delete(key);
    else state.set(key, -value);
  }
  expect(seen).toEqual(Array.from({ length: 500 }, (_, index) => index));
  expect([state.size, state.get([3]), state.has([4])]).toEqual([250, -3, false]);
  const iteration = state.entries();
  iteration.next();
  state.set(["new"], 1);
  expect(() => iteration.next()).toThrow(
    'Iterate over keyed state "counts" of "count": a key was added meanwhile, expected none',
  );
  for (const [key] of state) if (state.size > 1) state.delete(key);
  expect(state.size).toBe(1);
  for (const _ of state) state.clear();
  expect([state.size, ...state]).toEqual([0]);
});
