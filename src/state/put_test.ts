import { expect, test } from "bun:test";
import { openMemory } from "./memory.ts";
import { put } from "./put.ts";

test("put() makes, then replaces", async () => {
  await using state = openMemory();
  const first = await put(state, "a/b", Uint8Array.of(1));
  const second = await put(state, "a/b", Uint8Array.of(2));
  expect(second).not.toBe(first);
  expect(await state.get("a/b")).toEqual({ bytes: Uint8Array.of(2), version: second });
});

test("put() goes on when the record comes or goes between its calls", async () => {
  await using state = openMemory();
  const racing = Object.create(state, {
    set: {
      value: async (path: string, bytes: Uint8Array, expected: string) => {
        const exists = await state.get(path) !== undefined;
        if (exists) return state.set(path, bytes, expected);
        await state.create(path, Uint8Array.of(9));
        throw await state.set("no/record", bytes, "any").catch((thrown: unknown) => thrown);
      },
    },
    create: { value: (path: string, bytes: Uint8Array) => state.create(path, bytes) },
  });
  await put(racing, "a/b", Uint8Array.of(1));
  expect((await state.get("a/b"))?.bytes).toEqual(Uint8Array.of(1));
});
