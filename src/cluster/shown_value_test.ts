/** Tests of values in faults. */

import { expect, test } from "bun:test";
import { shownValue } from "./shown_value.ts";

test("shownValue() shows what was given, short", () => {
  const shown = [null, undefined, "", 7, "a", ["a", 1], { a: 1 }, [["a"]], "x".repeat(200)]
    .map((raw) => shownValue(raw));
  expect(shown).toEqual([
    "nothing",
    "nothing",
    "nothing",
    "7",
    '"a"',
    '["a",1]',
    "a section",
    "a list of lists or sections",
    `"${"x".repeat(99)}…`,
  ]);
  expect(shownValue("${A}/b", "/a/b")).toBe('"${A}/b", which is "/a/b"');
});

test("shownValue() does not go through what holds itself", () => {
  const list: unknown[] = [];
  list.push(list);
  expect(shownValue(list)).toBe("a list of lists or sections");
});
