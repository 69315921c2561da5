/** Tests of names of files. */

import { expect, test } from "bun:test";
import { fileStemOf } from "./file_stem.ts";

test.each([
  ["/home/u/word_count.ts", "word_count"],
  ["a b/My Topology (2).mts", "My_Topology_2"],
  ["..hidden.js", "hidden"],
  ["名前.ts", "topology"],
  ["x".repeat(100) + ".ts", "x".repeat(64)],
])("fileStemOf(%p) is %p", (file, name) => expect(fileStemOf(file)).toBe(name));
