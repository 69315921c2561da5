import { expect, test } from "bun:test";
import { HeronError, ManualClock } from "../base/mod.ts";
import { MemoryState, openMemory, type StateManager } from "../state/mod.ts";
import { GuardedRecord } from "./guarded_record.ts";

const PATH = "heron-bin/t/plan";
const MINE = { isHeld: () => true, confirm: () => Promise.resolve(true) };
const LOST = { isHeld: () => true, confirm: () => Promise.resolve(false) };

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function textIn(tree: MemoryState): string | undefined {
  const found = tree.get(PATH);
  return found === undefined ? undefined : new TextDecoder().decode(found.bytes);
}

/** A record and the tree it is in; the first writes of its store end as `outcomes` say. */
function open(outcomes: ("refused" | "made")[] = []) {
  const tree = new MemoryState();
  const clock = new ManualClock();
  const memory = openMemory(tree);
  const fail = async <T>(run: () => Promise<T>): Promise<T> => {
    const outcome = outcomes.shift();
    if (outcome !== "refused") {
      const result = await run();
      if (outcome === undefined) return result;
    }
    throw new HeronError("unavailable", "Write: found no store");
  };
  const state: StateManager = {
    get: (path) => memory.get(path),
    create: (path, bytes) => fail(() => memory.create(path, bytes)),
    set: (path, bytes, expected) => fail(() => memory.set(path, bytes, expected)),
    delete: (path, expected) => memory.delete(path, expected),
    list: (folder) => memory.list(folder),
    watch: (path, listener) => memory.watch(path, listener),
    close: () => memory.close(),
    [Symbol.asyncDispose]: () => memory.close(),
  };
  return { tree, clock, record: new GuardedRecord({ state, path: PATH, clock }) };
}

test("GuardedRecord makes the record, then replaces what it wrote", async () => {
  const { tree, record } = open();
  expect(await record.read()).toBeUndefined();
  for (const text of ["a", "b", "c"]) {
    await record.write(bytesOf(text), MINE);
    expect(textIn(tree)).toBe(text);
  }
});

test("GuardedRecord replaces what an older holder wrote meanwhile, once it has looked at it", async () => {
  const { tree, record } = open();
  await record.read();
  tree.set(PATH, bytesOf("older"));
  await record.write(
    bytesOf("mine"),
    MINE,
    (found) => bytesOf(`mine after ${new TextDecoder().decode(found)}`),
  );
  expect(textIn(tree)).toBe("mine after older");
  tree.delete(PATH);
  await record.write(bytesOf("again"), MINE);
  expect(textIn(tree)).toBe("again");
});

test("GuardedRecord leaves what a newer holder wrote, and what it has no lease for", async () => {
  const { tree, record } = open();
  await record.read();
  tree.set(PATH, bytesOf("newer"));
  await expect(record.write(bytesOf("mine"), LOST)).rejects.toThrow("found the lease lost");
  const over = { ...MINE, isHeld: () => false };
  await record.read();
  await expect(record.write(bytesOf("mine"), over)).rejects.toThrow("found the lease lost");
  expect(textIn(tree)).toBe("newer");
});

test("GuardedRecord tries again when the store fails, whether it wrote or not", async () => {
  const { tree, clock, record } = open(["refused", "made", "made", "refused"]);
  await record.read();
  for (const text of ["a", "b"]) {
    const writing = record.write(bytesOf(text), MINE);
    await clock.advance(1000);
    await writing;
    expect(textIn(tree)).toBe(text);
  }
});
