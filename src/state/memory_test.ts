import { expect, test } from "bun:test";
import { describeStateManager } from "./conformance.ts";
import { describeLeases } from "./lease/conformance.ts";
import { MemoryState, openMemory } from "./memory.ts";
import type { StateManager } from "./state_manager.ts";

function openTree() {
  const state = new MemoryState();
  return Promise.resolve({
    connect: (): Promise<StateManager> => Promise.resolve(openMemory(state)),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
}

describeStateManager("memory", openTree);
describeLeases("memory", openTree);

test("openMemory() without a tree opens one of its own", async () => {
  await using one = openMemory();
  await using other = openMemory();
  await one.create("a/b", Uint8Array.of(1));
  expect(await other.get("a/b")).toBeUndefined();
});

test("openMemory() has no record below a record, nor where a folder is", async () => {
  await using state = openMemory();
  await state.create("a/b/c", Uint8Array.of(1));
  await expect(state.create("a/b", Uint8Array.of(1))).rejects.toThrow('found "a/b", expected none');
  await expect(state.create("a/b/c/d", Uint8Array.of(1))).rejects.toThrow('found "a/b/c"');
  await expect(state.set("a/b", Uint8Array.of(1), "any")).rejects.toThrow("found none");
  expect([await state.get("a/b"), await state.delete("a/b", "any")]).toEqual([undefined, false]);
});
