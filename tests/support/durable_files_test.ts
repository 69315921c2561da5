/** The files behind the durable ends: numbered lives, torn records, positions. */

import { afterAll, expect, test } from "bun:test";
import { appendFileSync, mkdtempSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { livesOf, openLife, readPosition, readRecords, storePosition } from "./durable_files.ts";
import { completeSources, readSource, SourceReader, SourceWriter } from "./durable_source.ts";

const root = mkdtempSync(join(tmpdir(), "heron-bin-durable-"));
afterAll(() => rmSync(root, { recursive: true }));

test("openLife() gives each life a file of its own", () => {
  const prefix = join(root, "life-1");
  expect([openLife(prefix).life, openLife(prefix).life]).toEqual([0, 1]);
  openLife(join(root, "life-10"));
  expect(livesOf(prefix)).toEqual([{ path: `${prefix}-0`, life: 0 }, {
    path: `${prefix}-1`,
    life: 1,
  }]);
});

test("readRecords() leaves out what a killed process began", () => {
  const file = openLife(join(root, "torn"));
  writeSync(file.descriptor, new Uint8Array([0, 0, 0, 7, 0, 0, 0, 8, 0, 0]));
  expect(readRecords(file.path, 4).map((view) => view.getUint32(0))).toEqual([7, 8]);
});

test("storePosition() replaces the position; what is none is told", () => {
  const path = join(root, "position");
  expect(readPosition(path)).toBe(0);
  storePosition(path, 12);
  storePosition(path, 5);
  expect(readPosition(path)).toBe(5);
  writeFileSync(path, "5");
  expect(() => readPosition(path)).toThrow("position");
});

test("SourceReader reads what grows, from any offset, and knows the end", () => {
  using writer = new SourceWriter(root, 0, 7);
  using reader = new SourceReader(root, 0);
  expect(reader.at(0)).toBeUndefined();
  writer.append(3000);
  const all = readSource(root, 0);
  expect(all.length).toBe(3000);
  for (const offset of [0, 1, 1500, 2999, 3]) expect(reader.at(offset)).toEqual(all[offset]);
  expect(reader.at(3000)).toBeUndefined();
  expect(reader.isEnd(3000)).toBe(false);
  writer.append(1);
  completeSources(root);
  expect(reader.isEnd(3000)).toBe(false);
  expect(reader.at(3000)?.offset).toBe(3000);
  expect(reader.isEnd(3001)).toBe(true);
});

test("a source is the same for the same seed, and holds 1 to 4 children", () => {
  using first = new SourceWriter(root, 1, 7);
  using second = new SourceWriter(root, 2, 6);
  first.append(100);
  second.append(100);
  const counts = new Set(readSource(root, 1).map(({ children }) => children));
  expect([...counts].sort()).toEqual([1, 2, 3, 4]);
  expect(readSource(root, 1)).not.toEqual(readSource(root, 2));
});

test("a source that is no source is told", () => {
  using writer = new SourceWriter(root, 3, 7);
  writer.append(1);
  appendFileSync(join(root, "source-3"), "0123456x 1\n");
  using reader = new SourceReader(root, 3);
  expect(() => reader.at(1)).toThrow("Read record 1");
});
