import { expect, test } from "bun:test";
import fc from "fast-check";
import type { KeyedStateOptions, KeyValue, StateValueKind } from "../api/mod.ts";
import { ByteBuffer, hashValues, indexOfKeyGroup, keyGroupOf } from "../tuples/mod.ts";
import type { ByteKeyedState } from "./byte_keyed_state.ts";
import { KeyedStates } from "./keyed_states.ts";
import { GroupSaver, restoreGroups } from "./saved_group.ts";

const seed = crypto.getRandomValues(new Int32Array(1))[0] ?? 0;
const KEY_GROUPS = 64;

function restoreGroup(state: ByteKeyedState<unknown>, group: number, bytes: Uint8Array): number {
  return restoreGroups(state, [[group, bytes]]);
}

interface Layout {
  readonly kind: StateValueKind;
  readonly key: readonly string[];
  readonly grouped: readonly string[];
}

function statesOf({ kind, key, grouped }: Layout, parallelism: number): ByteKeyedState<unknown>[] {
  return Array.from({ length: parallelism }, (_, index) => {
    const grouping = { type: "fields", fields: grouped } as const;
    const inputs = [{ component: "words", stream: "default", grouping }];
    const keyGroups = KEY_GROUPS;
    const states = new KeyedStates({ component: "count", index, parallelism, inputs, keyGroups });
    const options: KeyedStateOptions = { key, value: kind };
    states.open("counts", options);
    const [state] = states.all();
    if (state === undefined) throw new Error("no state");
    return state;
  });
}

function saveAll(states: readonly ByteKeyedState<unknown>[]): Uint8Array[] {
  const saved: Uint8Array[] = [];
  for (const state of states) {
    const saver = new GroupSaver(state);
    const { first, end } = state.definition.groups;
    for (let group = first; group < end; group++) {
      const buffer = new ByteBuffer(16);
      saver.save(group, buffer);
      saved[group] = buffer.bytes.slice(0, buffer.length);
    }
  }
  return saved;
}

function ownerOf(states: readonly ByteKeyedState<unknown>[], grouped: readonly unknown[]): number {
  return indexOfKeyGroup(keyGroupOf(hashValues(grouped), KEY_GROUPS), KEY_GROUPS, states.length);
}

function contentOf(states: readonly ByteKeyedState<unknown>[]): Map<string, unknown> {
  const entries = states.flatMap((state) => [...state.entries()]);
  return new Map(entries.map(([key, value]) => [Bun.inspect(key), value]));
}

const VALUES: Readonly<Record<StateValueKind, fc.Arbitrary<unknown>>> = {
  int32: fc.integer(),
  float64: fc.double(),
  int64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  any: fc.oneof(
    fc.string(),
    fc.bigInt(),
    fc.constant(null),
    fc.dictionary(fc.string(), fc.integer()),
  ),
};

const keyValue: fc.Arbitrary<KeyValue> = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.integer(),
  fc.bigInt().filter((value) => !Number.isSafeInteger(Number(value))),
  fc.double({ noNaN: true }).map((value) => value === 0 ? 0 : value).filter((value) =>
    Number.isSafeInteger(value) || !Number.isInteger(value)
  ),
  fc.uint8Array({ maxLength: 5 }),
);

for (const kind of ["int32", "float64", "int64", "any"] as const) {
  for (const grouped of [["a"], ["a", "b"]]) {
    test(`A keyed state of ${kind} grouped by ${grouped} moves to another number of tasks`, () => {
      const row = fc.tuple(keyValue, keyValue, VALUES[kind]);
      const tasks = fc.integer({ min: 1, max: 9 });
      fc.assert(
        fc.property(fc.array(row, { maxLength: 200 }), tasks, tasks, (rows, before, after) => {
          const layout = { kind, key: ["a", "b"], grouped };
          const states = statesOf(layout, before);
          for (const [a, b, value] of rows) {
            states[ownerOf(states, [a, b].slice(0, grouped.length))]?.set([a, b], value);
          }
          const saved = saveAll(states);
          expect(saved.length).toBe(KEY_GROUPS);
          const moved = statesOf(layout, after);
          let keys = 0;
          for (const state of moved) {
            const { first, end } = state.definition.groups;
            keys += restoreGroups(state, [...saved.entries()].slice(first, end));
          }
          expect(keys).toBe(contentOf(states).size);
          expect(contentOf(moved)).toEqual(contentOf(states));
          for (const [a, b] of rows) {
            const of = [a, b].slice(0, grouped.length);
            expect(moved[ownerOf(moved, of)]?.get([a, b])).toEqual(
              states[ownerOf(states, of)]?.get([a, b]),
            );
          }
        }),
        { seed, numRuns: 40 },
      );
    });
  }
}

