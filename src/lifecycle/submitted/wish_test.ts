import { expect, test } from "bun:test";
import { Activation } from "../../base/gen/heron_bin/submission_pb.ts";
import { readWanted, wantedRecord } from "../../plan/mod.ts";
import { openMemory, topologyPaths } from "../../state/mod.ts";
import { faultOf } from "../../../tests/support/submitted.ts";
import { wish } from "./wish.ts";

const PATH = topologyPaths("words").wanted;

test("wish() of many at once loses none", async () => {
  await using state = openMemory();
  await state.create(PATH, wantedRecord({ activation: Activation.ACTIVE, endReason: "" }));
  await Promise.all(
    Array.from(
      { length: 10 },
      () => wish(state, "words", (wanted) => ({ ...wanted, endReason: `${wanted.endReason}x` })),
    ),
  );
  const found = await state.get(PATH);
  expect(readWanted(found?.bytes ?? new Uint8Array()).endReason).toBe("x".repeat(10));
});

test("wish() for what is so writes nothing", async () => {
  await using state = openMemory();
  const version = await state.create(
    PATH,
    wantedRecord({ activation: Activation.ACTIVE, endReason: "" }),
  );
  await wish(state, "words", (wanted) => wanted);
  expect((await state.get(PATH))?.version).toBe(version);
});

test("wish() says that a topology has no such record, or a damaged one", async () => {
  await using state = openMemory();
  expect(await faultOf(wish(state, "words", (wanted) => wanted))).toStartWith(
    'not_found: Ask topology "words"',
  );
  await state.create(PATH, new Uint8Array([1, 2]));
  expect(await faultOf(wish(state, "words", (wanted) => wanted))).toStartWith("corrupt: ");
});
