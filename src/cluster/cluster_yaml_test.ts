/** Tests of reading YAML. */

import { expect, test } from "bun:test";
import { isTree, readYaml } from "./cluster_yaml.ts";

test("readYaml() gives the tree of a text, also of an empty one", () => {
  expect(readYaml("a:\n  b: 1\n")).toEqual({ tree: { a: { b: 1 } } });
  for (const empty of ["", "\n", "# nothing\n"]) expect(readYaml(empty)).toEqual({ tree: {} });
  expect(readYaml("\uFEFFa: 1\r\nb: 2\r\n")).toEqual({ tree: { a: 1, b: 2 } });
});

test.each<readonly [string, number]>([
  ["a: 1\nb: [1, 2\nc: 3\n", 2],
  ["a: 1\n\n\nb: c: d\n", 4],
  ["a: 1\nb:\n\t- x\n", 3],
  ['a: 1\nb: "x\nc: 2\n', 2],
  ["a: *no\n", 1],
])("readYaml() tells the line where %j stops to be YAML", (text, line) => {
  expect(readYaml(text)).toMatchObject({ line, fault: expect.stringContaining("found no YAML") });
});

test("readYaml() refuses what has no keys", () => {
  expect(readYaml("- a\n")).toMatchObject({ line: 1, fault: expect.stringContaining("a list") });
  expect(readYaml("a: 1\n---\nb: 2\n")).toMatchObject({
    fault: expect.stringContaining("several"),
  });
  expect(readYaml("slurm\n")).toMatchObject({ fault: 'found "slurm", expected keys and values' });
});

test("isTree() is for what has keys", () => {
  expect([{}, [], null, "a", undefined].map(isTree)).toEqual([true, false, false, false, false]);
});
