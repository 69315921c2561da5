/** Tests of finding the lines of keys. */

import { expect, test } from "bun:test";
import { keyLinesOf } from "./yaml_lines.ts";

/** The paths with their lines. */
function found(text: string): Record<string, number> {
  return Object.fromEntries(keyLinesOf(text).lines);
}

test("keyLinesOf() finds keys by their sections", () => {
  const text = [
    "# a comment: no key",
    "scheduler:",
    "  type: slurm # why: because",
    "",
    "  slurm:",
    "    time.limit: 1:30:00",
    '    "quoted key": x',
    "    'it''s': y",
    "state: {root: /a, type: local_fs}",
    "last:",
  ].join("\n");
  expect(found(text)).toEqual({
    "scheduler": 2,
    "scheduler.type": 3,
    "scheduler.slurm": 5,
    "scheduler.slurm.time.limit": 6,
    "scheduler.slurm.quoted key": 7,
    "scheduler.slurm.it's": 8,
    "state": 9,
    "last": 10,
  });
});

test("keyLinesOf() passes over texts, quotes and brackets of several lines", () => {
  const text = [
    "a: |",
    "  no: key",
    "",
    "  nor: this",
    "b: [1,",
    "c: 2, # ] no end",
    "]",
    'd: "x',
    "  e: y",
    '  \\" z: "',
    "f: 'it''s",
    "g: h'",
    "i: >-",
    "    j: k",
    "l: 'a' # 'm: n",
    "o: it's",
    "p: 1",
  ].join("\n");
  expect(Object.keys(found(text))).toEqual(["a", "b", "d", "f", "i", "l", "o", "p"]);
});

test("keyLinesOf() takes items of lists for mappings of their own", () => {
  const text = ["list:", "- a: 1", "  b: 2", "- a: 3", "- - a: 4", "- --x: y", "- plain", "c: 5"];
  const { lines, repeated } = keyLinesOf(text.join("\n"));
  expect(repeated).toEqual([]);
  expect([...lines.keys()]).toEqual(["list", "list.a", "list.b", "list.--x", "c"]);
});

test("keyLinesOf() tells keys that are there twice, in one mapping", () => {
  const text = ["a:", "  x: 1", "  y: 2", "  x: 3", "b:", "  x: 1", "a:", "  z: 1"].join("\r\n");
  expect(keyLinesOf(text).repeated).toEqual([{ path: "a.x", line: 4 }, { path: "a", line: 7 }]);
  expect(keyLinesOf("a: 1\n---\na: 2\n").repeated).toEqual([]);
  expect(keyLinesOf("\uFEFFa: 1\na: 2").repeated).toEqual([{ path: "a", line: 2 }]);
});
