import { expect, test } from "bun:test";
import { takeEpoch } from "./epoch.ts";
import { openMemory } from "./memory.ts";

test("takeEpoch() counts from 1 and goes on behind gaps and foreign names", async () => {
  await using state = openMemory();
  expect(await takeEpoch(state, "heron-bin/t/epochs")).toBe(1);
  expect(await takeEpoch(state, "heron-bin/t/epochs")).toBe(2);
  for (const name of ["10", "readme", "011", "12x"]) {
    await state.create(`heron-bin/t/epochs/${name}`, new Uint8Array());
  }
  expect(await takeEpoch(state, "heron-bin/t/epochs")).toBe(11);
});

test("takeEpoch() passes on what is wrong with the store", async () => {
  const state = openMemory();
  await state.close();
  await expect(takeEpoch(state, "heron-bin/t/epochs")).rejects.toThrow(TypeError);
});
