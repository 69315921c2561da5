import { expect, test } from "bun:test";
import { Activation } from "../base/gen/heron_bin/submission_pb.ts";
import { wantedRecord } from "../plan/mod.ts";
import { openMemory } from "./memory.ts";
import { put } from "./put.ts";
import { topologyPaths } from "./paths.ts";
import { watchActivation } from "./watch_activation.ts";

test("watchActivation() tells what is wanted now and later, and a fault of a damaged record", async () => {
  await using state = openMemory();
  const told: string[] = [];
  const { wanted } = topologyPaths("words");
  using _watch = await watchActivation(state, "words", {
    onActivation: (isActive) => void told.push(isActive ? "active" : "paused"),
    onFault: ({ code }) => void told.push(code),
  });
  expect(told).toEqual([]);
  await put(state, wanted, wantedRecord({ activation: Activation.PAUSED, endReason: "" }));
  await put(state, wanted, new Uint8Array([1]));
  await put(state, wanted, wantedRecord({ activation: Activation.ACTIVE, endReason: "" }));
  expect(told).toEqual(["paused", "corrupt", "active"]);
  const later: boolean[] = [];
  using _later = await watchActivation(state, "words", {
    onActivation: (isActive) => void later.push(isActive),
    onFault: () => {},
  });
  expect(later).toEqual([true]);
});
