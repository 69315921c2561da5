/** Tests of what names and ids may be. */

import { expect, test } from "bun:test";
import { ID_LENGTH_MAX, idFault, topologyNameFault } from "./ids.ts";

test("idFault() accepts usual ids", () => {
  for (
    const id of ["word", "split-2", "my spout", "größe", "a.b", "_a", "x".repeat(ID_LENGTH_MAX)]
  ) {
    expect(idFault(id)).toBeUndefined();
  }
});

test("idFault() names what is wrong", () => {
  expect(idFault("")).toBe("is empty");
  expect(idFault("  ")).toBe("is empty");
  expect(idFault("a,b")).toBe('"a,b" contains ","');
  expect(idFault("a:b")).toBe('"a:b" contains ":"');
  expect(idFault("a/b")).toBe('"a/b" contains "/"');
  expect(idFault("a\\b")).toContain("contains");
  expect(idFault("__tick")).toBe('"__tick" begins with "__", which is reserved');
  expect(idFault("a\nb")).toBe('"a\\nb" contains a character that cannot be printed');
  expect(idFault("\udc00")).toContain("cannot be printed");
  expect(idFault("x".repeat(ID_LENGTH_MAX + 1))).toContain("longer than 100");
  expect(idFault(5)).toBe("is of type number, expected a string");
});

test("topologyNameFault() refuses Heron's two characters and the empty name", () => {
  expect(topologyNameFault("word-count")).toBeUndefined();
  expect(topologyNameFault("word:count")).toBeUndefined();
  expect(topologyNameFault("a.b")).toBe('"a.b" contains "."');
  expect(topologyNameFault("a/b")).toBe('"a/b" contains "/"');
  expect(topologyNameFault("")).toBe("is empty");
});
