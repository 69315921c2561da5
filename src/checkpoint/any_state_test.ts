import { expect, test } from "bun:test";
import { ByteBuffer } from "../tuples/mod.ts";
import { AnyState } from "./any_state.ts";
import { GroupSaver } from "./saved_group.ts";

function anyState(): AnyState {
  const label = 'keyed state "orders" of "join"';
  const groups = { first: 0, end: 1 };
  return new AnyState({ name: "orders", label, fields: ["id"], grouped: 1, keyGroups: 1, groups });
}

test("AnyState gives back the very values, also after growth and deletion", () => {
  const state = anyState();
  const values = Array.from({ length: 3000 }, (_, index) => ({ index, list: [index] }));
  values.forEach((value, index) => state.set([index], value));
  for (let index = 0; index < 3000; index += 3) expect(state.delete([index])).toBe(true);
  expect(state.delete([0])).toBe(false);
  for (let index = 0; index < 3000; index += 6) state.set([index], index);
  values.forEach((value, index) => {
    const expected = index % 3 !== 0 ? value : index % 6 === 0 ? index : undefined;
    expect(state.get([index])).toBe(expected);
  });
  state.set([1], null);
  expect([state.get([1]), state.has([1]), state.size]).toEqual([null, true, 2500]);
  state.clear();
  expect([state.size, state.get([1])]).toEqual([0, undefined]);
});

test("AnyState refuses what is no data: at once, or deeper when it is saved", () => {
  const state = anyState();
  for (const wrong of [undefined, () => 1, Symbol("s")]) {
    expect(() => state.set([1], wrong)).toThrow(
      `Write to keyed state "orders" of "join": found ${typeof wrong}, expected null or data`,
    );
  }
  expect(state.size).toBe(0);
  state.set([1].slice(0, 1), { list: [1, undefined] });
  expect(() => new GroupSaver(state).save(0, new ByteBuffer(64))).toThrow(
    'Save keyed state "orders" of "join": the value of key [1]: at ".list[1]" found undefined',
  );
});
