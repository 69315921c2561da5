/**
 * What every member of `state` does alike, as a suite that each runs on itself. Leases have
 * their own, in `lease/conformance.ts`.
 */

import { describe, expect, test } from "bun:test";
import { HeronError, sleep, systemClock } from "../base/mod.ts";
import { takeEpoch } from "./epoch.ts";
import { RECORD_BYTES_MAX, type StateManager, type Versioned } from "./state_manager.ts";

/** A tree made for one test. */
export interface TestTree extends AsyncDisposable {
  /** Opens one more manager of it. */
  connect(): Promise<StateManager>;
}

/** A slow disk and a slow machine are no reason to fail. */
const WAIT_MS = 30_000;
const WRITERS = 8;

/** Waits until `isSo` says yes, for what a member does in its own time. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const startMs = systemClock.nowMs();
  while (!await isSo()) {
    expect(systemClock.nowMs() - startMs, "waited in vain").toBeLessThan(WAIT_MS);
    await sleep(systemClock, 1);
  }
}

/** The code of the `HeronError` that `promise` rejects with. */
async function codeOf(promise: Promise<unknown>): Promise<string> {
  const [result] = await Promise.allSettled([promise]);
  if (result.status === "fulfilled") return "none";
  return result.reason instanceof HeronError ? result.reason.code : String(result.reason);
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function textOf(value: Versioned | undefined): string | undefined {
  return value === undefined ? undefined : new TextDecoder().decode(value.bytes);
}

/** Adds 1 to the number in a record, as often as it takes. */
async function increment(state: StateManager, path: string): Promise<void> {
  while (true) {
    const value = await state.get(path);
    const next = bytesOf(String(Number(textOf(value)) + 1));
    const code = await codeOf(state.set(path, next, value?.version ?? "none"));
    if (code === "none") return;
    expect(code).toBe("version_conflict");
  }
}

/** Declares the suite for the member `name`; `open` makes a new empty tree. */
export function describeStateManager(name: string, open: () => Promise<TestTree>): void {
  describe(`${name} as a state manager`, () => {
    describeRecords(open);
    describeBorders(open);
    describeRaces(open);
    describeWatches(open);
  });
}

function describeRecords(open: () => Promise<TestTree>): void {
  test("create() makes a record once, get() reads it from any manager", async () => {
    await using tree = await open();
    await using one = await tree.connect();
    await using other = await tree.connect();
    expect(await one.get("topologies/t")).toBeUndefined();
    const version = await one.create("topologies/t", bytesOf("x"));
    expect(await other.get("topologies/t")).toEqual({ bytes: bytesOf("x"), version });
    expect(await codeOf(other.create("topologies/t", bytesOf("y")))).toBe("already_exists");
    expect(textOf(await one.get("topologies/t"))).toBe("x");
  });

  test("set() replaces what it expects, and nothing else", async () => {
    await using tree = await open();
    await using state = await tree.connect();
    expect(await codeOf(state.set("a/b", bytesOf("0"), "any"))).toBe("not_found");
    const first = await state.create("a/b", bytesOf("1"));
    const second = await state.set("a/b", bytesOf("2"), first);
    expect(await codeOf(state.set("a/b", bytesOf("3"), first))).toBe("version_conflict");
    expect(await state.get("a/b")).toEqual({ bytes: bytesOf("2"), version: second });
    await state.set("a/b", bytesOf("4"), "any");
    expect(textOf(await state.get("a/b"))).toBe("4");
    await state.delete("a/b", "any");
    expect(await codeOf(state.set("a/b", bytesOf("5"), second))).toBe("not_found");
  });

  test("versions never come back, not for the same bytes and not after a deletion", async () => {
    await using tree = await open();
    await using state = await tree.connect();
    const versions: string[] = [];
    for (let round = 0; round < 20; round++) {
      const made = await state.create("a/b", bytesOf("same"));
      versions.push(made, await state.set("a/b", bytesOf("same"), made));
      versions.push(await state.set("a/b", bytesOf("same"), "any"));
      expect(await codeOf(state.delete("a/b", made))).toBe("version_conflict");
      expect(await state.delete("a/b", "any")).toBe(true);
    }
    expect(new Set(versions).size).toBe(versions.length);
  });

  test("delete() removes what it expects; that there is none is no error", async () => {
    await using tree = await open();
    await using state = await tree.connect();
    expect(await state.delete("a/b", "any")).toBe(false);
    const first = await state.create("a/b", bytesOf("1"));
    const second = await state.set("a/b", bytesOf("2"), first);
    expect(await codeOf(state.delete("a/b", first))).toBe("version_conflict");
    expect(await state.delete("a/b", second)).toBe(true);
    expect(await state.delete("a/b", second)).toBe(false);
    expect(await state.get("a/b")).toBeUndefined();
    await state.create("a/b", bytesOf("3"));
  });

  test("list() names records and folders, sorted, and nothing of its own", async () => {
    await using tree = await open();
    await using state = await tree.connect();
    for (const path of ["f/b", "f/a", "f/c/d/e", "f/c/x", "heron-bin/t/l"]) {
      await state.create(path, bytesOf(path));
    }
    await state.delete("f/b", "any");
    expect(await state.list("f")).toEqual(["a", "c"]);
    expect(await state.list("f/c")).toEqual(["d", "x"]);
    expect(await state.list("heron-bin")).toEqual(["t"]);
    expect([await state.list("none"), await state.list("f/a")]).toEqual([[], []]);
    await state.delete("f/c/d/e", "any");
    expect(await state.list("f/c")).toEqual(["x"]);
  });
}

function describeBorders(open: () => Promise<TestTree>): void {
  test("records of no byte, of every byte and of many come back as they were", async () => {
    await using tree = await open();
    await using state = await tree.connect();
    const values = [0, 256, 900_000].map((length) => new Uint8Array(length).map((_, at) => at * 7));
    for (const [index, bytes] of values.entries()) {
      await state.create(`f/${index}`, bytes);
      expect((await state.get(`f/${index}`))?.bytes).toEqual(bytes);
    }
    const tooLarge = new Uint8Array(RECORD_BYTES_MAX + 1);
    expect(await codeOf(state.create("f/large", tooLarge))).toBe("limit");
    expect(await codeOf(state.set("f/0", tooLarge, "any"))).toBe("limit");
    expect(await state.list("f")).toEqual(["0", "1", "2"]);
  });

  test("bytes belong to the caller, before and after", async () => {
    await using tree = await open();
    await using state = await tree.connect();
    const bytes = bytesOf("abc");
    const made = state.create("a/b", bytes);
    bytes.fill(0);
    await made;
    (await state.get("a/b"))?.bytes.fill(0);
    expect(textOf(await state.get("a/b"))).toBe("abc");
  });

  test("paths that could leave the tree are refused by every method", async () => {
    await using tree = await open();
    await using state = await tree.connect();
    for (const path of ["", "a", "/a/b", "a//b", "a/../b", "../a", "a/.tmp", "a/b\0", "a\\b/c"]) {
      await expect(state.get(path)).rejects.toThrow(RangeError);
      await expect(state.create(path, bytesOf("x"))).rejects.toThrow(RangeError);
      await expect(state.set(path, bytesOf("x"), "any")).rejects.toThrow(RangeError);
      await expect(state.delete(path, "any")).rejects.toThrow(RangeError);
      await expect(state.watch(path, () => {})).rejects.toThrow(RangeError);
      if (path !== "a") await expect(state.list(path)).rejects.toThrow(RangeError);
    }
  });

  test("a closed manager takes no call, others go on", async () => {
    await using tree = await open();
    const state = await tree.connect();
    await using other = await tree.connect();
    const made = state.create("a/b", bytesOf("x"));
    await state.close();
    await state.close();
    await made;
    await expect(state.get("a/b")).rejects.toThrow(TypeError);
    await expect(state.watch("a/b", () => {})).rejects.toThrow(TypeError);
    expect(textOf(await other.get("a/b"))).toBe("x");
  });
}

function describeRaces(open: () => Promise<TestTree>): void {
  test("set() of many writers at once counts each increment once", async () => {
    await using tree = await open();
    const managers = await Promise.all(Array.from({ length: WRITERS }, () => tree.connect()));
    await managers[0]?.create("a/count", bytesOf("0"));
    await Promise.all(managers.map(async (state) => {
      for (let round = 0; round < 10; round++) await increment(state, "a/count");
    }));
    expect(textOf(await managers[0]?.get("a/count"))).toBe(String(10 * WRITERS));
    for (const state of managers) await state.close();
  });

  test("create() of many at once has one winner, also after a deletion in between", async () => {
    await using tree = await open();
    const managers = await Promise.all(Array.from({ length: WRITERS }, () => tree.connect()));
    for (let round = 0; round < 5; round++) {
      const codes = await Promise.all(
        managers.map((state, index) => codeOf(state.create("a/one", bytesOf(String(index))))),
      );
      expect(codes.filter((code) => code === "none").length).toBe(1);
      expect(codes.filter((code) => code === "already_exists").length).toBe(WRITERS - 1);
      expect(textOf(await managers[0]?.get("a/one"))).toBe(String(codes.indexOf("none")));
      const deleted = await Promise.all(managers.map((state) => state.delete("a/one", "any")));
      expect(deleted.filter((isDeleted) => isDeleted).length).toBe(1);
    }
    for (const state of managers) await state.close();
  });

  test("takeEpoch() gives no number twice to takers at once, and growing ones to each", async () => {
    await using tree = await open();
    const managers = await Promise.all(Array.from({ length: WRITERS }, () => tree.connect()));
    const taken = await Promise.all(managers.map(async (state) => {
      const own: number[] = [];
      for (let round = 0; round < 4; round++) {
        own.push(await takeEpoch(state, "heron-bin/t/epochs"));
      }
      expect(own).toEqual(own.toSorted((a, b) => a - b));
      return own;
    }));
    const all = taken.flat().sort((a, b) => a - b);
    expect(all).toEqual(Array.from({ length: 4 * WRITERS }, (_, index) => index + 1));
    for (const state of managers) await state.close();
  });
}

function describeWatches(open: () => Promise<TestTree>): void {
  test("watch() tells the value at once, then changes by any manager, and deletion", async () => {
    await using tree = await open();
    await using state = await tree.connect();
    await using other = await tree.connect();
    const told: (string | undefined)[] = [];
    using watch = await state.watch("tmanagers/t", (value) => void told.push(textOf(value)));
    expect(told).toEqual([undefined]);
    await other.create("tmanagers/t", bytesOf("1"));
    await until(() => told.at(-1) === "1");
    await state.set("tmanagers/t", bytesOf("2"), "any");
    await until(() => told.at(-1) === "2");
    await other.create("tmanagers/u", bytesOf("of another record"));
    await other.delete("tmanagers/t", "any");
    await until(() => told.length === 4);
    expect(told).toEqual([undefined, "1", "2", undefined]);
    using late = await other.watch("tmanagers/u", (value) => void told.push(textOf(value)));
    expect(told.at(-1)).toBe("of another record");
    late.close();
    watch.close();
  });

  test("watch() sees a record in a folder that comes, goes and comes again", async () => {
    await using tree = await open();
    await using state = await tree.connect();
    await using other = await tree.connect();
    const told: (string | undefined)[] = [];
    using watch = await state.watch("heron-bin/t/f/r", (value) => void told.push(textOf(value)));
    for (const text of ["1", "2"]) {
      await other.create("heron-bin/t/f/r", bytesOf(text));
      await until(() => told.at(-1) === text);
      await other.delete("heron-bin/t/f/r", "any");
      await until(() => told.at(-1) === undefined);
    }
    watch.close();
  });

  test("watch() under a storm of changes tells no older value and always the last", async () => {
    await using tree = await open();
    await using state = await tree.connect();
    await using other = await tree.connect();
    await other.create("a/count", bytesOf("0"));
    const told: number[] = [];
    using watch = await state.watch("a/count", (value) => void told.push(Number(textOf(value))));
    for (let count = 1; count <= 100; count++) {
      await other.set("a/count", bytesOf(String(count)), "any");
    }
    await until(() => told.at(-1) === 100);
    expect(told).toEqual([...new Set(told)].sort((a, b) => a - b));
    watch.close();
  });

  test("a watch that is closed, or whose manager is, tells nothing more", async () => {
    await using tree = await open();
    await using state = await tree.connect();
    const other = await tree.connect();
    const told: string[] = [];
    using open_ = await state.watch("a/b", (value) => void told.push(`open ${textOf(value)}`));
    const closed = await state.watch("a/b", () => void told.push("closed"));
    await other.watch("a/b", () => void told.push("manager closed"));
    closed.close();
    closed.close();
    await other.close();
    await state.create("a/b", bytesOf("1"));
    await until(() => told.includes("open 1"));
    expect(told.sort()).toEqual(["closed", "manager closed", "open 1", "open undefined"]);
    open_.close();
  });
}