const WORDS: Layout = { kind: "int32", key: ["word"], grouped: ["word"] };

function filled(count: number, layout = WORDS): ByteKeyedState<unknown> {
  const [state] = statesOf(layout, 1);
  if (state === undefined) throw new Error("no state");
  for (let index = 0; index < count; index++) state.set([`word ${index}`], index);
  return state;
}

test("GroupSaver counts the keys of a group and writes the same bytes for the same keys", () => {
  const state = filled(5000);
  const saver = new GroupSaver(state);
  const counts = Array.from({ length: KEY_GROUPS }, (_, group) => saver.keysIn(group));
  expect(counts.reduce((sum, one) => sum + one)).toBe(5000);
  expect(Math.min(...counts)).toBeGreaterThan(20);
  expect(saveAll([state])).toEqual(saveAll([state]));
  const [restored] = statesOf(WORDS, 1);
  if (restored === undefined) throw new Error("no state");
  saveAll([state]).forEach((bytes, group) => {
    expect(restoreGroup(restored, group, bytes)).toBe(counts[group] ?? -1);
  });
  expect(contentOf([restored])).toEqual(contentOf([state]));
});

test("The bytes of a saved group never change", () => {
  const layout = { kind: "int64", key: ["word", "n"], grouped: ["word"] } as const;
  const [state] = statesOf(layout, 1);
  state?.set(["a", 300n], -2n);
  const group = keyGroupOf(hashValues(["a"]), KEY_GROUPS);
  expect(saveAll(state === undefined ? [] : [state])[group]?.toHex()).toBe(
    `9401a5${Buffer.from("int64").toString("hex")}0201a161cd012cfeffffffffffffff`,
  );
});

test("GroupSaver refuses other groups, and keys that came or went meanwhile", () => {
  const state = filled(100);
  const saver = new GroupSaver(state);
  expect(() => saver.save(64, new ByteBuffer(16))).toThrow(
    'Save keyed state "counts" of "count": found key group "64", expected 0 to 63',
  );
  state.set(["word 5"], 6);
  expect(saver.keysIn(0)).toBeGreaterThanOrEqual(0);
  state.set(["new"], 6);
  expect(() => saver.keysIn(0)).toThrow("keys were added or removed meanwhile");
});

test("restoreGroup() refuses bytes of another kind, group or format, and cut ones", () => {
  const bytes = saveAll([filled(500)])[7] ?? new Uint8Array(0);
  const fresh = () => filled(0);
  expect(restoreGroup(fresh(), 7, bytes)).toBeGreaterThan(1);
  expect(() => restoreGroup(fresh(), 8, bytes)).toThrow('key group "8" has a key of another');
  expect(() => restoreGroup(filled(0, { ...WORDS, kind: "float64" }), 7, bytes)).toThrow(
    'Restore keyed state "counts" of "count": found values "int32" and keys of 1 fields saved, expected "float64" and 1',
  );
  const pair = { ...WORDS, key: ["word", "n"] };
  expect(() => restoreGroup(filled(0, pair), 7, bytes)).toThrow("keys of 1 fields saved");
  for (let cut = 0; cut < bytes.length; cut++) {
    const codes: unknown[] = [];
    try {
      restoreGroup(fresh(), 7, bytes.subarray(0, cut));
    } catch (error) {
      codes.push(Object(error).code);
    }
    expect(codes).toEqual(["corrupt"]);
  }
  expect(() => restoreGroup(fresh(), 7, new Uint8Array([...bytes, 0]))).toThrow(
    "more than its keys",
  );
  const many = new Uint8Array([0x94, 1, 0xa5, ...Buffer.from("int32"), 1, 0xce, 127, 0, 0, 0]);
  expect(() => restoreGroup(fresh(), 7, many)).toThrow('key group "7" has 2130706432 keys');
});
